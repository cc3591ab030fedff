"""The cancel dialog: no slip of the hand cancels, keeping is always possible, and what it says is current."""

import pytest
from textual.events import AppBlur, AppFocus, MouseDown, MouseUp, Paste
from textual.screen import Screen

from tests.ui.cancel_host import CancelHost, listen
from tests.ui.pane_host import lines_on, painted, text_on
from widgets.dialogs.cancel import CancelDialog
from widgets.model import CancelLine, CancelQuestion


def _question(count: int, *, ended: int = 0, hidden: int = 0, note: str = "") -> CancelQuestion:
    lines = tuple(
        CancelLine(f"id-{n}", f"Book {n} [b]", f"abcd{n:04}", "in progress", "Writing", f"{n}%")
        for n in range(count)
    )
    gone = tuple(line._replace(status="completed", cancellable=False) for line in lines[:ended])
    return CancelQuestion(gone + lines[ended:], hidden, note)


@pytest.mark.parametrize("key", ["enter", "escape", "n"])
async def test_these_keep_the_job_running_at_once(key: str) -> None:
    host = CancelHost(_question(1))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert host.focus_id == "cancel-keep"
        await pilot.press(key)
        await pilot.pause()
    assert host.answers == [()]


@pytest.mark.parametrize("keys", [["y"], ["tab", "enter"], ["right", "enter"]])
async def test_these_cancel_it_once_the_guard_is_over(keys: list[str]) -> None:
    host = CancelHost(_question(1))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        host.clock.now += 0.39
        await pilot.press(*keys[:1])
        await pilot.click("#cancel-send")
        assert host.focus_id == "cancel-keep"
        assert host.answers == []
        host.clock.now += 0.02
        await pilot.press(*keys)
        await pilot.pause()
    assert host.answers == [("id-0",)]


async def test_the_mouse_answers_too() -> None:
    for button, answer in (("#cancel-send", ("id-0", "id-1", "id-2")), ("#cancel-keep", ())):
        host = CancelHost(_question(3))
        async with host.run_test(size=(80, 24)) as pilot:
            await listen(pilot, host)
            await pilot.click(button)
            await pilot.pause()
        assert host.answers == [answer]


async def test_a_press_that_began_too_early_does_not_count() -> None:
    host = CancelHost(_question(3))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        x, y = host.dialog.query_one("#cancel-send").region.center
        # Straight to the application, as a terminal sends them: it makes the click of the two.
        host.post_message(MouseDown(None, int(x), int(y), 0, 0, 1, False, False, False))
        await pilot.pause()
        host.clock.now += 0.41
        host.post_message(MouseUp(None, int(x), int(y), 0, 0, 1, False, False, False))
        await pilot.pause()
        assert host.answers == []
        assert host.focus_id == "cancel-keep"
        host.post_message(MouseDown(None, int(x), int(y), 0, 0, 1, False, False, False))
        host.post_message(MouseUp(None, int(x), int(y), 0, 0, 1, False, False, False))
        await pilot.pause()
    assert host.answers == [("id-0", "id-1", "id-2")]


async def test_when_the_terminal_regains_the_focus_it_drops_keys_again() -> None:
    host = CancelHost(_question(1))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
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
        await pilot.press("y")
        await pilot.pause()
    assert host.answers == [("id-0",)]


async def test_a_key_that_arrives_without_the_focus_counts_as_regaining_it() -> None:
    host = CancelHost(_question(1))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        host.post_message(AppBlur())
        await pilot.press("y")
        assert host.answers == []
        assert host.focus_id == "cancel-keep"


async def test_many_quick_presses_answer_once() -> None:
    host = CancelHost(_question(2))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        await pilot.press("y", "y", "enter", "y", "n")
        await pilot.pause()
    assert host.answers == [("id-0", "id-1")]


async def test_a_paste_does_not_act_as_keys() -> None:
    host = CancelHost(_question(1))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        for text in ("y", "n\n", "yyyy\n"):
            host.post_message(Paste(text))
        await pilot.pause()
        host.post_message(AppBlur())
        host.post_message(Paste("y"))
        await pilot.pause()
        assert (host.answers, host.pasted) == ([], [])
        assert host.screen is host.dialog


async def test_it_shows_every_job_literally() -> None:
    host = CancelHost(_question(4, ended=1, hidden=2, note="state last known 9 min ago"))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = text_on(host)
        for n in range(1, 4):
            line = next(line for line in lines_on(host) if f"Book {n} [b]" in line)
            assert f"abcd{n:04}" in line
            assert "Writing" in line
            assert f"{n}%" in line
        gone = next(line for line in lines_on(host) if "Book 0 [b]" in line)
        assert "completed" in gone
        assert "%" not in gone
        assert "Cancel 3 jobs?" in shown
        assert "2 of these are hidden by the filter." in shown
        assert "1 of these has ended." in shown
        assert "state last known 9 min ago" in shown
        assert "Keep running" in shown


async def test_an_update_changes_count_and_buttons() -> None:
    host = CancelHost(_question(3))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        assert "Cancel 3 jobs?" in text_on(host)
        with painted() as regions:
            host.dialog.update(_question(3))
            await pilot.pause()
        assert regions == []
        host.dialog.update(_question(3, ended=2))
        await pilot.pause()
        assert "Cancel 1 job?" in text_on(host)
        assert "  Cancel job  " in text_on(host)
        await pilot.press("y")
        await pilot.pause()
    assert host.answers == [("id-2",)]


async def test_when_all_have_ended_nothing_is_cancelled() -> None:
    host = CancelHost(_question(1))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        await pilot.press("tab")
        assert host.focus_id == "cancel-send"
        host.dialog.update(_question(1, ended=1))
        await pilot.pause()
        assert host.focus_id == "cancel-keep"
        assert "This job has ended." in text_on(host)
        await pilot.press("y", "tab")
        await pilot.click("#cancel-send")
        assert host.answers == []
        await pilot.press("enter")
        await pilot.pause()
    assert host.answers == [()]


@pytest.mark.parametrize("count", [1, 3, 5])
async def test_title_number_and_buttons_fit_40x8(count: int) -> None:
    host = CancelHost(_question(count, hidden=1, note="state last known 9 min ago"))
    async with host.run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        shown = text_on(host)
        hidden = "The filter hides this job." if count == 1 else "1 of these is hidden"
        for part in ("Cancel", "Book 0", "Keep running", hidden, "9 min ago"):
            assert part in shown
        assert ("Cancel job" if count == 1 else f"Cancel {count} jobs") in lines_on(host)[-2]
        assert "Esc keep" in lines_on(host)[-1]
        await pilot.press("pagedown", "pagedown", "pagedown")
        await pilot.pause()
        assert f"Book {count - 1}" in text_on(host)


@pytest.mark.parametrize("size", [(39, 24), (80, 7)])
async def test_where_it_no_longer_fits_it_closes_as_keep_running(size: tuple[int, int]) -> None:
    host = CancelHost(_question(1))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert host.answers == []
        await pilot.resize_terminal(*size)
        await pilot.pause()
    assert host.answers == [()]


async def test_shrinking_under_another_screen_closes_it_when_that_is_gone() -> None:
    host = CancelHost(_question(1))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        over = Screen[None]()
        await host.push_screen(over)
        await pilot.resize_terminal(30, 6)
        await pilot.pause()
        assert host.screen is over
        assert host.answers == []
        host.pop_screen()
        await pilot.pause()
    assert host.answers == [()]


async def test_fits() -> None:
    from textual.geometry import Size

    assert CancelDialog.fits(Size(40, 8))
    assert not CancelDialog.fits(Size(39, 8))
    assert not CancelDialog.fits(Size(40, 7))
