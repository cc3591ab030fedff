"""Collects status transitions and decides when to announce them: in bursts, and once for all changes since the last run."""

from collections.abc import Mapping
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

    The first digest waits for answers about jobs that may have changed since the last run. `entries` are all jobs, by
    their IDs. Times are in seconds since the epoch.
    """

    def __init__(self, entries: Mapping[str, Watched], now: float) -> None:
        self._entries = entries
        self._started_at = now
        self._first_pending = True  # whether the digest of changes since the last run is still to come
        self._pending: list[News] = []
        self._reports = True
        self._taken_at = float("-inf")

    def add(self, change: Change, title: str, *, reports: bool = True) -> None:
        """Add a change of the job with this title, if it deserves attention."""
        if change.event and is_news(change.event) and change.after and not change.after.muted:
            self._pending.append(News(title, change.event))
            self._reports = self._reports and reports

    def take(self, now: float) -> Digest | None:
        """Take everything that is due; None if nothing is."""
        starting_up = 0.0 <= now - self._started_at < _STARTUP_SECONDS  # the wall clock may be set back
        if starting_up and self._first_pending and any(map(self._is_awaited, self._entries.values())):
            return None
        is_first, self._first_pending = self._first_pending, False
        if not self._pending:
            return None
        news, self._pending = tuple(self._pending), []
        reports, self._reports = self._reports, True
        starts_burst = abs(now - self._taken_at) >= _BURST_GAP_SECONDS  # here too, it may be set back
        self._taken_at = now
        return Digest(news, reports, starts_burst, is_first)

    def _is_awaited(self, entry: Watched) -> bool:
        """Whether a job that had not finished in the last run has not been asked for since."""
        return entry.job is not None and not entry.finished and entry.fetch_ended_at < self._started_at
