"""Commands of the user's own that run when something happened to a job."""

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.job import Group
from app.notify.environment import without_token
from app.text import safe_text
from app.watch.events import Event, EventKind, reported_status
from app.watch.watched import Watched

LIMIT = 30.0
"""Seconds that a hook may take; then it is ended, and all that it started with it."""

AT_ONCE = 4
"""How many hooks run at the same time; more wait for their turn."""

_GRACE = 1.0  # seconds from asking a hook to end to making it
_LAST_WORDS = 0.2  # seconds after its end for what it wrote to arrive
_MOST_BYTES = 8 * 1024  # of its output that is looked at; the rest is read, so that it does not block
_MOST_LINES = 20
_LINE = 300  # characters


@dataclass(frozen=True, slots=True)
class Ran:
    """How a hook went.

    Attributes:
        text: One line for the event log, such as `hook notify-send: ended well`.
        output: What it wrote to its standard output and error, a line each, safe to show.
        good: Whether it ended by itself and without an error.
    """

    text: str
    output: tuple[str, ...] = ()
    good: bool = True


def hook_for(event: Event, on_finish: str | None, on_attention: str | None) -> str | None:
    """The command to run for an event; None for none.

    Args:
        event: What happened.
        on_finish: The command for jobs that were completed or cancelled.
        on_attention: The command for jobs that failed, were moderated, stand still, or were not found twice in a row.
    """
    if event.kind is EventKind.STALL:  # no change of status, and the job counts as running
        return on_attention
    if event.job_id is None or event.after is None:  # no change of status
        return None
    if event.kind not in (EventKind.STATUS, EventKind.CANCEL):
        return None
    return {Group.DONE: on_finish, Group.ATTENTION: on_attention}.get(event.group or Group.WAITING)


def facts(event: Event, entry: Watched, base_url: str) -> dict[str, str]:
    """What a hook is told, as environment variables. What is not known is empty.

    Args:
        event: What happened.
        entry: The job since then.
        base_url: Where the API is.
    """
    job = entry.job
    percent = job.percent if job else None
    attention = event.kind is EventKind.STALL or event.group is Group.ATTENTION
    return {
        "DWTOP_EVENT": "attention" if attention else "finish",
        "DWTOP_EVENT_TEXT": event.text,
        "DWTOP_EVENT_AT": f"{event.at:.3f}",
        "DWTOP_JOB_ID": entry.id,
        "DWTOP_JOB_TITLE": (job.title if job else None) or "",
        "DWTOP_JOB_STATUS": event.after or reported_status(entry) or "",
        "DWTOP_JOB_STATUS_BEFORE": event.before or "",
        "DWTOP_JOB_STAGE": (job.stage if job else None) or "",
        "DWTOP_JOB_PROGRESS": "" if percent is None else str(percent),
        "DWTOP_JOB_ERROR": (job.error_message if job else None) or "",
        "DWTOP_JOB_BASE_URL": base_url,
    }


class Hooks:
    """Runs hooks, a few at once. Made and used in one running event loop."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self, command: str, variables: Mapping[str, str]) -> Ran:
        """Run a hook as soon as there is a place for it; see `run_hook`."""
        async with self._places:
            return await run_hook(command, variables)


async def run_hook(command: str, variables: Mapping[str, str], *, limit: float = LIMIT) -> Ran:
    """Run a command and wait for its end. Never raises for what the command does.

    It gets no shell, no standard input and a session of its own, so that it can neither read the keyboard nor
    draw over the screen. Called off, it takes the command down with it.

    Args:
        command: The command line, split by the rules of a shell; a ~ at its beginning is the home folder.
        variables: What to add to the environment.
        limit: Seconds it may take.
    """
    words = _words(command)
    if not words:
        return Ran("hook not run: its command line is empty, or a quote in it does not end", good=False)
    name = f"hook {safe_text(words[0], 80)}"
    # A pipe of ours: waiting for a process that has one of asyncio's would wait for all who hold its other end.
    reading, writing = os.pipe()
    output = bytearray()
    late = False
    async with _read_from(reading, output) as read:
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
                env={**without_token(os.environ), **_fit(variables)},
            )
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or "its name is unusable"
            return Ran(f"{name} cannot be started ({reason})", good=False)
        finally:
            os.close(writing)
        try:
            async with asyncio.timeout(limit):
                await process.wait()
        except TimeoutError:
            late = True
        finally:
            if process.returncode is None:
                await _end(process)
        # A child that it left behind may hold the other end for ever.
        await asyncio.wait([read], timeout=_LAST_WORDS)
    lines = _lines(output)
    if late:
        return Ran(f"{name} did not end within {limit:g} s and was ended", lines, good=False)
    code = process.returncode or 0
    if code:
        how = f"failed with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        return Ran(f"{name} {how}", lines, good=False)
    return Ran(f"{name} ended well", lines)


def _words(command: str) -> list[str]:
    """The words of a command line; none where it cannot be split."""
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    if words and words[0].startswith("~"):
        with contextlib.suppress(RuntimeError):  # nobody here is called so
            words[0] = str(Path(words[0]).expanduser())
    return words


@contextlib.asynccontextmanager
async def _read_from(descriptor: int, output: bytearray) -> AsyncIterator["asyncio.Task[None]"]:
    """Read a pipe into `output`, what is beyond its bound into nothing, until its end or that of the context."""
    stream = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb", 0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), pipe
    )

    async def read() -> None:
        while piece := await stream.read(4096):
            output.extend(piece[: max(0, _MOST_BYTES - len(output))])

    task = asyncio.create_task(read())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        transport.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the command and its process group: asked first, then made to."""
    for order in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, order)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await process.wait()
                return


def _fit(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables without what an environment cannot hold."""
    return {name: value.replace("\0", "") for name, value in variables.items()}


def _lines(output: bytes | bytearray) -> tuple[str, ...]:
    text = output.decode("utf-8", "replace")
    return tuple(shown for line in text.splitlines() if (shown := safe_text(line, _LINE)))[:_MOST_LINES]
