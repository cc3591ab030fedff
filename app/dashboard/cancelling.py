"""What the cancel dialog needs: which jobs, what is known of them while it is open, and sending the cancels."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.dashboard.board import Board
from app.deepwriter.errors import ApiError
from app.presentation import durations
from app.presentation.rows import eta, row_tone, title_of
from app.watch.polling.link import Link
from app.watch.session import Session
from app.watch.watched import Watched
from widgets.model import CancelLine, CancelQuestion

if TYPE_CHECKING:
    from widgets.dialogs.cancel import CancelDialog

REFETCH_EVERY = 2.0
"""Seconds between two looks at the jobs while the dialog is open."""


def objection(session: Session, board: Board, targets: Sequence[str], login_key: str) -> str:
    """Why nothing can be cancelled now, in one sentence; empty if something can.

    Args:
        session: The session.
        board: The list.
        targets: The IDs of the jobs that were meant.
        login_key: The key that signs in, as people write it.
    """
    if session.settings.read_only:
        return "Read-only: start dwtop without --read-only to cancel jobs."
    if not targets:
        return "No job selected"
    if session.watcher is None:
        return "Still connecting; try again in a moment."
    if session.watcher.link.link is Link.SIGNED_OUT:
        return f"Signed out. Press {login_key} to sign in, then cancel."
    if any(_can_be_cancelled(session, board[job_id]) for job_id in targets):
        return ""
    if len(targets) > 1:
        return f"None of the {len(targets)} marked jobs is queued or running."
    entry = board[targets[0]]
    if entry.cancel and entry.cancel.pending(session.now()):
        return "This job is being cancelled already."
    rule = "Only queued and running jobs can be cancelled."
    if entry.finished:
        ended = {"failed": "failed", "completed": "finished"}.get(entry.label, f"been {entry.label}")
        return f"This job has already {ended}. {rule}"
    return f"This job is {entry.label}. {rule}"


def cancellable(session: Session, board: Board, targets: Sequence[str]) -> list[str]:
    """Those of the jobs that can be cancelled, in the same order."""
    return [job_id for job_id in targets if job_id in board and _can_be_cancelled(session, board[job_id])]


def question(session: Session, board: Board, pinned: Sequence[Watched]) -> CancelQuestion:
    """What the dialog shows of the jobs that were pinned when it opened.

    Args:
        session: The session.
        board: The list.
        pinned: The jobs as they were then; one that was removed since is shown as it was, and left out.
    """
    entries = [board.get(entry.id, entry) for entry in pinned]
    return CancelQuestion(
        tuple(_line(session, board, entry) for entry in entries),
        board.hidden(cancellable(session, board, [entry.id for entry in pinned])),
        _note(session, entries),
    )


async def keep_informed(
    dialog: "CancelDialog", session: Session, board: Board, pinned: Sequence[Watched]
) -> None:
    """Refresh the pinned jobs every 2 s and update the dialog, until this task is cancelled."""
    assert session.watcher is not None
    poller, clock = session.watcher.poller, asyncio.get_running_loop().time
    looks: dict[str, asyncio.Task[ApiError | None]] = {}
    try:
        while True:
            next_look = clock() + REFETCH_EVERY
            for entry in pinned:
                running = entry.id in looks and not looks[entry.id].done()
                if entry.id in board and not board[entry.id].finished and not running:
                    looks[entry.id] = asyncio.create_task(poller.fetch_now(entry.id), name=f"look {entry.id}")
            if looks:
                await asyncio.wait(looks.values(), timeout=REFETCH_EVERY)
            dialog.update(question(session, board, pinned))
            await asyncio.sleep(max(0.0, next_look - clock()))
    finally:
        for look in looks.values():
            look.cancel()


async def cancel_all(session: Session, job_ids: Sequence[str]) -> None:
    """Cancel these jobs, each once, and follow them until it is known how that went."""
    assert session.watcher is not None
    canceller = session.watcher.canceller
    async with asyncio.TaskGroup() as group:
        for job_id in job_ids:
            group.create_task(canceller.cancel(job_id), name=f"cancel {job_id}")


def _can_be_cancelled(session: Session, entry: Watched) -> bool:
    return entry.cancellable and not (entry.cancel and entry.cancel.pending(session.now()))


def _line(session: Session, board: Board, entry: Watched) -> CancelLine:
    job, now = entry.job, session.now()
    short_id = board.short_ids.of(entry.id)
    percent = job.percent if job else None
    times = [f"created at {durations.clock_time(job.created_at, now)}"] if job else []
    if (left := eta(entry, now)) and not (entry.outlook and entry.outlook.still_since):
        times.append(f"{left} left")
    return CancelLine(
        id=entry.id,
        title=title_of(entry, short_id),
        short_id=short_id,
        status=entry.word(now),
        stage=(job.stage if job else None) or "",
        percent="" if percent is None else f"{percent}%",
        cancellable=entry.id in board and _can_be_cancelled(session, entry),
        glyph=board.signs.entry(entry),
        tone=row_tone(entry),
        fraction=job.fraction if job else None,
        times=", ".join(times),
    )


def _note(session: Session, entries: Sequence[Watched]) -> str:
    """Since when the state of the least well known job is not known, if the latest request for one failed."""
    failed = [entry for entry in entries if entry.failure]
    if not failed:
        return ""
    known = [entry.fetched_at for entry in failed if entry.fetched_at is not None]
    if len(known) < len(failed):
        return "state not known"
    return f"state last known {durations.age_in_words(session.now() - min(known))} ago"
