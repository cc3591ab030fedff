"""Collects status transitions and decides when to announce them: in bursts, and once for all changes since the last run."""

from collections.abc import Iterable
from typing import NamedTuple

from app.presentation.event_lines import News, is_news
from app.watch.watch_list import Change
from app.watch.watched import Watched

_STARTUP_SECONDS = 10.0
"""How long the first digest waits for the first answers, so that it covers everything that changed since the last run."""

_BURST_GAP_SECONDS = 3.0
"""Transitions closer together than this belong to one burst: one toast, one bell."""


class Digest(NamedTuple):
    """Transitions to announce together."""

    news: tuple[News, ...]  # at least one
    reports: bool  # whether this process sends the notification; see `Session.reports`
    starts_burst: bool  # whether no other digest came shortly before
    while_closed: bool  # whether they happened since the last run


class TransitionDigest:
    """Collects transitions until they are due. Knows nothing about screens or bells.

    The first digest waits for answers about jobs that may have changed since the last run. Times are in seconds since
    the epoch.
    """

    def __init__(self, entries: Iterable[Watched], now: float) -> None:
        self._expected: set[str] = set()
        self._startup_until = now + _STARTUP_SECONDS
        self._first_pending = False  # whether the digest of changes since the last run is still to come
        self.expect(entries)
        self._pending: list[News] = []
        self._reports = True
        self._taken_at = float("-inf")

    def expect(self, entries: Iterable[Watched]) -> None:
        """Also wait for answers about these jobs, unless they had finished. A long list is loaded in two parts."""
        self._expected.update(entry.id for entry in entries if entry.job and not entry.finished)
        self._first_pending = self._first_pending or bool(self._expected)

    def add(self, change: Change, title: str, *, reports: bool = True) -> None:
        """Add a change of the job with this title, if it deserves attention."""
        before, after = change.before, change.after
        if after is None or before is None:
            self._expected.discard(change.job_id)
            return
        if after.fetched_at != before.fetched_at or after.failure != before.failure:
            self._expected.discard(change.job_id)
        if change.event and is_news(change.event) and not after.muted:
            self._pending.append(News(title, change.event))
            self._reports = self._reports and reports

    def take(self, now: float) -> Digest | None:
        """Take everything that is due; None if nothing is."""
        starting_up = 0.0 < self._startup_until - now <= _STARTUP_SECONDS  # the wall clock may be set back
        if self._expected and starting_up:
            return None
        is_first, self._first_pending = self._first_pending, False
        if not self._pending:
            return None
        news, self._pending = tuple(self._pending), []
        reports, self._reports = self._reports, True
        starts_burst = abs(now - self._taken_at) >= _BURST_GAP_SECONDS  # here too, it may be set back
        self._taken_at = now
        return Digest(news, reports, starts_burst, is_first)
