"""The cancel dialog for more than five jobs: the number has to be typed."""

import pytest
from textual.events import AppBlur, AppFocus, Paste

from tests.ui.cancel_host import CancelHost, listen
from tests.ui.pane_host import lines_on, text_on
from widgets.dialogs.cancel import CountField
from widgets.model import CancelLine, CancelQuestion


def _question(count: int, ended: int = 0) -> CancelQuestion:
    return CancelQuestion(
        tuple(
            CancelLine(f"id-{n}", f"Book {n}", f"abcd{n:04}", "queued", "", "", cancellable=n >= ended)
            for n in range(count)
        )
    )


async def test_the_number_and_enter_cancel() -> None:
    host = CancelHost(_question(12))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        assert isinstance(host.focused, CountField)
        await pilot.press("1", "2")
        assert host.typed == "12"
        assert host.answers == []
        await pilot.press("enter")
        await pilot.pause()
    assert [len(ids or ()) for ids in host.answers] == [12]


async def test_other_characters_are_dropped_and_y_is_one_of_them() -> None:
    host = CancelHost(_question(6))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        await pilot.press("y", "n", "x", "minus", "space", "j", "²", "٣", "6", "y")
        await pilot.pause()
        assert host.typed == "6"
        assert host.answers == []
        await pilot.press("backspace")
        assert host.typed == ""
        await pilot.press("escape")
        await pilot.pause()
    assert host.answers == [()]


@pytest.mark.parametrize(
    ("keys", "words"),
    [([], "Type the number first. Nothing"), (["7"], "That is not 6. Nothing was cancelled.")],
)
async def test_a_wrong_number_sends_nothing_and_says_so(keys: list[str], words: str) -> None:
    host = CancelHost(_question(6))
    async with host.run_test(size=(40, 8)) as pilot:
        await listen(pilot, host)
        await pilot.press(*keys, "enter")
        await pilot.pause()
        assert host.answers == []
        assert host.typed == ""
        assert words in text_on(host)
        await pilot.press("6")
        assert words not in text_on(host)
        await pilot.press("enter")
        await pilot.pause()
    assert [len(ids or ()) for ids in host.answers] == [6]


async def test_the_button_asks_for_the_number_too() -> None:
    host = CancelHost(_question(6))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        await pilot.click("#cancel-send")
        await pilot.pause()
        assert host.answers == []
        assert isinstance(host.focused, CountField)
        await pilot.press("6")
        await pilot.click("#cancel-send")
        await pilot.pause()
    assert [len(ids or ()) for ids in host.answers] == [6]


async def test_digits_and_enter_are_dropped_while_it_is_guarded() -> None:
    host = CancelHost(_question(6))
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("6", "enter")
        await pilot.pause()
        assert (host.typed, host.answers) == ("", [])
        assert "Nothing was cancelled" not in text_on(host)
        host.clock.now += 0.41
        await pilot.press("6")
        host.post_message(AppBlur())
        await pilot.pause()
        host.post_message(AppFocus())
        await pilot.press("enter", "6", "tab")
        await pilot.pause()
        assert (host.typed, host.answers) == ("6", [])
        assert isinstance(host.focused, CountField)
        await pilot.press("escape")
        await pilot.pause()
    assert host.answers == [()]


async def test_the_number_is_that_of_the_jobs_that_would_be_cancelled_now() -> None:
    host = CancelHost(_question(9))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        await pilot.press("9")
        host.dialog.update(_question(9, ended=6))
        await pilot.pause()
        assert "Type 3 to cancel all of them:" in text_on(host)
        await pilot.press("enter")
        await pilot.pause()
        assert host.answers == []
        await pilot.press("y", "3", "enter")
        await pilot.pause()
    assert [len(ids or ()) for ids in host.answers] == [3]


async def test_nothing_left_sends_nothing_whatever_is_typed() -> None:
    host = CancelHost(_question(6))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        host.dialog.update(_question(6, ended=6))
        await pilot.press("0", "enter")
        await pilot.pause()
        assert host.answers == []
        assert "All of these have ended." in text_on(host)
        await pilot.press("escape")
        await pilot.pause()
    assert host.answers == [()]


async def test_a_paste_types_nothing() -> None:
    host = CancelHost(_question(6))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        host.post_message(Paste("6\n"))
        await pilot.press("ctrl+v")
        await pilot.pause()
        assert (host.typed, host.answers, host.pasted) == ("", [], [])


async def test_enter_on_keep_running_keeps() -> None:
    host = CancelHost(_question(6))
    async with host.run_test(size=(80, 24)) as pilot:
        await listen(pilot, host)
        await pilot.press("6", "tab", "enter")
        await pilot.pause()
    assert host.answers == [()]


async def test_it_fits_40x8_and_ten_thousand_jobs() -> None:
    host = CancelHost(_question(10_000, ended=1))
    async with host.run_test(size=(40, 8)) as pilot:
        await listen(pilot, host)
        lines = lines_on(host)
        assert "Cancel 9999 jobs?" in lines[0]
        assert "Book 0" in lines[1]
        assert "Type 9999" in lines[-3]
        assert "Keep running" in lines[-2]
        assert "Cancel 9999 jobs" in lines[-2]
        assert "Esc keep them running" in lines[-1]
        await pilot.press("pagedown")
        await pilot.pause()
        assert "Book 0 " not in text_on(host)
        await pilot.press(*"9999", "enter")
        await pilot.pause()
    assert [len(ids or ()) for ids in host.answers] == [9999]
