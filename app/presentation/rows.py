"""Builds the table row of a job. Times are in seconds since the epoch."""

from collections.abc import Callable

from app.job import Group
from app.presentation import durations, sentences
from app.presentation.columns import COLUMNS, CellFacts
from app.presentation.glyphs import glyph, tone
from app.watch.watched import Watched
from widgets.model import Cell, Row, Tone

STALE_AFTER_INTERVALS = 3
"""A job's data counts as stale once it is older than this many polling intervals."""


def row_of(entry: Watched, facts: CellFacts, *, marked: bool) -> Row:
    """The row of a job, with a cell for each column on the screen."""
    sentence_tone = Tone.ATTENTION if entry.group is Group.ATTENTION else Tone.SECONDARY
    bar_tone = Tone.SECONDARY if facts.stale else Tone.RUNNING
    return Row(
        id=entry.id,
        glyph=Cell(glyph(entry), row_tone(entry)),
        cells={key: COLUMNS[key].cell(entry, facts) for key in facts.columns},
        sentence=None if entry.running else Cell(sentences.sentence(entry, facts.now), sentence_tone),
        word=_word(entry, facts),
        marked=marked,
        muted=entry.muted,
        fraction=entry.job.fraction if entry.job else None,
        bar=bar_tone if entry.stalled_since is None else Tone.STALLED,
    )


def _word(entry: Watched, facts: CellFacts) -> Cell | None:
    """The word shown in place of the time where there is no room for a sentence."""
    if sentences.cancel_outcome(entry, facts.now):
        return Cell(sentences.short_status(entry, facts.now), Tone.SECONDARY)
    if entry.running:
        if facts.stale and entry.fetched_at is not None:
            return Cell(durations.clock_or_day(entry.fetched_at, facts.now), Tone.STALLED)
        return None if entry.stalled_since is None else Cell("stalled", Tone.STALLED)
    if entry.finished and entry.label == "completed":
        return None
    return Cell(entry.label, Tone.ATTENTION if entry.group is Group.ATTENTION else Tone.SECONDARY)


def is_stale(entry: Watched, interval: Callable[[Watched], float | None], now: float) -> bool:
    """Whether an unfinished job's data is older than it should be, or its last fetch failed.

    `interval` returns the seconds between two polls of a job; None if it is not polled.
    """
    if entry.fetched_at is None or entry.finished:
        return False
    seconds = interval(entry)
    late = seconds is not None and now - entry.fetched_at > STALE_AFTER_INTERVALS * seconds
    return late or entry.failure is not None


def row_tone(entry: Watched) -> Tone:
    """The colour of a job's status."""
    if entry.stalled_since is not None:
        return Tone.STALLED
    return Tone.SECONDARY if entry.cancelled and entry.misses < 2 else tone(entry.group)
