"""Which jobs the table shows, and in what order."""

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from app.presentation.columns import by_group, job_column
from app.presentation.sentences import stage_words
from app.watch.watched import Watched

_ANYWHERE = 4
"""From so many characters on, a word may stand anywhere in an ID."""


Shown = Callable[[Watched], str]
"""What the column that sorts shows of a job now."""


class View(NamedTuple):
    """How a person wants to see the list.

    Attributes:
        sort: The key of the column to sort by.
        reverse: Whether the last comes first.
        filter: Words that must all be found in a job; empty for no filter. One of a few characters counts in an
            ID only where it begins it: `4` would be found in every one of them.
    """

    sort: str = "status"
    reverse: bool = False
    filter: str = ""

    def key(self, now: float = 0.0, shown: Shown | None = None) -> Callable[[Watched], Any]:
        """What decides a job's place, for one sort.

        Args:
            now: Seconds since the epoch.
            shown: For a column that rounds: jobs of which it shows the same are equal, and those of which it shows
                nothing come last. None where the exact values count.
        """
        exact = job_column(self.sort).sort
        if shown is None:
            return lambda entry: exact(entry, now)
        values: dict[str, Any] = {"": math.inf}  # by what is shown, the exact value of one job that shows it

        def rounded(entry: Watched) -> Any:
            text = shown(entry)
            if text not in values:
                values[text] = exact(entry, now)
            return values[text]

        return rounded

    def moves(self, before: Watched, after: Watched, now: float, shown: Shown | None = None) -> bool:
        """Whether a job may have to change its place.

        By status only when it changes its group: rows do not wander about because a forecast wavers.

        Args:
            before: The job as it was.
            after: The job as it is.
            now: As for `key`.
            shown: Likewise.
        """
        if self.sort == "status":
            return by_group(before, now) != by_group(after, now)
        key = self.key(now, shown)
        return bool(key(before) != key(after))

    def shows(self, entry: Watched) -> bool:
        """Whether the filter lets a job through."""
        return all(_found(word, entry) for word in self.filter.casefold().split())

    def matching(self, entries: Iterable[Watched]) -> list[Watched]:
        """The jobs that the filter lets through, in the same order."""
        found = list(entries)
        for word in self.filter.casefold().split():  # each looks only at what those before it have left
            found = [entry for entry in found if _found(word, entry)]
        return found

    def in_order(
        self, entries: Iterable[Watched], now: float = 0.0, shown: Shown | None = None
    ) -> list[Watched]:
        """The jobs in order; those that are equal stay in the order in which they are given.

        Args:
            entries: The jobs.
            now: As for `key`.
            shown: Likewise.
        """
        # A list that is sorted and then reversed would also reverse jobs that are equal; this does not.
        return sorted(entries, key=self.key(now, shown), reverse=self.reverse)


def _found(word: str, entry: Watched) -> bool:
    """Whether a word, in lower case, is found in a job."""
    job = entry.job
    texts = f"{job.title or ''} {stage_words(job.stage)} {entry.label}" if job else entry.label
    if word in texts.casefold():
        return True
    return entry.id.startswith(word) or (len(word) >= _ANYWHERE and word in entry.id)


class ShortIds:
    """The shortest beginning of each job's ID, of 8 characters at least, that no other watched job shares."""

    def __init__(self, job_ids: Iterable[str] = ()) -> None:
        """Take these in."""
        self._alone: dict[str, str] = {}  # by its first 8 characters, a job that shares them with no other
        self._alike: dict[str, list[str]] = {}
        for job_id in job_ids:
            self.add(job_id)

    def add(self, job_id: str) -> None:
        """A job came onto the list."""
        beginning = job_id[:8]
        if beginning in self._alike:
            self._alike[beginning].append(job_id)
        elif beginning in self._alone:
            self._alike[beginning] = [self._alone.pop(beginning), job_id]
        else:
            self._alone[beginning] = job_id

    def drop(self, job_id: str) -> None:
        """A job went from the list."""
        beginning = job_id[:8]
        if beginning in self._alone:
            del self._alone[beginning]
            return
        alike = self._alike[beginning]
        alike.remove(job_id)
        if len(alike) == 1:
            self._alone[beginning] = alike[0]
            del self._alike[beginning]

    @property
    def longest(self) -> int:
        """How long the longest of them is."""
        return max((len(self.of(job_id)) for alike in self._alike.values() for job_id in alike), default=8)

    def of(self, job_id: str) -> str:
        """What to show for a job."""
        others = [other for other in self._alike.get(job_id[:8], ()) if other != job_id]
        length = 8
        while any(other.startswith(job_id[:length]) for other in others):
            length += 1
        return job_id[:length]
