"""The add dialog, and its preview of what would be added."""

from uuid import UUID

import pytest
from textual.events import AppBlur, Paste

from tests.ui.pane_host import DialogHost, lines_on, on_screen, text_on
from widgets.dialogs.add import AddDialog, IdField
from widgets.dialogs.model import AddPreview

IDS = [str(UUID(int=n)) for n in range(1, 30)]


def preview(text: str) -> AddPreview:
    """A word that is a UUID is an ID, the first one of all is known already, every other line is of no use."""
    new: list[str] = []
    known: list[str] = []
    unusable: list[str] = []
    repeated = 0
    for line in filter(None, text.split("\n")):
        try:
            job_id = str(UUID(line.strip()))
        except ValueError:
            unusable.append(line)
            continue
        if job_id in new or job_id in known:
            repeated += 1
        else:
            (known if job_id == IDS[0] else new).append(job_id)
    return AddPreview(tuple(new), tuple(known), repeated, tuple(unusable))


def host_of(text: str = "") -> DialogHost[AddDialog]:
    return DialogHost(AddDialog(preview, text))


async def test_enter_adds_what_was_pasted() -> None:
    async with on_screen(host_of()) as (host, pilot):
        host.post_message(Paste("\r\n".join([IDS[1], "and some words", IDS[0], IDS[2], IDS[1], ""])))
        await pilot.pause()
        shown = text_on(host)
        for part in (
            "2 new",
            "1 already on the list",
            "1 repeated",
            "1 line without a job ID",
            "and some words",
        ):
            assert part in shown
        assert "Enter add 2 jobs" in shown
        assert host.answers == []
        await pilot.press("enter")
    assert host.answers == [(IDS[1], IDS[2])]
    assert host.pasted == []


async def test_it_starts_with_pasted_text_and_escape_adds_nothing() -> None:
    async with on_screen(host_of(f"{IDS[3]}\n")) as (host, pilot):
        assert "1 new" in text_on(host)
        await pilot.press("escape")
    assert host.answers == [None]


async def test_typing_is_looked_at_as_it_goes() -> None:
    async with on_screen(host_of()) as (host, pilot):
        await pilot.press(*IDS[1][:-1])
        await pilot.pause()
        assert "1 line without a job ID" in text_on(host)
        await pilot.press(IDS[1][-1])
        await pilot.pause()
        assert "1 new" in text_on(host)
        assert "without a job ID" not in text_on(host)
        await pilot.press("enter", "enter")
    assert host.answers == [(IDS[1],)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "No job ID found yet."), ("words", "No job ID found yet."), (IDS[0], "Nothing new to add.")],
)
async def test_enter_without_a_new_id_says_so_and_stays(text: str, said: str) -> None:
    async with on_screen(host_of(text)) as (host, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert said in text_on(host)
        assert host.answers == []
        await pilot.press("x")
        await pilot.pause()
        assert said not in text_on(host)


async def test_text_without_ids_is_shown_literally() -> None:
    async with on_screen(
        host_of("\n".join(["[bold]x[/nope]", "\x1b[31mred\x9b1m", *(f"line {n}" for n in range(50))]))
    ) as (host, _):
        shown = text_on(host)
        assert "52 lines without a job ID" in shown
        assert "[bold]x[/nope]" in shown
        assert "and 47 more" in shown or "and 46 more" in shown
        assert "\x1b" not in shown
        assert "\x9b" not in shown
        assert "\x1b" not in host.dialog.query_one(IdField).text


async def test_all_of_it_fits_40x10() -> None:
    async with on_screen(host_of("\n".join([*IDS, *(f"no id {n}" for n in range(9))])), (40, 10)) as (
        host,
        _,
    ):
        lines = lines_on(host)
        assert "Add jobs" in lines[0]
        shown = " ".join(lines)
        for part in (
            "28 new",
            "1 already on the list",
            "9 lines without a job ID",
            "no id 0",
            "more",
            "no id 8",
        ):
            assert part in shown
        assert "Enter add 28 jobs   Esc close" in lines[-1]


async def test_a_paste_without_focus_is_not_lost() -> None:
    async with on_screen(host_of()) as (host, pilot):
        host.post_message(AppBlur())
        host.post_message(Paste(IDS[5]))
        await pilot.pause()
        assert "1 new" in text_on(host)
        assert host.pasted == []
        assert host.answers == []
