"""Which jobs the table shows, and in what order. Times are in seconds since the epoch."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from app.job import Group
from app.presentation.columns import COLUMNS, SortFacts
from app.presentation.sentences import cancel_outcome, stage_words
from app.watch.watched import Watched

_ANYWHERE_CHARACTERS = 4
"""A word of at least this many characters matches anywhere in an ID, a shorter one only at its start."""

_GROUP_NAMES = {
    Group.ATTENTION: " attention needs a look",
    Group.RUNNING: " running in_progress",
    Group.WAITING: " waiting",
    Group.DONE: " done",
}
"""Words that find all jobs of a group. A prefix of one of them is enough."""


class View(NamedTuple):
    """The sort order and filter of the list."""

    sort: str = "status"  # the key of a column
    reverse: bool = False
    filter: str = ""  # words that a job must all match; empty for no filter

    def key(self, facts: SortFacts) -> Callable[[Watched], Any]:
        """The key function for sorting."""
        return partial(COLUMNS[self.sort].sort, facts)

    def moves(self, before: Watched, after: Watched, facts: SortFacts) -> bool:
        """Whether a job may have to move in the list.

        When sorted by status, a job moves only if its group changes, not whenever its forecast does.
        """
        if self.sort == "status":
            return before.group is not after.group
        key = self.key(facts)
        return bool(key(before) != key(after))

    def shows(self, entry: Watched) -> bool:
        """Whether a job matches the filter."""
        return bool(self.matching([entry]))

    def matching(self, entries: Iterable[Watched]) -> list[Watched]:
        """The jobs that match the filter, in the same order."""
        matches = list(entries)
        for word in self.filter.casefold().split():  # each word narrows the matches of the previous ones
            groups = {group for group, names in _GROUP_NAMES.items() if f" {word}" in names}
            matches = [entry for entry in matches if entry.group in groups or _matches(word, entry)]
        return matches

    def in_order(self, entries: Iterable[Watched], facts: SortFacts) -> list[Watched]:
        """The jobs in order. Equal ones keep their order, even in reverse."""
        return sorted(entries, key=self.key(facts), reverse=self.reverse)


def _matches(word: str, entry: Watched) -> bool:
    """Whether a job matches a word of the filter, apart from its group."""
    job = entry.job
    texts = f"{job.title or ''} {stage_words(job.stage)} {entry.label}" if job else entry.label
    if word in texts.casefold():
        return True
    if entry.id.startswith(word) or (len(word) >= _ANYWHERE_CHARACTERS and word in entry.id):
        return True
    if entry.cancel and word in cancel_outcome(entry, entry.cancel.at):
        return True
    return entry.stalled_since is not None and "stalled".startswith(word)


class ShortIds:
    """The shortest unique prefix of each watched job's ID, at least 8 characters long."""

    def __init__(self, job_ids: Iterable[str]) -> None:
        self._alike: dict[str, list[str]] = {}  # by their first 8 characters, in alphabetical order
        for job_id in job_ids:
            self.add(job_id)

    def add(self, job_id: str) -> None:
        """Add the ID of a job."""
        insort(self._alike.setdefault(job_id[:8], []), job_id)

    def drop(self, job_id: str) -> None:
        """Remove the ID of a job."""
        self._alike[job_id[:8]].remove(job_id)

    @property
    def longest(self) -> int:
        """The length of the longest prefix."""
        longer = (alike for alike in self._alike.values() if len(alike) > 1)
        return max((len(self.of(job_id)) for alike in longer for job_id in alike), default=8)

    def of(self, job_id: str) -> str:
        """The short ID of a job."""
        alike = self._alike.get(job_id[:8], [])
        index = bisect_left(alike, job_id)
        neighbours = [other for other in alike[max(0, index - 1) : index + 2] if other != job_id]
        length = 8
        while any(other.startswith(job_id[:length]) for other in neighbours):
            length += 1
        return job_id[:length]
