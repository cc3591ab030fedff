"""The list as a person has arranged it: filter, order, marks and totals, derived from the watch list."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import inf

from app.presentation.columns import job_column, title_of
from app.presentation.glyphs import ASCII, Glyphs
from app.presentation.ordering import ShortIds, Shown, View
from app.presentation.rows import RowMaker
from app.presentation.totals import Totals, group_heading
from app.watch.session import Session
from app.watch.watched import Watched
from widgets.fitting import cut
from widgets.model import Heading, Row

_MOST_WITH_HEADINGS = 200
"""Longer lists fit no screen together with headings."""

_LONGEST_NAME = 60
"""Cells of a title that a sentence has room for: the matter is what happened."""


class Board:
    """What stands between the watch list and the table. Knows nothing of widgets."""

    def __init__(self, session: Session, signs: Glyphs) -> None:
        """Take in the watch list as it is.

        Args:
            session: Where the jobs are.
            signs: The glyphs to draw with.
        """
        self._session = session
        self._entries = session.watch_list.entries
        self.signs = signs
        self.view = View()
        self.marks: set[str] = set()
        self.totals = Totals(self._entries.values())
        self.short_ids = ShortIds(self._entries)
        self.misplaced = False
        self.shown: list[str] = []  # what `arrange` returned last
        self._order: list[str] = []  # all jobs, those too that the filter hides
        self._sorted_by: tuple[str, bool] | None = None
        self._places: dict[
            str, int
        ] = {}  # where each job stood last, for jobs that are equal; removed ones too
        self._gone: dict[str, Watched] = {}  # removed, and on the screen until the rows are put in order
        self._rows = RowMaker(signs, self.short_ids, self.marks, session.interval)

    @property
    def plain(self) -> bool:
        """Whether only ASCII characters are drawn."""
        return self.signs is ASCII

    def __getitem__(self, job_id: str) -> Watched:
        return self._entries.get(job_id) or self._gone[job_id]

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._entries

    def get(self, job_id: str, default: Watched) -> Watched:
        """A job's entry, or another where it is not watched any more."""
        return self._entries.get(job_id, default)

    def __len__(self) -> int:
        return len(self._entries)

    def changed(self, job_id: str) -> None:
        """Take over a job as the watch list has it now; `misplaced` tells afterwards whether rows are out of order.

        What it was before is what was counted of it here, not what a change says: calling this once too often, or
        only once for several changes, does no harm.
        """
        after = self._entries.get(job_id)
        before = self.totals.update(job_id, after)
        if before is None and after is None:
            return
        if before is None:
            self.short_ids.add(job_id)
            self.misplaced = True
        elif after is None:
            self._gone[job_id] = before
            self.short_ids.drop(job_id)
            self.marks.discard(job_id)
            self.misplaced = True
        elif not self.misplaced:
            moves = self.view.moves(before, after, *self._now_and_shown)
            self.misplaced = moves or self.view.shows(before) != self.view.shows(after)

    def time_passed(self) -> None:
        """Note that rows may be out of order if the column that sorts shows something else as time goes by."""
        self.misplaced = self.misplaced or job_column(self.view.sort).changes_with_time

    def arrange(self) -> list[str]:
        """The jobs to show, in order.

        Jobs that are equal stand in the order in which they were added. In a column that rounds, where they become equal
        and unequal again all the time, they keep their places among each other instead.
        """
        self._gone.clear()
        sorted_by = (self.view.sort, self.view.reverse)
        if sorted_by != self._sorted_by:
            self._sorted_by = sorted_by
            self._places.clear()
            self.misplaced = True
        if self.misplaced:
            self._order = [entry.id for entry in self._in_order(self._entries.values())]
            if self._now_and_shown[1]:
                self._places.update((job_id, place) for place, job_id in enumerate(self._order))
            self.misplaced = False
        self.shown = [
            entry.id for entry in self.view.matching(self._entries[job_id] for job_id in self._order)
        ]
        return self.shown

    def _in_order(self, entries: Iterable[Watched]) -> list[Watched]:
        places = self._places
        if places:
            entries = sorted(entries, key=lambda entry: places.get(entry.id, inf))
        return self.view.in_order(entries, *self._now_and_shown)

    @property
    def _now_and_shown(self) -> tuple[float, Shown | None]:
        """What decides the order beside the view and the jobs."""
        now = self._session.now()
        return now, self._rows.shown(self.view.sort, now)

    def headings(self, ids: Sequence[str], key_of: Callable[[str], str]) -> list[Heading]:
        """The groups that the jobs on the list make, where it is sorted by status.

        Args:
            ids: The jobs as they are shown.
            key_of: Returns the key of an action, by the action's ID.
        """
        if self.view.sort != "status" or len(ids) > _MOST_WITH_HEADINGS:
            return []
        return [
            group_heading(group, len(list(jobs)), key_of)
            for group, jobs in groupby(ids, key=lambda job_id: self[job_id].group)
        ]

    def row(self, job_id: str) -> Row:
        """The table's row of a job."""
        return self._rows.row(self[job_id], self._session.now())

    def title(self, job_id: str) -> str:
        """A job's title in full, or its short ID."""
        return title_of(self[job_id], self.short_ids.of(job_id))

    def name(self, job_id: str) -> str:
        """What to call a job in a sentence; one that is not watched any more is called by its ID."""
        if job_id not in self:
            return job_id[:8]
        return cut(self.title(job_id), _LONGEST_NAME, ascii=self.plain)

    def age(self, entry: Watched) -> str:
        """How old a job's data is, in words; empty while it is as new as it gets."""
        return self._rows.age(entry, self._session.now())

    # Marks

    def targets(self, cursor: str | None) -> list[str]:
        """The jobs an action is for: the marked ones as the list has them, hidden ones last, else that under the cursor."""
        if self.marks:
            marked = self._in_order(entry for job_id, entry in self._entries.items() if job_id in self.marks)
            return [entry.id for entry in sorted(marked, key=lambda entry: not self.view.shows(entry))]
        return [cursor] if cursor is not None and cursor in self else []

    def toggle(self, job_id: str) -> None:
        """Mark a job, or no longer."""
        self.marks.symmetric_difference_update({job_id})

    def mark(self, job_ids: Iterable[str]) -> None:
        """Mark all of these; if all of them are marked already, none of them any longer."""
        wanted = set(job_ids)
        if wanted <= self.marks:
            self.marks.difference_update(wanted)
        else:
            self.marks.update(wanted)

    def hidden(self, job_ids: Sequence[str]) -> int:
        """How many of these the filter hides."""
        if not self.view.filter:
            return 0
        return sum(not self.view.shows(self[job_id]) for job_id in job_ids if job_id in self)
