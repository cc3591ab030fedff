"""Keys after changes that happened while the terminal had no focus."""

from collections.abc import AsyncIterator

import pytest
from textual.events import AppBlur, AppFocus

from tests.scripted_api import job_id
from tests.ui.dashboard_host import DashboardPilot, known_jobs, running_dashboard


def focused(dash: DashboardPilot) -> str | None:
    return dash.app.focused.id if dash.app.focused else None


async def blur(dash: DashboardPilot) -> None:
    dash.app.post_message(AppBlur())
    await dash.until(lambda: not dash.app.app_focus)
    await dash.pilot.pause()


async def focus(dash: DashboardPilot) -> None:
    dash.app.post_message(AppFocus())
    await dash.until(lambda: dash.app.app_focus)
    await dash.pilot.pause()


@pytest.fixture
async def dash() -> AsyncIterator[DashboardPilot]:
    async with running_dashboard(jobs=known_jobs(5, "completed")) as dash:
        yield dash


async def test_a_list_hidden_without_focus_does_not_take_the_keys(dash: DashboardPilot) -> None:
    await dash.press("enter")
    assert focused(dash) == "table"
    await blur(dash)
    await dash.pilot.resize_terminal(60, 20)  # the details cover the list
    await focus(dash)
    assert focused(dash) == "detail"
    await blur(dash)
    await dash.pilot.resize_terminal(120, 40)
    await focus(dash)
    await dash.press("enter", "j")
    assert dash.cursor == job_id(2)


async def test_the_list_takes_the_keys_after_a_dialog_closed_without_focus(dash: DashboardPilot) -> None:
    await dash.press("question_mark")
    await dash.until(lambda: dash.app.screen is not dash.main)
    await blur(dash)
    dash.app.pop_screen()
    await dash.until(lambda: dash.app.screen is dash.main)
    await focus(dash)
    await dash.press("j")
    assert dash.cursor == job_id(2)


async def test_a_dialog_opened_without_focus_takes_the_keys(dash: DashboardPilot) -> None:
    await blur(dash)
    await dash.main.actions.jobs.add()
    await dash.until(lambda: dash.app.screen is not dash.main)
    await focus(dash)
    assert dash.app.screen.focused is not None
    await dash.press("escape")
    await dash.until(lambda: dash.app.screen is dash.main)
    await dash.press("j")
    assert dash.cursor == job_id(2)


async def test_keys_act_without_a_focus_report(dash: DashboardPilot) -> None:
    await blur(dash)
    dash.app._last_focused_on_app_blur = None  # as after a start out of focus
    await dash.press("j")
    assert dash.cursor == job_id(2)


async def test_a_key_focuses_a_visible_widget_if_none_has_the_focus(dash: DashboardPilot) -> None:
    await dash.pilot.resize_terminal(60, 20)
    await dash.press("enter")
    await dash.until("Facts")  # the details, which cover the list
    dash.main.set_focus(None)  # as Textual does if the list is hidden before the details appear
    await dash.press("j")
    assert focused(dash) == "detail"
    assert "Nothing on j" not in dash.text
