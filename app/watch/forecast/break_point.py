"""Whether a model has changed its speed for good, so that its older jobs say nothing any more."""

from collections import defaultdict
from collections.abc import Sequence
from math import log, sqrt

_LEAST = 6  # jobs before and after a change of speed
_SURE = 4.5  # the t statistic from which on chance is out of the question
_NO_CHANGE = 0.1  # difference of the mean logarithms up to which the speed counts as the same: a tenth


def outdated(times: Sequence[tuple[str, float]]) -> set[int]:
    """Which jobs were written before their models changed their speed.

    For each kind of models the logarithms of the running times are cut in two at the place where the means on
    both sides differ most for their scatter (the largest two-sample t statistic over all places; Hinkley 1970).
    Only a difference that is out of the question by chance counts.

    Args:
        times: Models and running time in seconds of finished jobs, oldest first.

    Returns:
        Their places in `times`.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for index, (models, _) in enumerate(times):
        places[models].append(index)
    found: set[int] = set()
    for alike in places.values():
        logs = [log(max(times[index][1], 1.0)) for index in alike]
        found.update(alike[: place_of_change(logs, _LEAST)])
    return found


def place_of_change(values: list[float], least: int) -> int:
    """How many of the oldest values to leave out, as those after them differ for good: 0 if nothing changed.

    Args:
        values: Logarithms of times, oldest first.
        least: How many there have to be before and after a change, at least 2.
    """
    count = len(values)
    total, squares = sum(values), sum(value * value for value in values)
    best, cut = _SURE, 0
    left = left_squares = 0.0
    for index, value in enumerate(values[: max(count - least, 0)], 1):
        left += value
        left_squares += value * value
        if index < least:
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
