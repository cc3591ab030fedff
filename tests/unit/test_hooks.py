"""Hooks: the user's commands, limited in time, output and number."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.job import Group
from app.notify.hooks import MAX_RUNNING, hook_for, job_variables, run_hook
from app.watch.events import Event, EventKind, stall, status_change
from app.watch.watched import Outlook, Watched
from tests.jobs import become, watched
from tests.processes import has_ended, python_command
from tests.timing import eventually

RUNNING = watched(1, "in_progress", 42.9)


def changed(status: str, **facts: Any) -> tuple[Event, Watched]:
    """What happened to a running job, and how it is now."""
    after = become(RUNNING, status, **facts)
    event = status_change(RUNNING, after, 5.0)
    assert event
    return event, after


@pytest.mark.parametrize(
    ("status", "misses", "hook"),
    [
        ("completed", 0, "finish"),
        ("cancelled", 0, "finish"),
        ("failed", 0, "attention"),
        ("moderated", 0, "attention"),
        ("in_progress", 2, "attention"),
        ("queued", 0, None),
    ],
)
def test_which_changes_run_a_hook(status: str, misses: int, hook: str | None) -> None:
    event, _ = changed(status, misses=misses)
    assert hook_for(event, "finish", "attention") == hook
    assert hook_for(event, None, None) is None
    step = Event(1.0, EventKind.CANCEL, "cancel sent", RUNNING.id, group=Group.DONE)
    assert hook_for(step, "finish", "attention") is None


def test_a_stalled_job_runs_on_attention() -> None:
    after = become(RUNNING, "in_progress", outlook=Outlook(stalled_since=5.0))
    event = stall(RUNNING, after, 905.0)
    assert event
    assert hook_for(event, "finish", "attention") == "attention"
    variables = job_variables(event, after, "https://api.example.org")
    assert variables["DWTOP_EVENT"] == "attention"
    assert variables["DWTOP_EVENT_TEXT"] == "no change for 15m, longer than usual"
    assert (variables["DWTOP_JOB_STATUS_BEFORE"], variables["DWTOP_JOB_STATUS"]) == ("", "in_progress")


async def test_a_hook_gets_variables_and_no_shell() -> None:
    title = 'My "book"; $(touch /tmp/x) \n'
    event, entry = changed("failed", title=title, error_message="No paper.", stage="Printing")
    variables = job_variables(event, entry, "https://api.example.org")
    names = "import os; print(sorted(name for name in os.environ if name.startswith('DWTOP_')))"
    result = await run_hook(python_command(names) + " '; echo second'", variables)
    assert variables["DWTOP_EVENT"] == "attention"
    assert (variables["DWTOP_JOB_TITLE"], variables["DWTOP_JOB_STAGE"]) == (title, "Printing")
    assert (variables["DWTOP_JOB_STATUS_BEFORE"], variables["DWTOP_JOB_STATUS"]) == ("in_progress", "failed")
    assert (variables["DWTOP_JOB_PROGRESS"], variables["DWTOP_JOB_ERROR"]) == ("42", "No paper.")
    assert result.endswith(f" succeeded: {sorted(variables)}")


async def test_output_is_made_safe_and_bounded() -> None:
    result = await run_hook(python_command("print('\\x1b[2Jred' + 'x' * 10**6); import sys; sys.exit(3)"), {})
    assert " failed with exit code 3: \u241b[2Jredxxx" in result
    assert len(result) < 10_000
    lines = await run_hook(python_command("for n in range(1000): print(n)"), {})
    assert lines.endswith(f" succeeded: {' | '.join(map(str, range(20)))}")


async def test_a_hook_that_cannot_be_started_is_reported() -> None:
    result = await run_hook("'a\0b'", {})
    assert result == "hook a\u2400b cannot be started (its name is unusable)"


async def test_cancelling_terminates_the_command(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    running = asyncio.create_task(run_hook(python_command(code), {}))
    await eventually(lambda: mark.exists() and mark.read_text())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await eventually(lambda: has_ended(int(mark.read_text())))


async def test_only_a_few_run_at_once(tmp_path: Path) -> None:
    code = f"""
import os, time
mine = {str(tmp_path)!r} + "/" + str(os.getpid())
open(mine, "w").close()
time.sleep(0.15)
print(len(os.listdir({str(tmp_path)!r})))
os.unlink(mine)
"""
    result = await asyncio.gather(*(run_hook(python_command(code), {}) for _ in range(2 * MAX_RUNNING + 1)))
    counts = [int(one.rpartition(" succeeded: ")[2]) for one in result]
    assert 1 <= max(counts) <= MAX_RUNNING
