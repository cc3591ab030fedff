"""The cancel dialog: guards against accidental confirmation, and shows the current state of the jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.events import AppBlur, AppFocus, MouseDown, MouseUp, Paste
from textual.pilot import Pilot
from textual.screen import Screen

from tests.timing import ManualClock
from tests.ui.pane_host import DialogHost, frames, lines_on, on_screen, text_on
from widgets.dialogs.cancel import GUARD_SECONDS, CancelDialog, CountField
from widgets.dialogs.model import CancelLine, CancelQuestion


class CancelHost(DialogHost[CancelDialog]):
    """The application, with the clock of the dialog."""

    def __init__(self, question: CancelQuestion) -> None:
        self.clock = ManualClock(1000.0)
        super().__init__(CancelDialog(question, clock=self.clock))

    @property
    def focus_id(self) -> str | None:
        return self.focused.id if self.focused else None

    @property
    def typed(self) -> str:
        return self.dialog.query_one(CountField).value


def question(
    count: int, *, ended: int = 0, hidden: int = 0, note: str = "", marked: int = 0
) -> CancelQuestion:
    lines = tuple(
        CancelLine(f"id-{n}", f"Book {n} [b]", f"abcd{n:04}", "in progress", "Writing", f"{n}%")
        for n in range(count)
    )
    gone = tuple(line._replace(status="completed", cancellable=False) for line in lines[:ended])
    return CancelQuestion(gone + lines[ended:], hidden, note, marked)


@asynccontextmanager
async def opened(
    question: CancelQuestion, *, size: tuple[int, int] = (80, 24), guarded: bool = False
) -> AsyncIterator[tuple[CancelHost, Pilot[None]]]:
    """The dialog on the screen; unless `guarded`, once it takes a yes."""
    async with on_screen(CancelHost(question), size) as (host, pilot):
        host.clock.now += 0.0 if guarded else GUARD_SECONDS + 0.01
        yield host, pilot


@pytest.mark.parametrize("key", ["enter", "escape", "n"])
async def test_keys_that_keep_the_job_running(key: str) -> None:
    async with opened(question(1), guarded=True) as (host, pilot):
        assert host.focus_id == "cancel-keep"
        await pilot.press(key)
    assert host.answers == [()]


@pytest.mark.parametrize("keys", [["y"], ["tab", "enter"], ["right", "enter"]])
async def test_keys_that_cancel_after_the_guard(keys: list[str]) -> None:
    async with opened(question(1), guarded=True) as (host, pilot):
        host.clock.now += 0.39
        await pilot.press(*keys[:1])
        await pilot.click("#cancel-send")
        assert host.focus_id == "cancel-keep"
        assert host.answers == []
        host.clock.now += 0.02
        await pilot.press(*keys, "y", "enter", "n")
    assert host.answers == [("id-0",)], "once"


async def test_the_mouse_answers() -> None:
    for button, answer in (("#cancel-send", ("id-0", "id-1", "id-2")), ("#cancel-keep", ())):
        async with opened(question(3)) as (host, pilot):
            await pilot.click(button)
        assert host.answers == [answer]


async def test_a_press_that_began_too_early_does_not_count() -> None:
    async with opened(question(3), guarded=True) as (host, pilot):
        x, y = host.dialog.query_one("#cancel-send").region.center
        # Straight to the application, as a terminal sends them: it makes the click of the two.
        host.post_message(MouseDown(None, int(x), int(y), 0, 0, 1, False, False, False))
        await pilot.pause()
        host.clock.now += 0.41
        host.post_message(MouseUp(None, int(x), int(y), 0, 0, 1, False, False, False))
        await pilot.pause()
        assert host.answers == []
        assert host.focus_id == "cancel-keep"


async def test_when_the_terminal_regains_the_focus_it_drops_keys_again() -> None:
    async with opened(question(1)) as (host, pilot):
        host.post_message(AppBlur())
        await pilot.pause()
        assert host.focused is None
        host.clock.now += 60
        host.post_message(AppFocus())
        await pilot.press("y", "tab")
        await pilot.click("#cancel-send")
        assert host.answers == []
        assert host.focus_id == "cancel-keep"
        host.clock.now += 0.41
        host.post_message(AppBlur())
        await pilot.press("y")  # without a report of the focus, which it has regained all the same
        assert host.answers == []
        assert host.focus_id == "cancel-keep"
        host.clock.now += 0.41
        await pilot.press("y")
    assert host.answers == [("id-0",)]


@pytest.mark.parametrize("count", [1, 6])
async def test_a_paste_neither_acts_as_keys_nor_types(count: int) -> None:
    async with opened(question(count)) as (host, pilot):
        for text in ("y", "n\n", "6\n"):
            host.post_message(Paste(text))
        await pilot.press("ctrl+v")
        host.post_message(AppBlur())
        host.post_message(Paste("y"))
        await pilot.pause()
        assert (host.answers, host.pasted) == ([], [])
        assert host.screen is host.dialog
        assert count == 1 or not host.typed


async def test_it_shows_every_job_literally() -> None:
    async with opened(question(4, ended=1, hidden=2, note="state last known 9 min ago")) as (host, _):
        shown = text_on(host)
        gone, *lines = (line for line in lines_on(host) if " [b] " in line)
        assert "completed" in gone
        assert "%" not in gone
        assert [line.split()[1:4] for line in lines] == [["Book", number, "[b]"] for number in "123"]
        assert "Cancel 3 jobs?" in shown
        assert "2 of these are hidden by the filter." in shown
        assert "1 of these has ended." in shown
        assert "state last known 9 min ago" in shown
        assert "Keep running" in shown


async def test_an_update_changes_count_and_buttons() -> None:
    async with opened(question(3)) as (host, pilot):
        assert "Cancel 3 jobs?" in text_on(host)
        with frames() as sent:
            host.dialog.update(question(3))
            await pilot.pause()
        assert sent == []
        host.dialog.update(question(3, ended=2))
        await pilot.pause()
        assert "Cancel 1 job?" in text_on(host)
        assert "  Cancel job  " in text_on(host)
        assert host.dialog.query_one("#cancel-send").size.width == len("  Cancel job  ")
        await pilot.press("y")
    assert host.answers == [("id-2",)]


@pytest.mark.parametrize(
    ("count", "heading"), [(1, "Cancel 1 of 14 marked jobs?"), (3, "Cancel 3 of 14 marked jobs?")]
)
async def test_it_says_how_many_marked_jobs_it_leaves_out(count: int, heading: str) -> None:
    async with opened(question(count, marked=14), size=(40, 8)) as (host, _):
        assert heading in lines_on(host)[0]


async def test_when_all_have_ended_nothing_is_cancelled() -> None:
    async with opened(question(1)) as (host, pilot):
        await pilot.press("tab")
        assert host.focus_id == "cancel-send"
        host.dialog.update(question(1, ended=1))
        await pilot.pause()
        assert host.focus_id == "cancel-keep"
        assert "This job has ended." in text_on(host)
        await pilot.press("y", "tab")
        await pilot.click("#cancel-send")
        assert host.answers == []
        await pilot.press("enter")
    assert host.answers == [()]


@pytest.mark.parametrize("size", [(39, 24), (80, 7)], ids=str)
@pytest.mark.parametrize("covered", [False, True])
async def test_a_dialog_that_no_longer_fits_keeps_the_jobs_running(
    size: tuple[int, int], covered: bool
) -> None:
    async with opened(question(1), size=(40, 8)) as (host, pilot):
        if covered:
            await host.push_screen(Screen[None]())
        await pilot.resize_terminal(*size)
        if covered:
            assert host.answers == []
            host.pop_screen()
    assert host.answers == [()]


async def test_the_number_and_enter_cancel_and_other_characters_are_dropped() -> None:
    async with opened(question(6)) as (host, pilot):
        await pilot.press("y", "n", "x", "minus", "space", "j", "²", "٣", "6", "y")
        assert host.typed == "6"
        assert host.answers == []
        await pilot.press("backspace")
        assert host.typed == ""
        await pilot.press("6", "enter")
    assert [len(ids) for ids in host.answers] == [6]


async def test_a_wrong_number_sends_nothing_and_says_so() -> None:
    async with opened(question(6), size=(40, 8)) as (host, pilot):
        for keys, words in (
            (["enter"], "Type the number first. Nothing"),
            (["7", "enter"], "That is not 6. Nothing was cancelled."),
        ):
            await pilot.press(*keys)
            assert host.answers == []
            assert host.typed == ""
            assert words in text_on(host)
            host.dialog.update(question(6, note="state last known 9 min ago"))
            host.dialog.update(question(6))
            await pilot.pause()
            assert words in text_on(host), "also after a refresh"
        host.dialog.update(question(6, ended=6))
        await pilot.press("0", "enter")
        assert host.answers == []
        assert "All of these have ended." in text_on(host)


async def test_digits_and_enter_are_dropped_while_it_is_guarded() -> None:
    async with opened(question(6), guarded=True) as (host, pilot):
        await pilot.press("6", "enter")
        assert (host.typed, host.answers) == ("", [])
        assert "Nothing was cancelled" not in text_on(host)
        host.clock.now += 0.41
        await pilot.press("6")
        host.post_message(AppBlur())
        await pilot.pause()
        host.post_message(AppFocus())
        await pilot.press("enter", "6", "tab")
        assert (host.typed, host.answers) == ("6", [])
        assert isinstance(host.focused, CountField)
        await pilot.press("escape")
    assert host.answers == [()]


async def test_the_number_follows_the_jobs_that_can_still_be_cancelled() -> None:
    async with opened(question(9)) as (host, pilot):
        await pilot.press("9")
        host.dialog.update(question(9, ended=6))
        await pilot.pause()
        assert "Type 3 to cancel all of them:" in text_on(host)
        await pilot.press("enter")
        assert host.answers == []
        await pilot.press("y", "3", "enter")
    assert [len(ids) for ids in host.answers] == [3]


async def test_enter_on_keep_running_keeps() -> None:
    async with opened(question(6)) as (host, pilot):
        await pilot.press("6", "tab", "enter")
    assert host.answers == [()]


@pytest.mark.parametrize("count", [1, 3, 9])
async def test_on_a_low_screen_it_is_as_wide_as_the_screen(count: int) -> None:
    async with opened(question(count), size=(120, 14)) as (host, _):
        assert host.dialog.query_one(".dialog-box").outer_size.width == 120


async def test_it_fits_40x8_and_ten_thousand_jobs() -> None:
    async with opened(question(10_000, ended=1), size=(40, 8)) as (host, pilot):
        lines = lines_on(host)
        assert "Cancel 9999 jobs?" in lines[0]
        assert "Book 0" in lines[1]
        assert "Type 9999" in lines[-3]
        assert "Keep running" in lines[-2]
        assert "Cancel 9999 jobs" in lines[-2]
        assert "Esc keep them running" in lines[-1]
        await pilot.press("pagedown")
        assert "Book 0 " not in text_on(host)
        await pilot.press(*"9999", "enter")
    assert [len(ids) for ids in host.answers] == [9999]


async def test_a_queued_job_says_once_that_it_is_queued() -> None:
    line = CancelLine("id", "A book", "abcd0001", "queued", times="queued since 10:32")
    async with opened(CancelQuestion((line,))) as (host, pilot):
        assert text_on(host).count("queued") == 1
        assert "queued since 10:32" in text_on(host)
        host.dialog.update(CancelQuestion((line._replace(stage="Outline"),)))
        await pilot.pause()
        assert "Outline" in text_on(host)
        assert "queued since 10:32" in text_on(host)
