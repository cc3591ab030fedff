"""Which jobs the table shows, and in what order."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.dashboard.columns import job_column
from app.watch.watched import Watched


@dataclass(frozen=True, slots=True)
class View:
    """How a person wants to see the list.

    Attributes:
        sort: The key of the column to sort by.
        reverse: Whether the last comes first.
        filter: Words that must all be found in a job; empty for no filter.
    """

    sort: str = "status"
    reverse: bool = False
    filter: str = ""

    def place(self, entry: Watched) -> tuple[object, ...]:
        """What decides where a job stands; jobs with equal values keep the order in which they were added."""
        key = job_column(self.sort).sort
        return key(entry) if key else ()

    def shows(self, entry: Watched) -> bool:
        """Whether the filter lets a job through."""
        return not self.filter.strip() or all(
            word in _haystack(entry) for word in self.filter.casefold().split()
        )

    def arrange(self, entries: Iterable[Watched]) -> list[str]:
        """The IDs of the jobs to show, in order.

        Args:
            entries: All jobs, in the order in which they were added.
        """
        words = self.filter.casefold().split()
        shown = list(entries)
        if words:
            shown = [entry for entry in shown if _all_in(words, _haystack(entry))]
        # A reversed stable sort would also reverse those that stand equal; this keeps them in their order.
        shown.sort(key=self.place, reverse=self.reverse)
        return [entry.id for entry in shown]


def _all_in(words: list[str], haystack: str) -> bool:
    return all(word in haystack for word in words)


def _haystack(entry: Watched) -> str:
    job = entry.job
    if job is None:
        return f"{entry.label} {entry.id}"
    return f"{job.title or ''} {job.stage or ''} {entry.label} {entry.id}".casefold()


class ShortIds:
    """The shortest beginning of each job's ID, of 8 characters at least, that no other watched job shares."""

    def __init__(self, job_ids: Iterable[str] = ()) -> None:
        """Take these in."""
        self._by_beginning: dict[str, list[str]] = {}
        for job_id in job_ids:
            self.add(job_id)

    def add(self, job_id: str) -> None:
        """A job came onto the list."""
        self._by_beginning.setdefault(job_id[:8], []).append(job_id)

    def drop(self, job_id: str) -> None:
        """A job went from the list."""
        others = self._by_beginning[job_id[:8]]
        others.remove(job_id)
        if not others:
            del self._by_beginning[job_id[:8]]

    @property
    def longest(self) -> int:
        """How long the longest of them is."""
        alike = [job_id for others in self._by_beginning.values() if len(others) > 1 for job_id in others]
        return max((len(self.of(job_id)) for job_id in alike), default=8)

    def of(self, job_id: str) -> str:
        """What to show for a job."""
        others = [other for other in self._by_beginning.get(job_id[:8], ()) if other != job_id]
        length = 8
        while any(other.startswith(job_id[:length]) for other in others):
            length += 1
        return job_id[:length]
