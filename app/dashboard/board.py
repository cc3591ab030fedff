"""The jobs as the list shows them: filter, order, marks and totals, derived from the watch list."""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby

from app.presentation.columns import COLUMNS, CellFacts, SortFacts, title_of
from app.presentation.ordering import ShortIds, View
from app.presentation.rows import is_stale, row_of
from app.presentation.totals import Totals, group_heading
from app.watch.session import Session
from app.watch.watched import Watched
from widgets.fitting import cut
from widgets.model import Heading, Row

_MAX_JOBS_WITH_HEADINGS = 200
"""Longer lists do not fit on any screen together with headings."""

_MAX_NAME_CELLS = 60
"""How much of a title a sentence has room for."""


class Board:
    """Derives rows from the watch list. Knows nothing about widgets.

    Attributes:
        view: The order and the filter.
        marks: The IDs of the marked jobs.
        misplaced: Whether rows are out of order, so that `arrange` would change them.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._entries = session.watch_list.entries
        self.view = View()
        self.marks: set[str] = set()
        self._unseen: set[str] = set()
        self.totals = Totals(self._entries.values())
        self.short_ids = ShortIds(self._entries)
        self.misplaced = False
        self._order: list[str] = []  # all jobs, including those that the filter hides
        self._sorted_by: tuple[str, bool] | None = None
        self._removed: dict[str, Watched] = {}  # still on the screen, until the rows are put in order

    def __getitem__(self, job_id: str) -> Watched:
        return self._entries.get(job_id) or self._removed[job_id]

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def changed(self, job_id: str) -> None:
        """Update everything that depends on a job after it was changed, added or removed.

        Extra calls are harmless, and one call is enough for several changes.
        """
        after = self._entries.get(job_id)
        before = self.totals.update(job_id, after)
        if before is None and after is None:
            return
        if before is None:
            self.short_ids.add(job_id)
            self.misplaced = True
        elif after is None:
            self._removed[job_id] = before
            self.short_ids.drop(job_id)
            self.marks.discard(job_id)
            self._unseen.discard(job_id)
            self.misplaced = True
        else:
            if before.job and after.finished and not before.finished:
                self._unseen.add(job_id)
            if not self.misplaced:
                moves = self.view.moves(before, after, self._sort_facts)
                self.misplaced = moves or self.view.shows(before) != self.view.shows(after)

    def take_unseen(self) -> set[str]:
        """Forget and return the jobs that ended since the last call."""
        unseen, self._unseen = self._unseen, set()
        return unseen

    def time_passed(self) -> None:
        """Note that rows may be out of order if they are sorted by a number that changes with time."""
        self.misplaced = self.misplaced or COLUMNS[self.view.sort].rounds

    def arrange(self) -> list[str]:
        """Put the jobs in order; returns the IDs of those to show.

        Jobs that are equal are in the order in which they were added. If the column rounds, so that jobs keep becoming
        equal and unequal, they keep their relative positions instead.
        """
        self._removed.clear()
        sorted_by = (self.view.sort, self.view.reverse)
        if sorted_by != self._sorted_by:
            self._sorted_by = sorted_by
            self._order = []
            self.misplaced = True
        if self.misplaced:
            entries: Iterable[Watched] = self._entries.values()
            if self._order and COLUMNS[self.view.sort].rounds:
                known = {**dict.fromkeys(self._order), **self._entries}  # in this order, new ones last
                entries = [entry for entry in known.values() if entry]  # without removed ones
            self._order = [entry.id for entry in self.view.in_order(entries, self._sort_facts)]
            self.misplaced = False
        if not self.view.filter:
            return self._order
        return [entry.id for entry in self.view.matching(self._entries[job_id] for job_id in self._order)]

    @property
    def _sort_facts(self) -> SortFacts:
        return SortFacts(self._session.now(), self.is_stale)

    def headings(self, ids: Sequence[str], key_of: Callable[[str], str]) -> list[Heading]:
        """The headings of the groups of these jobs; none unless the list is sorted by status."""
        if self.view.sort != "status" or len(ids) > _MAX_JOBS_WITH_HEADINGS:
            return []
        return [
            group_heading(group, len(list(jobs)), key_of)
            for group, jobs in groupby(ids, key=lambda job_id: self[job_id].group)
        ]

    def row(self, job_id: str, columns: Collection[str] = COLUMNS) -> Row:
        """The table row of a job, with the cells of the columns that have these keys."""
        entry, now, short_id = self[job_id], self._session.now(), self.short_ids.of(job_id)
        facts = CellFacts(now, short_id, columns, self.is_stale(entry), job_id in self._unseen)
        return row_of(entry, facts, marked=job_id in self.marks)

    def title(self, job_id: str) -> str:
        """A job's full title, or its short ID if it has none."""
        return title_of(self[job_id], self.short_ids.of(job_id))

    def name(self, job_id: str) -> str:
        """A job's name for a sentence: its title, or its ID if it is no longer watched."""
        if job_id not in self:
            return job_id[:8]
        return cut(self.title(job_id), _MAX_NAME_CELLS)

    def is_stale(self, entry: Watched) -> bool:
        """Whether a job's data is older than it should be."""
        return is_stale(entry, self._session.interval, self._session.now())

    # Marks

    def targets(self, cursor: str | None) -> list[str]:
        """The jobs an action is for: the marked ones in order, hidden ones last, else the one under the cursor."""
        if self.marks:
            marked = [job_id for job_id in self._order if job_id in self.marks and job_id in self]
            shown = {entry.id for entry in self.view.matching(self[job_id] for job_id in marked)}
            return sorted(marked, key=lambda job_id: job_id not in shown)
        return [cursor] if cursor is not None and cursor in self else []

    def mark(self, job_ids: Iterable[str]) -> None:
        """Mark all these jobs, or unmark them if all of them are marked."""
        wanted = self._entries.keys() & job_ids  # a removed one may still be on the screen
        if wanted <= self.marks:
            self.marks.difference_update(wanted)
        else:
            self.marks.update(wanted)

    def hidden_count(self, job_ids: Iterable[str]) -> int:
        """How many of these jobs the filter hides."""
        if not self.view.filter:
            return 0
        entries = [self[job_id] for job_id in job_ids if job_id in self]
        return len(entries) - len(self.view.matching(entries))
