"""Makes the table's row of a job."""

from collections.abc import Callable, Container
from typing import NamedTuple

from app.job import Cadence
from app.presentation import durations
from app.presentation.columns import elapsed
from app.presentation.glyphs import Glyphs, tone
from app.presentation.ordering import ShortIds
from app.watch.forecast.texts import about, quiet_text
from app.watch.watched import Watched
from widgets.model import Row, Tone

STALE_AFTER = 3
"""After how many of its intervals a job's data is old."""


class RowMaker(NamedTuple):
    """Everything that a row takes beside its job.

    Attributes:
        signs: The glyphs to draw with.
        short_ids: What stands for each job's ID.
        marks: The jobs that are marked.
        interval: The seconds between two polls of a job; None for one that is not polled.
    """

    signs: Glyphs
    short_ids: ShortIds
    marks: Container[str]
    interval: Callable[[Watched], float | None]

    def row(self, entry: Watched, now: float) -> Row:
        """The row of a job.

        Args:
            entry: The job.
            now: Seconds since the epoch.
        """
        job = entry.job
        marked = entry.id in self.marks
        age = self.age(entry, now)
        short_id = self.short_ids.of(entry.id)
        texts = {
            "mark": self.signs.mark if marked else "",
            "sign": self.signs.entry(entry),
            "status": f"{self.signs.entry(entry)} {state(entry, now)}",
            "title": title_of(entry, short_id),
            "progress": progress(entry),
            "eta": eta(entry, now),
            "age": age,
            "id": short_id,
        }
        if job:
            texts["stage"] = job.stage or ""
            texts["project"] = job.project_id[:8]
            texts["models"] = " ".join(
                filter(None, (job.writing_model, job.reasoning_model, job.function_model))
            )
            texts["created"] = durations.clock_time(job.created_at, now)
            texts["elapsed"] = elapsed_text(entry, now)
            texts["byok"] = "yes" if job.is_byok else ""
            texts["starred"] = self.signs.star if job.is_starred else ""
        return Row(
            entry.id,
            row_tone(entry),
            marked,
            dim=entry.finished or bool(age) or (job is None and entry.failure is not None),
            fraction=job.fraction if job else None,
            texts=texts,
        )

    def shown(self, column: str, now: float) -> Callable[[Watched], str] | None:
        """What a column that rounds shows of jobs, to sort by that; None for one that shows what it sorts by.

        Args:
            column: The column's key.
            now: Seconds since the epoch.
        """
        match column:
            case "progress":
                return progress
            case "eta":
                return lambda entry: eta(entry, now)
            case "elapsed":
                return lambda entry: elapsed_text(entry, now)
            case "age":
                return lambda entry: self.age(entry, now)
        return None

    def age(self, entry: Watched, now: float) -> str:
        """How old a job's data is, in words; empty for a finished job, and for data that is as new as it gets."""
        if entry.fetched_at is None or entry.cadence is Cadence.NEVER:
            return ""
        seconds = now - entry.fetched_at
        interval = self.interval(entry)
        old = interval is not None and seconds > STALE_AFTER * interval
        return durations.age(seconds) if old or entry.failure else ""


def title_of(entry: Watched, short_id: str) -> str:
    """A job's title, or its short ID where it has none."""
    return (entry.job.title if entry.job else None) or short_id


def state(entry: Watched, now: float) -> str:
    """The word for a job's state: what became of a cancel, that it stands still, or its status.

    Args:
        entry: The job.
        now: Seconds since the epoch.
    """
    word = entry.status_text(now)
    if word == entry.label and entry.outlook and entry.outlook.stalled_since is not None:
        return quiet_text(entry.outlook.stalled_since, now)
    return word


def progress(entry: Watched) -> str:
    """How much of a job is done; empty where nothing is known."""
    percent = entry.job.percent if entry.job else None
    return "" if percent is None else f"{percent}%"


def elapsed_text(entry: Watched, now: float) -> str:
    """How long a job has taken until now, or took; empty where nothing is known."""
    seconds = elapsed(entry, now)
    return "" if seconds is None else durations.age(seconds)


def eta(entry: Watched, now: float) -> str:
    """How long a job will take, in a word or two; empty where nothing is known."""
    outlook = entry.outlook
    return about(outlook.finish - now) if outlook and outlook.finish is not None else ""


def row_tone(entry: Watched) -> Tone:
    """The colour of a job's state."""
    return Tone.STALE if entry.outlook and entry.outlook.stalled_since is not None else tone(entry.group)
