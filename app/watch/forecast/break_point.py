"""Whether a model has changed its speed for good, so that its older jobs say nothing any more."""

from collections import defaultdict
from collections.abc import Sequence
from math import log, sqrt

from app.watch.forecast.curve import Curve

_LEAST = 6
_SURE = 4.5
_NO_CHANGE = 0.1


def since_change(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Finished jobs without those that were written before their models changed their speed.

    For each kind of models the logarithms of the running times are cut in two at the place where the means on
    both sides differ most for their scatter (the largest two-sample t statistic over all places; Hinkley 1970).
    Only a difference that is out of the question by chance counts.

    Args:
        curves: Finished jobs, oldest first.
    """
    times: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for index, one in enumerate(curves):
        times[one.models].append((index, log(max(one.running, 1.0))))
    dropped: set[int] = set()
    for places in times.values():
        cut = _cut([value for _, value in places])
        dropped.update(index for index, _ in places[:cut])
    return tuple(one for index, one in enumerate(curves) if index not in dropped)


def _cut(values: list[float]) -> int:
    """How many of the oldest values to leave out: 0 if nothing changed."""
    count = len(values)
    total, squares = sum(values), sum(value * value for value in values)
    best, cut = _SURE, 0
    left = left_squares = 0.0
    for index, value in enumerate(values[: count - _LEAST], 1):
        left += value
        left_squares += value * value
        if index < _LEAST:
            continue
        rest = count - index
        before, after = left / index, (total - left) / rest
        inner = left_squares - left * before + squares - left_squares - (total - left) * after
        scatter = sqrt(max(inner, 0.0) / (count - 2) + 1e-4)
        distance = abs(after - before)
        score = distance / (scatter * sqrt(1 / index + 1 / rest))
        if distance > _NO_CHANGE and score > best:
            best, cut = score, index
    return cut
