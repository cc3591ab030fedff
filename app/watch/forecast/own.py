"""What a job's own past says of its pace: all there is to go by while few finished jobs are known.

A job that has been in one stage all the time may have changed its speed for good, or wait now and then; whether its
overall pace or its latest one tells more is seen from how well both would have foretold its own way so far. In a job
that goes from stage to stage, each stage has a pace of its own, and the overall one says most of those to come.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from math import log
from typing import NamedTuple

from app.watch.forecast.break_point import place_of_change
from app.watch.history import Sample

_RECORD_FROM = 4.0  # percent of progress from which on there is a way to judge by
_LOOKS = 6  # from how many places on it the rest is foretold
_HORIZON = 6.0  # how many points ahead of each, at most
_RECENT = 5.0  # points that make the latest pace
_FIRST_WEIGHT = 2.0  # how much the errors believed at first count; looks count 1 to 6
_HALF = 0.15  # an error of the logarithm that counts 1/2; an infinite one would count 1
_PARTS = 36  # into how many parts the way is cut, at most, to find where the speed changed
_LEAST_PARTS = 3  # before and after such a place
_LEAST_STEP = 1e-3  # points; less is no progress


class Own(NamedTuple):
    """What a running job's own past says of its pace.

    Attributes:
        uniform: Whether it has been in one stage only, and has not changed its speed twice or more.
        pace: Seconds a point since its speed changed for good, or since it began to run; 0.0 while nothing is known.
        overall: How badly the overall pace foretold the job's own way so far: mean error of the logarithm, each
            bounded, 0.0 to 1.0.
        recent: Likewise for the pace of the last points.
        spread: The smaller of the two errors, not bounded.
    """

    uniform: bool = False
    pace: float = 0.0
    overall: float = 0.65
    recent: float = 0.9
    spread: float = 0.3


UNKNOWN = Own()


def own(
    samples: Sequence[Sample], began: float, now: float, progress: float, step: float, one_stage: bool
) -> Own:
    """What a job's own past says of its pace.

    Args:
        samples: Its past, oldest first.
        began: When it began to run.
        now: When it was last seen to change.
        progress: How far it is, above 0.
        step: How far the last change of progress went, in points.
        one_stage: Whether it has been in one stage only.
    """
    if progress < _RECORD_FROM or now <= began:
        return Own(one_stage)
    # One pass over all samples costs less than half a hundred searches that ask each sample for its progress.
    path = [entry[2] or 0.0 for entry in samples]

    def reached(value: float) -> tuple[float, float]:
        index = min(bisect_left(path, value), len(path) - 1)
        return samples[index].at, path[index]

    uniform, pace = _since_change(reached, began, now, progress, step) if one_stage else (False, 0.0)
    horizon = min(100.0 - progress, progress / 2, _HORIZON)
    weights = _FIRST_WEIGHT
    overall, recent = UNKNOWN.overall * weights, UNKNOWN.recent * weights
    plain, plain_recent = UNKNOWN.spread * weights, UNKNOWN.spread * weights
    newest = progress - horizon
    for number in range(1, _LOOKS + 1):
        at, value = reached(newest * (number + 1) / (_LOOKS + 1))
        before_at, before = reached(max(value - _RECENT, value / 2))
        after_at, after = reached(value + horizon) if number < _LOOKS else (now, progress)
        if (
            after - value < _LEAST_STEP
            or value <= max(before, 0.0)
            or not began < at
            or not before_at < at < after_at
        ):
            continue
        true = (after_at - at) / (after - value)
        error = abs(log((at - began) / value / true))
        late = abs(log((at - before_at) / (value - before) / true))
        overall += number * error / (error + _HALF)
        recent += number * late / (late + _HALF)
        plain += number * error
        plain_recent += number * late
        weights += number
    return Own(uniform, pace, overall / weights, recent / weights, min(plain, plain_recent) / weights)


def _since_change(
    reached: Callable[[float], tuple[float, float]], began: float, now: float, progress: float, step: float
) -> tuple[bool, float]:
    """Whether the speed changed once at most, and the seconds a point since then, or since the job began.

    The logarithms of the paces of equally long parts are cut as those of finished jobs are.
    """
    parts = min(_PARTS, int(progress / max(step, 1.0)))
    places, logs = [], []
    at, value = began, 0.0
    for number in range(1, parts + 1):
        then, there = reached(progress * number / parts) if number < parts else (now, progress)
        if there > value + _LEAST_STEP and then > at:
            places.append((at, value))
            logs.append(log((then - at) / (there - value)))
            at, value = then, there
    cut = place_of_change(logs, _LEAST_PARTS)
    if cut and (place_of_change(logs[:cut], _LEAST_PARTS) or place_of_change(logs[cut:], _LEAST_PARTS)):
        return False, 0.0
    at, value = places[cut] if cut else (began, 0.0)
    # A progress that fell back may lie before that place.
    return True, (now - at) / (progress - value) if value < progress and at < now else 0.0
