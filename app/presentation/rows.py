"""Builds the table row of a job. Times are in seconds since the epoch."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from app.job import Group, Status
from app.presentation import durations, sentences
from app.presentation.columns import KEYS, CellFacts, job_column
from app.presentation.glyphs import Glyphs, tone
from app.presentation.ordering import ShortIds
from app.watch.watched import Watched
from widgets.model import Cell, Row, Tone

STALE_AFTER_INTERVALS = 3
"""A job's data counts as stale once it is older than this many polling intervals."""


class RowMaker(NamedTuple):
    """Builds rows; holds everything that a row depends on except its job."""

    glyphs: Glyphs
    short_ids: ShortIds
    marks: Collection[str]
    interval: Callable[
        [Watched], float | None
    ]  # seconds between two polls of a job; None if it is not polled
    unseen: Collection[str] = ()  # the jobs that ended since the last key press

    def row(self, entry: Watched, now: float, columns: Collection[str] = KEYS) -> Row:
        """The row of a job, with the cells of the columns that have these keys."""
        job = entry.job
        stale = self.is_stale(entry, now)
        stalled = sentences.stalled_since(entry) is not None
        running = sentences.in_progress(entry)
        attention = entry.group is Group.ATTENTION
        facts = CellFacts(
            now, self.short_ids.of(entry.id), stale, entry.id in self.unseen, "status" in columns
        )
        quiet = Tone.ATTENTION if attention else Tone.SECONDARY
        return Row(
            entry.id,
            Cell(self.glyphs.entry(entry), row_tone(entry)),
            {key: job_column(key).cell(entry, facts) for key in columns},
            None if running else Cell(sentences.sentence(entry, now), quiet),
            self._word(entry, facts),
            entry.id in self.marks,
            job.fraction if job else None,
            Tone.STALLED if stalled else Tone.SECONDARY if stale else Tone.RUNNING,
        )

    def _word(self, entry: Watched, facts: CellFacts) -> Cell | None:
        """The word shown in place of the time if there is no room for a sentence."""
        if outcome := sentences.cancel_outcome(entry, facts.now):
            return Cell(outcome.partition(":")[0].partition(",")[0], Tone.SECONDARY)
        if sentences.in_progress(entry):
            if facts.stale and entry.fetched_at is not None:
                return Cell(durations.clock_or_day(entry.fetched_at, facts.now), Tone.STALLED)
            return Cell("stalled", Tone.STALLED) if sentences.stalled_since(entry) is not None else None
        if entry.group is Group.ATTENTION:
            return Cell(entry.label, Tone.ATTENTION)
        if entry.finished and entry.label == "completed":
            return None
        return Cell(entry.label, Tone.SECONDARY)

    def is_stale(self, entry: Watched, now: float) -> bool:
        """Whether an unfinished job's data is older than it should be, or its last fetch failed."""
        if entry.fetched_at is None or entry.finished:
            return False
        interval = self.interval(entry)
        late = interval is not None and now - entry.fetched_at > STALE_AFTER_INTERVALS * interval
        return late or entry.failure is not None


def row_tone(entry: Watched) -> Tone:
    """The colour of a job's status."""
    if sentences.stalled_since(entry) is not None:
        return Tone.STALLED
    cancelled = entry.job is not None and entry.job.status == Status.CANCELLED and entry.misses < 2
    return Tone.SECONDARY if cancelled else tone(entry.group)
