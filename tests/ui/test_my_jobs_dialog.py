"""The dialog that offers the user's own jobs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.timing import eventually
from tests.ui.pane_host import DialogHost, lines_on, on_screen, text_on
from widgets.dialogs.model import ListedJobLine
from widgets.dialogs.my_jobs import MyJobsDialog

IDS = [str(UUID(int=number)) for number in range(1, 60)]
LINES = (
    ListedJobLine(IDS[0], "Salt Roads", "in progress", "08:17", chosen=True),
    ListedJobLine(IDS[1], "Night Trains", "queued", "10:32", chosen=True),
    ListedJobLine(IDS[2], "Water meters [/bold]", "completed", "Nov 24 09:00"),
    ListedJobLine(IDS[3], "Tide tables", "failed", "Nov 23 09:00"),
    ListedJobLine(IDS[4], "Salt prices", "completed", "Nov 22 09:00", known=True),
)


@asynccontextmanager
async def offered(
    lines: Sequence[ListedJobLine] = LINES, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[DialogHost[MyJobsDialog], Pilot[None]]]:
    async with on_screen(DialogHost(MyJobsDialog("Asking the API for your jobs.")), size) as (host, pilot):
        host.dialog.show(lines)
        await eventually(lambda: lines[0].title in text_on(host))
        yield host, pilot


def line_of(host: DialogHost[MyJobsDialog], title: str) -> str:
    return next(line for line in lines_on(host) if title in line)


async def test_enter_adds_the_chosen_ones() -> None:
    async with offered() as (host, pilot):
        assert "Enter add 2" in text_on(host)
        await pilot.press("enter")
    assert host.answers == [(IDS[0], IDS[1])]


async def test_jobs_are_drawn_in_full_even_if_they_come_before_the_list_has_a_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with on_screen(DialogHost(MyJobsDialog("Asking the API for your jobs."))) as (host, pilot):
        monkeypatch.setattr(host.dialog, "call_after_refresh", lambda call: call())
        host.dialog.show(LINES)
        await pilot.pause()
        assert "[x] Salt Roads" in line_of(host, "Salt Roads")
        assert "in progress" in line_of(host, "Salt Roads")


async def test_in_16_colours_the_line_under_the_cursor_can_be_read() -> None:
    async with offered() as (host, pilot):
        host.theme = "ansi-dark"
        await pilot.pause()
        words = [
            segment.style
            for segment in host.dialog.query_one(OptionList).render_line(0)
            if segment.text.strip()
        ]
        assert words
        assert all(style and style.underline for style in words)
        assert all(style and (style.bgcolor is None or style.bgcolor.is_default) for style in words)


async def test_escape_and_an_empty_list_add_nothing() -> None:
    async with on_screen(DialogHost(MyJobsDialog("Asking the API for your jobs."))) as (host, pilot):
        await pilot.press("enter", "space", "asterisk", "down")
        assert "Asking the API for your jobs." in text_on(host)
        assert host.answers == []
        host.dialog.show_message("this DeepWriter API offers no list of jobs; add IDs with a", failed=True)
        await pilot.press("enter")
        assert "offers no list of jobs; add IDs with a" in text_on(host)
        assert host.answers == []
        await pilot.press("escape")
    assert host.answers == [None]


async def test_a_paste_of_several_lines_filters() -> None:
    async with offered() as (host, pilot):
        host.post_message(Paste("salt\x07\nroads\n"))
        await pilot.pause()
        assert "Salt Roads" in text_on(host)
        assert "Salt prices" not in text_on(host)


async def test_where_all_are_on_the_list_only_closing_is_offered() -> None:
    async with offered(LINES[-1:]) as (host, _):
        assert "Esc close" in text_on(host)
        assert "space" not in text_on(host)
        assert "chosen" not in text_on(host)
        assert "1 already on the list" in text_on(host)


async def test_space_chooses_and_those_on_the_list_cannot_be() -> None:
    async with offered() as (host, pilot):
        await pilot.press("space", "down", "down", "space")
        assert "[ ] Salt Roads" in line_of(host, "Salt Roads")
        assert "[x] Water meters [/bold]" in line_of(host, "Water")
        await pilot.press("pagedown", "space")
        assert "2 of 5 chosen" in text_on(host)
        for chosen in (4, 0):
            await pilot.press("asterisk")
            assert f"{chosen} of 5 chosen" in text_on(host)
        await pilot.press("enter")
        assert "Nothing is chosen; space chooses a job." in text_on(host)
        assert host.answers == []
        await pilot.press("pageup", "down", "space", "enter")
    assert host.answers == [(IDS[1],)]


async def test_typing_filters_and_what_it_hides_stays_chosen_and_is_counted() -> None:
    async with offered() as (host, pilot):
        await pilot.press(*"salt")
        assert "Night Trains" not in text_on(host)
        assert "2 of 5 chosen   1 of these hidden by the filter" in text_on(host)
        await pilot.press(*"xx")
        assert 'No job matches "saltxx"' in text_on(host)
        await pilot.press("space", "escape")
        assert "Night Trains" in text_on(host)
        assert host.answers == []
        await pilot.press("T", "i", "d", "space", "enter")
    assert host.answers == [(IDS[0], IDS[1], IDS[3])]


async def test_a_click_chooses_and_the_keys_still_filter() -> None:
    async with offered() as (host, pilot):
        y = next(at for at, line in enumerate(lines_on(host)) if "Tide tables" in line)
        await pilot.click(offset=(20, y))
        assert "[x] Tide tables" in line_of(host, "Tide tables")
        await pilot.press(*"tide")
        assert "Salt Roads" not in text_on(host)


async def test_it_fits_into_any_pane_and_follows_a_resize() -> None:
    many = [
        ListedJobLine(job_id, f"Job {at}", "queued", "10:32", chosen=True) for at, job_id in enumerate(IDS)
    ]
    async with offered(many, (40, 8)) as (host, pilot):
        await pilot.resize_terminal(100, 30)
        line, options = line_of(host, "Job 0 "), host.dialog.query_one(OptionList)
        assert options.show_vertical_scrollbar
        end = line.index("10:32") + len("10:32")
        assert end == options.scrollable_content_region.right - 1, "the scroll bar stays clear of the times"
        await pilot.press(*["pagedown"] * 5)
        assert "Job 58" in text_on(host)
