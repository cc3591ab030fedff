"""The add dialog, and its preview of what would be added."""

from functools import partial
from uuid import UUID

import pytest
from textual.events import AppBlur, Paste

from app.presentation.add_preview import preview
from tests.ui.pane_host import DialogHost, on_screen, text_on
from widgets.dialogs.add import AddDialog, IdField

HINT = "This looks like a token"
TOKEN = "a1b2c3d4e5f6g7h8i9j0"
IDS = [str(UUID(int=n)) for n in range(1, 30)]


def host_of(text: str = "") -> DialogHost[AddDialog]:
    """The dialog, where the first ID is on the list already."""
    return DialogHost(AddDialog(partial(preview, watched=IDS[:1]), text, token_hint=HINT))


async def test_enter_adds_what_is_new() -> None:
    async with on_screen(host_of()) as (host, pilot):
        await pilot.press(*IDS[1][:-1])
        assert "1 line without a job ID" in text_on(host)
        await pilot.press(IDS[1][-1])
        assert "1 new" in text_on(host)
        assert "without a job ID" not in text_on(host)
        host.post_message(Paste(f"\r\n{IDS[0]} {IDS[2]}\r\n"))
        await pilot.pause()
        assert "1 already on the list" in text_on(host)
        assert "Enter add 2 jobs" in text_on(host)
        assert host.answers == []
        await pilot.press("enter", "enter")
    assert host.answers == [(IDS[1], IDS[2])]
    assert host.pasted == []


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "No job ID found yet."), ("words", "No job ID found yet."), (IDS[0], "Nothing new to add.")],
)
async def test_enter_without_a_new_id_says_so_and_stays(text: str, says: str) -> None:
    async with on_screen(host_of(text)) as (host, pilot):
        await pilot.press("enter")
        assert says in text_on(host)
        assert host.answers == []
        await pilot.press("x")
        assert says not in text_on(host)
        await pilot.press("escape")
    assert host.answers == [None]


@pytest.mark.parametrize("at_first", [True, False])
async def test_a_token_is_never_shown_and_what_to_do_with_it_is_said(at_first: bool) -> None:
    text = f"{IDS[1]} {TOKEN}"
    async with on_screen(host_of(text if at_first else "")) as (host, pilot):
        if not at_first:
            host.post_message(Paste(text))
            await pilot.pause()
        assert TOKEN not in text_on(host)
        assert TOKEN not in host.dialog.query_one(IdField).text
        assert HINT in text_on(host)
        assert "1 new" in text_on(host)
        await pilot.press("enter")
    assert host.answers == [(IDS[1],)]


async def test_a_token_that_is_typed_leaves_none_of_its_characters() -> None:
    async with on_screen(host_of()) as (host, pilot):
        await pilot.press("x", "space", *TOKEN, *"QRS-tuv")
        assert host.dialog.query_one(IdField).text == "x ***"
        assert HINT in text_on(host)
        await pilot.press("ctrl+z")
        assert TOKEN not in host.dialog.query_one(IdField).text


async def test_text_without_ids_is_shown_literally() -> None:
    text = "\n".join(["[bold]x[/nope]", "\x1b[31mred\x9b1m", *(f"line {n}" for n in range(50))])
    async with on_screen(host_of(text)) as (host, _):
        shown = text_on(host)
        assert "52 lines without a job ID" in shown
        assert "[bold]x[/nope]" in shown
        assert "and 47 more" in shown or "and 46 more" in shown
        assert not set("\x1b\x9b") & set(shown)
        assert "\x1b" not in host.dialog.query_one(IdField).text


async def test_a_paste_without_focus_is_not_lost() -> None:
    async with on_screen(host_of()) as (host, pilot):
        host.post_message(AppBlur())
        host.post_message(Paste(IDS[5]))
        await pilot.pause()
        assert "1 new" in text_on(host)
        assert host.pasted == []
        assert host.answers == []
