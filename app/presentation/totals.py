"""Totals over the whole list, updated job by job, so that they cost the same for ten jobs and ten thousand."""

from collections import Counter
from collections.abc import Iterable

from app.job import Group
from app.presentation.glyphs import Glyphs, tone
from app.watch.watched import Watched
from widgets.model import Count

_WORDS = {
    Group.RUNNING: "running",
    Group.WAITING: "waiting",
    Group.DONE: "done",
    Group.ATTENTION: "need a look",
}
_ONE = {Group.ATTENTION: "needs a look"}


class Tally:
    """Counts jobs by group, and adds up the progress of those that are not finished.

    It remembers what it has counted of each job, so that no job is counted twice or stays counted after it is gone,
    whatever its owner missed in between.
    """

    def __init__(self, entries: Iterable[Watched] = ()) -> None:
        """Count these."""
        self._counted: dict[str, Watched] = {}
        self._groups: Counter[Group] = Counter()
        self._progress: dict[str, float | None] = {}
        self._known = 0  # of how many of them it is known
        self._sum = 0.0
        self._finishes: dict[str, float] = {}
        for entry in entries:
            self.update(entry.id, entry)

    def update(self, job_id: str, after: Watched | None) -> Watched | None:
        """Count a job as it is now.

        Args:
            job_id: Which job.
            after: Its entry; None if it is not watched any more.

        Returns:
            The entry that was counted until now, if any.
        """
        before = self._counted.pop(job_id, None)
        if before:
            self._groups[before.group] -= 1
            if (fraction := self._progress.pop(job_id, None)) is not None:
                self._sum -= fraction
                self._known -= 1
            self._finishes.pop(job_id, None)
        if after:
            self._counted[job_id] = after
            self._groups[after.group] += 1
            if after.group in (Group.RUNNING, Group.WAITING):
                fraction = after.job.fraction if after.job else None
                self._progress[job_id] = fraction
                if fraction is not None:
                    self._sum += fraction
                    self._known += 1
                if after.outlook and after.outlook.finish is not None:
                    self._finishes[job_id] = after.outlook.finish
        return before

    def number(self, group: Group) -> int:
        """How many jobs are in a group."""
        return self._groups[group]

    @property
    def fraction(self) -> float | None:
        """The mean progress of all jobs that run or wait, 0.0 to 1.0; None where nothing is known of any.

        One whose progress is not known counts as not begun.
        """
        if not self._known:
            return None
        return min(1.0, max(0.0, self._sum / len(self._progress)))

    @property
    def finish(self) -> float | None:
        """When the last of the jobs with a forecast will be done, in seconds since the epoch; None without any."""
        return max(self._finishes.values(), default=None)

    def counts(self, signs: Glyphs) -> tuple[Count, ...]:
        """The counts, for the status bar."""
        return tuple(
            Count(
                signs.group(group),
                self._groups[group],
                _ONE.get(group, _WORDS[group]) if self._groups[group] == 1 else _WORDS[group],
                tone(group),
            )
            for group in (Group.RUNNING, Group.WAITING, Group.ATTENTION, Group.DONE)
        )
