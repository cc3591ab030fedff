"""A job's history: one sample for each change of its status, stage or progress, thinned to a limit."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from app.job import Job

CLOCK_SET_BACK_SECONDS = 60.0
"""A sample this much older than the previous one means that the wall clock was set back in between."""

_THINNED_FRACTION = 0.75
"""A history is thinned to this share of its limit, so that the next sample does not thin it again."""


class HistoryLimits(NamedTuple):
    """How much history is kept."""

    samples: int = 300  # per job, at least 10
    events: int = 50_000  # of all jobs together, at least 1


class Sample(NamedTuple):
    """A job's state at one moment, with the fields of `Job`."""

    at: float  # when the answer arrived, in seconds since the epoch
    status: str
    progress: float | None
    stage: str | None

    @classmethod
    def of(cls, job: Job, at: float) -> "Sample":
        """The sample for an answer that arrived at `at`, in seconds since the epoch."""
        return cls(at, job.status, job.progress, job.stage)


def add_sample(history: list[Sample], new: Sample, limit: int) -> list[Sample]:
    """Add a sample to a history, oldest first; return `history` itself if nothing changed since its last sample.

    If the wall clock was set back, earlier samples are shifted back too, which keeps their order and spacing.
    A history of more than `limit` samples, at least 10, is thinned.
    """
    if history and history[-1][1:] == new[1:]:
        return history
    if history and new.at < history[-1].at - CLOCK_SET_BACK_SECONDS:
        offset = history[-1].at - new.at + 1.0  # so that they end one second before the new one
        history = [sample._replace(at=sample.at - offset) for sample in history]
    longer = [*history, new]
    if history and new.at < history[-1].at:  # taken earlier by another process, but saved later
        longer.sort(key=lambda sample: sample.at)
    return longer if len(longer) <= limit else thin(longer, int(limit * _THINNED_FRACTION))


def thin(history: Sequence[Sample], limit: int) -> list[Sample]:
    """Choose the samples to keep of a history that is too long; `limit` is at least 2.

    The first and the last sample are kept, then every change of status, then every change of stage, then as many
    others as fit, spread evenly over time. If not all changes fit, those closest to each other are dropped first. No
    gap between neighbours becomes more than twice as long as if the droppable samples were spread evenly.
    """
    if len(history) <= limit:
        return list(history)
    kept = list(history)
    changed = [(old.status != new.status, old.stage != new.stage) for old, new in pairwise((kept[0], *kept))]

    def cost(n: int) -> tuple[bool, bool, float]:
        """The changes that dropping a sample would lose, and the gap in seconds that it would leave."""
        return *changed[n], kept[n + 1].at - kept[n - 1].at

    end = (True, True, math.inf)
    costs = [end, *map(cost, range(1, len(kept) - 1)), end]
    while len(kept) > limit:
        n = costs.index(min(costs))
        for values in (kept, changed, costs):
            del values[n]
        for neighbour in (n - 1, n):
            if 0 < neighbour < len(kept) - 1:
                costs[neighbour] = cost(neighbour)
    return kept
