"""Hooks: the user's own commands, run when something happens to a job."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from app import process
from app.job import Group
from app.text import safe_text
from app.watch.events import Event, EventKind, reported_status
from app.watch.watched import Watched

MAX_RUNNING = 4
"""How many hooks may run at the same time. Others wait."""

_EXECUTOR = ThreadPoolExecutor(MAX_RUNNING, thread_name_prefix="hook")

_TIMEOUT_SECONDS = 30.0
_MAX_OUTPUT_BYTES = 8 * 1024
_MAX_LINES = 20
_MAX_LINE_CHARACTERS = 300

_LINK_VARIABLE = "DWTOP_DOCUMENT_URL"
_MIN_MASKED_CHARACTERS = 8  # a shorter part of a link may be ordinary text


def hook_for(event: Event, on_finish: str | None, on_attention: str | None) -> str | None:
    """The command to run for an event; None if there is none."""
    if event.kind is EventKind.STALL:  # the job still counts as running
        return on_attention
    if event.job_id is None or event.after is None or event.kind not in (EventKind.STATUS, EventKind.CANCEL):
        return None
    return {Group.DONE: on_finish, Group.ATTENTION: on_attention}.get(event.group or Group.WAITING)


def with_document_url(variables: Mapping[str, str], link: str | None) -> dict[str, str]:
    """Add the link to a finished document, which is a secret, to the environment variables."""
    return {**variables, _LINK_VARIABLE: link or ""}


def job_variables(event: Event, entry: Watched, base_url: str) -> dict[str, str]:
    """The environment variables of a hook; `entry` is the job after the event. Unknown values are empty."""
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


async def run_hook(command: str, variables: Mapping[str, str]) -> str:
    """Run a command with additional environment variables, and wait until it ends.

    If the call is cancelled, or after 30 s, the command is terminated with everything it started. Returns a line for the
    event log that is safe to show, such as `hook notify-send succeeded: its output`.
    """
    cancelled = threading.Event()
    future = _EXECUTOR.submit(_run, command, variables, cancelled)
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        cancelled.set()
        raise


def _run(command: str, variables: Mapping[str, str], cancelled: threading.Event) -> str:
    words = process.split_command(command)  # checked when the settings were loaded
    result = process.run(
        words,
        timeout=_TIMEOUT_SECONDS,
        variables=variables,
        merge_stderr=True,
        max_output_bytes=_MAX_OUTPUT_BYTES,
        cancelled=cancelled.is_set,
    )
    text = _mask_link(result.stdout.decode("utf-8", "replace"), variables.get(_LINK_VARIABLE, ""))
    lines = [shown for line in text.splitlines() if (shown := safe_text(line, _MAX_LINE_CHARACTERS))]
    outcome = f"hook {safe_text(words[0], 80)} {result.failure or 'succeeded'}"
    return f"{outcome}: {' | '.join(lines[:_MAX_LINES])}" if lines else outcome


def _mask_link(text: str, link: str) -> str:
    """Mask the link to a document, its path and its query in a hook's output, which goes to the event log."""
    parts = urlsplit(link)
    for secret in (link, f"{parts.path}?{parts.query}", parts.query, parts.path):
        if len(secret) >= _MIN_MASKED_CHARACTERS:
            text = text.replace(secret, "[link]")
    return text
