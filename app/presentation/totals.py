"""Totals over the whole list, updated incrementally, so that the cost does not depend on the number of jobs."""

from collections import Counter
from collections.abc import Callable, Iterable

from app.job import Group
from app.presentation.glyphs import GLYPHS, tone
from app.watch.watched import Watched
from widgets.model import Count, Heading

_WORDS = {
    Group.ATTENTION: "need a look",
    Group.RUNNING: "running",
    Group.WAITING: "waiting",
    Group.DONE: "done",
}
_UNFINISHED = (Group.RUNNING, Group.WAITING)


def group_heading(group: Group, count: int, key_of: Callable[[str], str]) -> Heading:
    """The line above a group of jobs."""
    name = "Needs a look" if group is Group.ATTENTION else _WORDS[group].capitalize()
    hint = f"{key_of('jobs.clean')} removes all finished" if group is Group.DONE else ""
    return Heading(name, tone(group), count, hint)


class Totals:
    """Counts jobs by group, and averages the progress of the batch.

    The batch is all jobs that were unfinished at any time since the list last had no unfinished job. A finished job in
    it counts as 100 %, so that the overall progress never falls because a job finished.

    The entry counted for each job is remembered, so that even after missed updates no job is counted twice, or still
    counted after its removal.
    """

    def __init__(self, entries: Iterable[Watched] = ()) -> None:
        self._counted: dict[str, Watched] = {}
        self._groups: Counter[Group] = Counter()
        self._batch: dict[str, float | None] = {}  # the progress of its jobs; None if unknown
        self._finishes: dict[str, float | None] = {}  # of running jobs; None for one that is stalled
        for entry in entries:
            self.update(entry.id, entry)

    def update(self, job_id: str, after: Watched | None) -> Watched | None:
        """Count a job as it is now, or no longer if `after` is None; returns the entry counted before."""
        before = self._counted.pop(job_id, None)
        if before:
            self._groups[before.group] -= 1
        self._finishes.pop(job_id, None)
        in_batch = job_id in self._batch
        self._batch.pop(job_id, None)
        if after:
            self._counted[job_id] = after
            self._groups[after.group] += 1
            if after.group in _UNFINISHED:
                self._batch[job_id] = after.job.fraction if after.job else None
                if after.stalled_since is not None or after.expected_finish is not None:
                    self._finishes[job_id] = after.expected_finish
            elif in_batch:
                self._batch[job_id] = 1.0
        if self._batch and not any(self._groups[group] for group in _UNFINISHED):
            self._batch.clear()
        return before

    def number(self, group: Group) -> int:
        """The number of jobs in a group."""
        return self._groups[group]

    @property
    def fraction(self) -> float | None:
        """The mean progress of the batch, 0.0 to 1.0; None if no progress is known.

        A job with unknown progress counts as not started.
        """
        known = [fraction for fraction in self._batch.values() if fraction is not None]
        return min(1.0, sum(known) / len(self._batch)) if known else None

    @property
    def next_finish(self) -> float | None:
        """When the first job with a forecast will be done, in seconds since the epoch; None if there is none."""
        return min(filter(None, self._finishes.values()), default=None)

    @property
    def last_finish(self) -> float | None:
        """When all running jobs will be done, in seconds since the epoch; None if any lacks a forecast and is not stalled."""
        if len(self._finishes) < self._groups[Group.RUNNING]:
            return None
        return max(filter(None, self._finishes.values()), default=None)

    def counts(self) -> tuple[Count, ...]:
        """The counts, the most important first."""
        return tuple(
            Count(
                GLYPHS[group],
                number := self._groups[group],
                "needs a look" if group is Group.ATTENTION and number == 1 else word,
                tone(group),
            )
            for group, word in _WORDS.items()
        )
