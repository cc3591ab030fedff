"""Remapped keys in the main screen and in dialogs."""

from collections.abc import AsyncIterator

import pytest

from app.settings.schema import Settings
from tests.scripted_api import job_id
from tests.ui.dashboard_host import DashboardPilot, known_jobs, running_dashboard
from widgets.dialogs.cancel import CancelDialog

KEYS = {
    "help.close": "F8",
    "log.close": "C-x",
    "dialog.down": "Down",
    "dialog.press": "F8",
    "add.close": "Ctrl-G",
    "add.accept": "F8",
    "columns.close": "q",
    "columns.switch": "x",
    "login.close": "^G",
    "login.kind": "F9",
    "cancel.keep": "F7, N",
    "filter.keep": "F8",
    "filter.clear": "F9",
    "jobs.cancel": "Ctrl-R",
    "jobs.undo": "F10",
    "view.log": "F6, PgUp",
    "table.page_up": "F7",
    "detail.page_up": "F7",
}
DIALOGS = (  # the key that opens it; one that closed it, and one that does; what it says
    ("question_mark", "escape", "f8", "F8 close"),
    ("f6", "q", "ctrl+x", "Ctrl+x close"),
    ("a", "escape", "ctrl+g", "Ctrl+g close"),
    ("c", "escape", "q", "x on/off   Enter apply   q close"),
    ("L", "escape", "ctrl+g", "Enter sign in   Ctrl+g close"),
    ("ctrl+r", "n", "N", "y cancel it   F7 keep it running"),
)


@pytest.fixture
async def dash() -> AsyncIterator[DashboardPilot]:
    settings, jobs = Settings(keys=KEYS), known_jobs(6, start=0)
    async with running_dashboard(jobs=jobs, settings=settings, size=(140, 50)) as dash:
        await dash.connected()
        yield dash


async def test_dialogs_close_by_their_new_keys_and_say_so(dash: DashboardPilot) -> None:
    for opens, old, new, hint in DIALOGS:
        await dash.press(opens)
        await dash.until(hint)
        if opens == "question_mark":
            assert dash.line("cancel this").split("cancel this")[0].split()[-1] == "Ctrl+r"
            assert "F6 PgUp" in dash.line("events")
        if opens == "L":
            await dash.press("f2")
            assert "F9  (x) token" in dash.text
            await dash.press("f9")
            await dash.until("(x) API key")
        await dash.press(old)
        assert hint in dash.text
        await dash.press(new)
        await dash.until(lambda hint=hint: hint not in dash.text)  # type: ignore[misc]
        assert dash.app.screen is dash.main


async def test_the_keys_that_add_jobs_and_undo_can_be_remapped(dash: DashboardPilot) -> None:
    await dash.paste(job_id(9))
    await dash.until("F8 add it   Ctrl+g close")
    await dash.press("enter")
    assert job_id(9) not in dash.watched
    await dash.press("f8")
    await dash.until(lambda: job_id(9) in dash.watched)
    await dash.press("d")
    await dash.until("F10 brings it back")
    await dash.press("f10")
    await dash.until("Restored 1 job")


async def test_the_filter_is_kept_and_cleared_by_other_keys(dash: DashboardPilot) -> None:
    await dash.press("slash", *"Book 2")
    await dash.until(lambda: dash.shown == [job_id(2)])
    assert "F8 keep" in dash.text
    assert "F9 clear" in dash.text
    await dash.press("f8")
    await dash.until(lambda: "F8 keep" not in dash.text)
    assert dash.shown == [job_id(2)]
    await dash.press("slash", "f9")
    await dash.until(lambda: len(dash.shown) == 6)


async def test_a_number_is_entered_by_another_key(dash: DashboardPilot) -> None:
    await dash.press("asterisk", "ctrl+r")
    await dash.until("Type 6")
    dialog = dash.app.screen
    assert isinstance(dialog, CancelDialog)
    dialog._guarded_until = 0.0
    await dash.press("enter")
    assert "Nothing was cancelled" not in dash.text
    await dash.press("f8")
    await dash.until("Type the number first.")
