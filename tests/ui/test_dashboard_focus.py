"""Whatever happens while the terminal has no focus: once it has, the keys go to something on the screen."""

from pathlib import Path

import pytest
from textual.events import AppBlur, AppFocus

from tests.scripted_api import job_id
from tests.ui.dashboard_host import Sitting, fill, known, sitting


@pytest.fixture
def path(tmp_path: Path) -> Path:
    fill(tmp_path / "dwtop.db", [known(number, "completed") for number in range(1, 6)])
    return tmp_path / "dwtop.db"


def focused(desk: Sitting) -> str | None:
    return desk.app.focused.id if desk.app.focused else None


async def blur(desk: Sitting) -> None:
    desk.app.post_message(AppBlur())
    await desk.until(lambda: not desk.app.app_focus)
    await desk.pilot.pause()


async def focus(desk: Sitting) -> None:
    desk.app.post_message(AppFocus())
    await desk.until(lambda: desk.app.app_focus)
    await desk.pilot.pause()


async def resize(desk: Sitting, width: int, height: int) -> None:
    await desk.pilot.resize_terminal(width, height)
    await desk.pilot.pause()


async def test_a_list_that_was_hidden_meanwhile_does_not_take_the_keys(path: Path) -> None:
    async with sitting(path, size=(120, 40)) as desk:
        await desk.press("enter")
        assert focused(desk) == "table"
        await blur(desk)
        await resize(desk, 60, 20)  # the details cover the list
        await focus(desk)
        assert focused(desk) == "detail"
        await blur(desk)
        await resize(desk, 120, 40)
        await focus(desk)
        await desk.press("enter", "j")
        assert desk.cursor == job_id(2)


async def test_a_dialog_that_was_closed_meanwhile_leaves_the_keys_to_the_list(path: Path) -> None:
    async with sitting(path) as desk:
        await desk.press("question_mark")
        await desk.until(lambda: desk.app.screen is not desk.main)
        await blur(desk)
        desk.app.pop_screen()
        await desk.until(lambda: desk.app.screen is desk.main)
        await focus(desk)
        await desk.press("j")
        assert desk.cursor == job_id(2)


async def test_a_dialog_that_opened_meanwhile_takes_the_keys(path: Path) -> None:
    async with sitting(path) as desk:
        await blur(desk)
        await desk.main.jobs.add()
        await desk.until(lambda: desk.app.screen is not desk.main)
        await focus(desk)
        assert desk.app.screen.focused is not None
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.main)
        await desk.press("j")
        assert desk.cursor == job_id(2)


async def test_keys_without_any_word_of_focus_work_at_once(path: Path) -> None:
    async with sitting(path) as desk:
        await blur(desk)
        desk.app._last_focused_on_app_blur = None  # as after a start out of focus
        await desk.press("j")
        assert desk.cursor == job_id(2)
