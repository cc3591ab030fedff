"""Hooks: the user's commands, limited in time, output and number."""

import asyncio
import shlex
import sys
from pathlib import Path

import pytest

from app.job import Group, Job
from app.notify.hooks import MAX_RUNNING, Hooks, hook_for, job_variables
from app.watch.events import Event, EventKind, stall, status_change
from app.watch.watched import Outlook, Watched
from tests.processes import has_ended
from tests.timing import eventually

ID = "00000000-0000-4000-8000-000000000001"


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def job(status: str, **more: str) -> Job:
    return Job(ID, "u", "p", status, 0.0, 0.0, 42.9, **more)  # type: ignore[arg-type]


def change(before: Job, after: Job, misses: int = 0) -> tuple[Event, Watched]:
    new = Watched(ID, 0.0, after, 5.0, misses=misses)
    event = status_change(Watched(ID, 0.0, before, 4.0), new, 5.0)
    assert event
    return event, new


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
    event, _ = change(job("in_progress"), job(status), misses)
    assert hook_for(event, "finish", "attention") == hook
    assert hook_for(event, None, None) is None
    step = Event(1.0, EventKind.CANCEL, "cancel sent", ID, group=Group.DONE)
    assert hook_for(step, "finish", "attention") is None


def test_a_stalled_job_runs_on_attention() -> None:
    before = Watched(ID, 0.0, job("in_progress"), 4.0)
    after = Watched(ID, 0.0, job("in_progress"), 905.0, outlook=Outlook(stalled_since=5.0))
    event = stall(before, after, 905.0)
    assert event
    assert hook_for(event, "finish", "attention") == "attention"
    variables = job_variables(event, after, "https://api.example.org")
    assert variables["DWTOP_EVENT"] == "attention"
    assert variables["DWTOP_EVENT_TEXT"] == "no change for 15m, longer than usual"
    assert (variables["DWTOP_JOB_STATUS_BEFORE"], variables["DWTOP_JOB_STATUS"]) == ("", "in_progress")


async def test_a_hook_gets_variables_and_no_shell() -> None:
    title = 'My "book"; $(touch /tmp/x) \n'
    failed = job("failed", title=title, error_message="No paper.", stage="Printing")
    event, entry = change(job("in_progress"), failed)
    names = "import os; print(sorted(name for name in os.environ if name.startswith('DWTOP_')))"
    result = await Hooks().run(
        python(names) + " '; echo second'", job_variables(event, entry, "https://api.example.org")
    )
    variables = job_variables(event, entry, "https://api.example.org")
    assert variables["DWTOP_EVENT"] == "attention"
    assert (variables["DWTOP_JOB_TITLE"], variables["DWTOP_JOB_STAGE"]) == (title, "Printing")
    assert (variables["DWTOP_JOB_STATUS_BEFORE"], variables["DWTOP_JOB_STATUS"]) == ("in_progress", "failed")
    assert (variables["DWTOP_JOB_PROGRESS"], variables["DWTOP_JOB_ERROR"]) == ("42", "No paper.")
    assert result.endswith(f" succeeded: {sorted(variables)}")


async def test_output_is_made_safe_and_bounded() -> None:
    result = await Hooks().run(python("print('\\x1b[2Jred' + 'x' * 10**6); import sys; sys.exit(3)"), {})
    assert " failed with exit code 3: \u241b[2Jredxxx" in result
    assert len(result) < 10_000
    lines = await Hooks().run(python("for n in range(1000): print(n)"), {})
    assert lines.endswith(f" succeeded: {' | '.join(map(str, range(20)))}")


async def test_cancelling_terminates_the_command(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    running = asyncio.create_task(Hooks().run(python(code), {}))
    await eventually(lambda: mark.exists() and mark.read_text())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await eventually(lambda: has_ended(int(mark.read_text())))


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("/no/such/program x", "hook /no/such/program cannot be started (No such file or directory)"),
        ("'a\0b'", "hook a\u2400b cannot be started (its name is unusable)"),
    ],
)
async def test_a_hook_that_cannot_be_started_is_reported(command: str, text: str) -> None:
    assert await Hooks().run(command, {}) == text


async def test_only_a_few_run_at_once(tmp_path: Path) -> None:
    code = f"""
import os, time
mine = {str(tmp_path)!r} + "/" + str(os.getpid())
open(mine, "w").close()
time.sleep(0.15)
print(len(os.listdir({str(tmp_path)!r})))
os.unlink(mine)
"""
    hooks = Hooks()
    result = await asyncio.gather(*(hooks.run(python(code), {}) for _ in range(2 * MAX_RUNNING + 1)))
    counts = [int(one.rpartition(" succeeded: ")[2]) for one in result]
    assert 1 <= max(counts) <= MAX_RUNNING
