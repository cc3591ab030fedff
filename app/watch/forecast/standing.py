"""Where a job stands: the few facts of its own past that a forecast needs."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from app.job import Status, status_facts
from app.watch.forecast.own import UNKNOWN, Own, own
from app.watch.history import Sample

WINDOW = 10.0
"""How many points of progress count as the recent past."""

_STRETCH = 2.0  # points of progress in one of the stretches that the recent pace is the mean of
_LONG_WAIT = 2.0  # how many times as long as the middle stretch one of them counts at most
_SMOOTHING = 0.3  # how much the newest change counts in the exponential average
_LEAST_STEP = 1e-3  # points; less is no progress, but a number that was rounded in another way
_RECENT_CHANGES = 12  # how many changes go into the exponential average
_RECENT_SAMPLES = 100  # how many of the newest samples are looked at
_DIGITS = re.compile(r"\d+")


class Standing(NamedTuple):
    """A job at its last change; it stays the same until the next one.

    Attributes:
        last: The newest sample.
        phase: The stage while it runs, else the status; numbers in a stage's name do not make another phase.
        running: Whether the job is in progress.
        anchor: When it was last seen to change, in seconds since the epoch.
        crossed: When it was first seen at its whole percent in its phase: the last place that other jobs share.
        crossing: Its progress then.
        began: When this part of its life (waiting, or running) began.
        whole: Whether that beginning was seen; without it, times since then say little.
        progress: 0 to 100; an unknown progress counts as 0.
        step: How far the last change of progress went, in points.
        overall: Seconds a point since it began to run; 0.0 while nothing is known.
        recent: Seconds a point over the last `WINDOW` points, a single long wait among them left aside; 0.0 while
            nothing is known.
        smoothed: An exponential average of the seconds a point over the last changes; likewise.
        own: What its own past says of its pace; unknown unless asked for.
        one_stage: Whether it has been in one stage only since it began to run; False unless asked for.
    """

    last: Sample
    phase: str
    running: bool
    anchor: float
    crossed: float
    crossing: float
    began: float
    whole: bool
    progress: float
    step: float
    overall: float
    recent: float
    smoothed: float
    own: Own
    one_stage: bool

    @property
    def elapsed(self) -> float:
        """Seconds from the beginning of this part of its life to when it reached its whole percent."""
        return self.crossed - self.began


def stand(
    samples: Sequence[Sample], previous: Standing | None = None, *, alone: bool = True
) -> Standing | None:
    """Where a job stands after these samples.

    Looks at the newest samples only, so that its cost does not grow with the history.

    Args:
        samples: The job's past, oldest first; repetitions of the same state are harmless.
        previous: Where it stood at an earlier call for the same job, to spare looking for its beginning.
        alone: Whether its record is wanted, which costs a little; it matters while few finished jobs are known.

    Returns:
        None without samples, and for a job that has ended.
    """
    if not samples:
        return None
    last = samples[-1]
    if previous is not None and previous.last == last:
        return previous
    facts = status_facts(last.status)
    if facts.finished:
        return None
    running = last.status == Status.IN_PROGRESS
    began, whole = _beginning(samples, running, previous)
    progress = clamp(last.progress)
    anchor = _anchor(samples)
    step = recent = smoothed = 0.0
    if running and progress >= _LEAST_STEP:
        step, smoothed = _smoothed(samples, progress)
        recent = recent_pace(partial(_first_beyond, samples), began, progress) if whole else smoothed
    crossed, crossing = _crossing(samples, progress) if running else (anchor, 0.0)
    elapsed = anchor - began
    overall = elapsed / progress if whole and progress >= _LEAST_STEP and elapsed > 0 else 0.0
    one_stage = running and alone and _one_stage(samples, previous)
    return Standing(
        last,
        phase_of(last),
        running,
        anchor,
        crossed,
        crossing,
        began,
        whole,
        progress,
        step,
        overall,
        recent or overall,
        smoothed or overall,
        own(samples, began, anchor, progress, step, one_stage) if alone and overall else UNKNOWN,
        one_stage,
    )


def clamp(progress: float | None) -> float:
    """A progress as a number from 0 to 100; 0 for unknown."""
    if progress is None or progress < 0.0:
        return 0.0
    return progress if progress <= 100.0 else 100.0


def phase_of(sample: Sample) -> str:
    """The name under which times of a sample's stage or status are gathered; statuses begin with a blank."""
    return _stage_phase(sample.stage) if sample.status == Status.IN_PROGRESS else " " + sample.status


@lru_cache(maxsize=2048)
def _stage_phase(stage: str | None) -> str:
    return _DIGITS.sub("#", stage) if stage else ""


def _beginning(samples: Sequence[Sample], running: bool, previous: Standing | None) -> tuple[float, bool]:
    """When the job began to wait or to run, and whether that was seen."""
    if previous is not None and previous.running == running:
        return previous.began, previous.whole
    if not running:
        return samples[0].at, True
    for index, entry in enumerate(samples):
        if entry.status == Status.IN_PROGRESS:
            return entry.at, index > 0 or clamp(entry.progress) < 5.0
    return samples[-1].at, False


def _anchor(samples: Sequence[Sample]) -> float:
    """When the newest state was first seen."""
    state = samples[-1][1:]
    index = len(samples) - 1
    while index and samples[index - 1][1:] == state:
        index -= 1
    return samples[index].at


def _crossing(samples: Sequence[Sample], progress: float) -> tuple[float, float]:
    """When the whole percent was first seen in the newest sample's phase, and the progress then."""
    whole = int(progress)
    at, status, _, stage = samples[-1]
    value = progress
    for index in range(len(samples) - 2, max(len(samples) - _RECENT_SAMPLES, -1), -1):
        entry = samples[index]
        if entry.status != status or entry.stage != stage or clamp(entry.progress) < whole:
            break
        at, value = entry.at, clamp(entry.progress)
    return at, min(value, progress)


def recent_pace(reached: Callable[[float], tuple[float, float]], began: float, progress: float) -> float:
    """Seconds a point over the last `WINDOW` points: the mean of short stretches, none above twice the middle one.

    One long wait, as between two stages, hardly moves it, nor does the rhythm of the polls.

    Args:
        reached: Tells when a progress was first seen to be reached, and which progress was seen then.
        began: When the job began to run.
        progress: How far it is, above 0.

    Returns:
        0.0 where nothing can be told.
    """
    paces = []
    newer_at, newer = reached(progress)
    bound = progress
    while bound > max(progress - WINDOW, 0.0):
        bound -= _STRETCH
        at, value = reached(bound) if bound > 0 else (began, 0.0)
        if value < newer - _LEAST_STEP and at < newer_at:
            paces.append((newer_at - at) / (newer - value))
            newer_at, newer = at, value
    if not paces:
        return 0.0
    paces.sort()
    most = _LONG_WAIT * (paces[(len(paces) - 1) // 2] + paces[len(paces) // 2]) / 2
    return sum(min(pace, most) for pace in paces) / len(paces)


def _smoothed(samples: Sequence[Sample], progress: float) -> tuple[float, float]:
    """The last step in points, and the exponential average of the last changes in seconds a point."""
    changes: list[tuple[float, float]] = []
    newest, newest_at = progress, samples[-1].at
    for index in range(len(samples) - 2, max(len(samples) - _RECENT_SAMPLES, -1), -1):
        at, status, raw, _ = samples[index]
        if status != Status.IN_PROGRESS:
            break
        value = clamp(raw)
        if value < newest - _LEAST_STEP:
            changes.append((newest_at, newest))
            newest = value
            if len(changes) > _RECENT_CHANGES:
                break
        # A progress that fell back does not count: the job is where it was before.
        newest_at = at
    changes.append((newest_at, newest))
    if len(changes) < 2:
        return 0.0, 0.0
    seconds = points = 0.0
    newer_at, newer = changes.pop()
    while changes:
        at, value = changes.pop()
        step = value - newer
        seconds += _SMOOTHING * (at - newer_at - seconds)
        points += _SMOOTHING * (step - points)
        newer_at, newer = at, value
    return step, seconds / points


def _one_stage(samples: Sequence[Sample], previous: Standing | None) -> bool:
    """Whether the job has been in one stage only since it began to run."""
    phase = phase_of(samples[-1])
    if previous is not None and previous.running:
        return previous.one_stage and previous.phase == phase
    return all(phase_of(entry) == phase for entry in samples if entry.status == Status.IN_PROGRESS)


def _first_beyond(samples: Sequence[Sample], progress: float) -> tuple[float, float]:
    """When a progress was reached, and which was seen then; by bisection, as progress grows."""
    entry = samples[min(bisect_left(samples, progress, key=_progress), len(samples) - 1)]
    return entry.at, clamp(entry.progress)


def _progress(entry: Sample) -> float:
    return entry[2] or 0.0
