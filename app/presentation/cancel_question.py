"""The content of the dialog that cancels jobs."""

from collections.abc import Iterable

from app.presentation import durations
from app.presentation.columns import title_of
from app.presentation.glyphs import glyph
from app.presentation.rows import row_tone
from app.presentation.sentences import percent_text, stage_words, status_words, time_text
from app.watch.watched import Watched
from widgets.dialogs.model import CancelLine


def cancel_line(
    entry: Watched, now: float, since: float | None, short_id: str, *, cancellable: bool
) -> CancelLine:
    """The line for a job; `since` is when it got its status, in seconds since the epoch, if that is known."""
    job = entry.job
    times = []
    if since is not None:
        doing = "running" if entry.running else entry.label
        times.append(f"{doing} since {durations.clock_time(since, now)}")
    elif job:
        times.append(f"created at {durations.clock_time(job.created_at, now)}")
    if left := time_text(entry, now):
        times.append(f"{left} left")
    return CancelLine(
        id=entry.id,
        title=title_of(entry, short_id),
        short_id=short_id,
        status=status_words(entry, now),
        stage=stage_words(job.stage if job else None),
        percent=percent_text(entry),
        cancellable=cancellable,
        glyph=glyph(entry),
        tone=row_tone(entry),
        fraction=job.fraction if job else None,
        times=", ".join(times),
    )


def last_known(entries: Iterable[Watched], now: float) -> str:
    """How old the oldest state of the jobs that could not be fetched is; empty if all could."""
    known = [entry.fetched_at for entry in entries if entry.fetched_at is not None]
    return f"state last known {durations.age_in_words(now - min(known))} ago" if known else ""
