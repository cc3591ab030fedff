"""Where a running job is: the facts of its own samples that a forecast uses."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import NamedTuple

from app.job import Status, status_facts
from app.watch.history import Sample

SEEN_FROM_START = 5.0
"""A job that is first seen running below this percentage counts as seen from its start."""

_RESTARTED_FROM = 10.0  # percent: a fall from here or beyond to below SEEN_FROM_START is a new start
_RECENT_POINTS = 10  # points of progress that count as the recent pace
_STRETCH_POINTS = 2
_MAX_HASTE = 1.5  # logarithm: four and a half times as fast or slow
_DIGITS = re.compile(r"\d+")


class Position(NamedTuple):
    """A job at its last change; it stays the same until the next one.

    Attributes:
        last: The newest sample.
        phase: The stage while it runs, else the status; digits in a stage's name do not make another phase.
        running: Whether the job is in progress.
        began: When this run (or this wait) was first seen, in seconds since the epoch.
        first: The percentage at which the run was first seen; 0 if its start was seen.
        progress: 0 to 100; while unknown, the last one that was known.
        percent: The whole percent.
        crossed: When this phase and percent were first seen together: the last place other jobs share.
        changed: When any part of its state last changed.
        haste: Logarithm of the pace over the last points against the pace overall; 0.0 while unknown.
        step: How many points of progress the last advance made; 0.0 while unknown.
        one_stage: Whether it has been in one stage since the run began.
        unevenness: How far the paces of the two halves of its way lie apart, as a logarithm; None while unknown.
    """

    last: Sample
    phase: str
    running: bool
    began: float
    first: int
    progress: float
    percent: int
    crossed: float
    changed: float
    haste: float
    step: float
    one_stage: bool
    unevenness: float | None


def position(samples: Sequence[Sample], previous: Position | None = None) -> Position | None:
    """Where a job is after these samples.

    Args:
        samples: Its history, oldest first; repetitions of a state are harmless.
        previous: Its position at an earlier call, which saves time.

    Returns:
        None without samples, and for a job that has ended.
    """
    if not samples or status_facts(samples[-1].status).finished:
        return None
    last = samples[-1]
    if previous is not None and previous.last == last:
        return previous
    phase, running, progress = phase_of(last), last.status == Status.IN_PROGRESS, _known_progress(samples)
    percent = int(progress) if running else 0
    if running and previous is not None and previous.running and progress >= SEEN_FROM_START:
        start, began, first = bisect_left(samples, previous.began, key=_at), previous.began, previous.first
    else:
        start = run_start(samples) if running else _wait_start(samples)
        began, first = samples[start].at, 0
        if running and start == 0 and clamp(samples[0].progress) >= SEEN_FROM_START:
            first = int(clamp(samples[0].progress))
    crossed = changed = last.at
    for index in range(len(samples) - 2, start - 1, -1):
        earlier = samples[index]
        if changed == samples[index + 1].at and earlier[1:] == last[1:]:
            changed = earlier.at
        if phase_of(earlier) != phase or (earlier.progress is not None and clamp(earlier.progress) < percent):
            break
        crossed = earlier.at
    haste, step, one_stage, unevenness = 0.0, 0.0, False, None
    if running:
        step = _step(samples, start, progress)
        if previous is not None and previous.began == began and previous.running:
            one_stage = previous.one_stage and previous.phase == phase
        else:
            one_stage = all(phase_of(sample) == phase for sample in samples[start:])

        def reached(at_percent: float) -> float:
            return samples[min(bisect_left(samples, at_percent, start, key=_progress), len(samples) - 1)].at

        haste = recent_haste(reached, began, percent, first)
        unevenness = _unevenness(began, reached((first + percent) / 2), crossed)
    return Position(
        last,
        phase,
        running,
        began,
        first,
        progress,
        percent,
        crossed,
        changed,
        haste,
        step,
        one_stage,
        unevenness,
    )


def clamp(progress: float | None) -> float:
    """A progress as a number from 0 to 100; 0 for unknown."""
    return min(max(progress or 0.0, 0.0), 100.0)


def phase_of(sample: Sample) -> str:
    """The name under which a sample's stage or status is compared; those of statuses begin with a blank."""
    return _stage_phase(sample.stage) if sample.status == Status.IN_PROGRESS else " " + sample.status


@lru_cache(maxsize=2048)
def _stage_phase(stage: str | None) -> str:
    return _DIGITS.sub("#", stage) if stage else ""


def run_start(samples: Sequence[Sample]) -> int:
    """The index of the sample in which the job began its present run; a progress back near 0 is a new one."""
    start, highest = -1, 0.0
    for index, (_, status, raw, _) in enumerate(samples):
        if status != Status.IN_PROGRESS:
            continue
        progress = clamp(raw)
        restarted = raw is not None and progress < SEEN_FROM_START and highest >= _RESTARTED_FROM
        if start < 0 or restarted:
            start, highest = index, progress
        elif progress > highest:
            highest = progress
    return max(start, 0)


def recent_haste(reached: Callable[[int], float], began: float, percent: int, first: int) -> float:
    """Logarithm of the seconds a point took lately over those it took on average; 0.0 while unknown.

    Lately is a mean over short stretches, none of which counts more than twice the middle one: a single long wait
    hardly moves it.

    Args:
        reached: When a percentage was reached.
        began: When the run began.
        percent: Where the job is.
        first: Where it was when it began.
    """
    now = reached(percent)
    if percent - first < _RECENT_POINTS + 2 or now <= began:
        return 0.0
    times = [reached(percent - back) for back in range(_RECENT_POINTS, 0, -_STRETCH_POINTS)] + [now]
    stretches = sorted(after - before for before, after in pairwise(times))
    some = [stretch for stretch in stretches if stretch > 0]
    cap = 2 * some[len(some) // 2] if some else 0.0
    recent = sum(min(stretch, cap) for stretch in stretches) / _RECENT_POINTS
    if recent <= 0:
        return 0.0
    return min(max(log(recent * (percent - first) / (now - began)), -_MAX_HASTE), _MAX_HASTE)


def _unevenness(began: float, halfway: float, now: float) -> float | None:
    if not began < halfway < now:
        return None
    return abs(log((now - halfway) / (halfway - began)))


def _step(samples: Sequence[Sample], start: int, progress: float) -> float:
    for index in range(len(samples) - 2, start - 1, -1):
        if 0 < clamp(samples[index].progress) < progress or index == start:
            return max(progress - clamp(samples[index].progress), 0.0)
    return 0.0


def _wait_start(samples: Sequence[Sample]) -> int:
    index = len(samples) - 1
    while index and samples[index - 1].status != Status.IN_PROGRESS:
        index -= 1
    return index


def _known_progress(samples: Sequence[Sample]) -> float:
    for sample in reversed(samples):
        if sample.progress is not None or sample.status != Status.IN_PROGRESS:
            return clamp(sample.progress)
    return 0.0


def _progress(sample: Sample) -> float:
    return sample[2] or 0.0


def _at(sample: Sample) -> float:
    return sample[0]
