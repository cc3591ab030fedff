"""Collects status transitions and decides when to announce them: in bursts, and once for all changes since the last run."""

from collections.abc import Iterable
from typing import NamedTuple

from app.presentation.notices import News, is_news, news_text
from app.watch.events import Event
from app.watch.watch_list import Change

_STARTUP_SECONDS = 10.0
"""How long the first digest waits for the first answers, so that it covers everything that changed since the last run."""

_BURST_GAP_SECONDS = 3.0
"""Transitions closer together than this belong to one burst: one toast, one bell."""


class Transition(NamedTuple):
    """A change of a job that deserves attention.

    Attributes:
        title: The job's title.
        event: What happened.
        ours: Whether this process found out, rather than another one that shares the database.
    """

    title: str
    event: Event
    ours: bool


class Digest(NamedTuple):
    """Transitions to announce together.

    Attributes:
        lead: What the announcement begins with; empty for nothing.
        transitions: At least one.
        starts_burst: Whether no other digest came shortly before.
    """

    lead: str
    transitions: tuple[Transition, ...]
    starts_burst: bool

    @property
    def text(self) -> str:
        """The announcement, possibly of several lines."""
        news = [News(item.title, item.event) for item in self.transitions]
        return f"{self.lead}\n{news_text(news)}".lstrip()


class TransitionDigest:
    """Collects transitions until they are due. Knows nothing of screens and bells."""

    def __init__(self, expected: Iterable[str], now: float) -> None:
        """Start collecting.

        Args:
            expected: IDs of jobs that may have changed since the last run; the first digest waits for their answers.
            now: Seconds since the epoch.
        """
        self._expected = set(expected)
        self._startup_until = now + _STARTUP_SECONDS
        self._startup = bool(self._expected)
        self._pending: list[Transition] = []
        self._taken_at = float("-inf")

    def expect(self, job_ids: Iterable[str]) -> None:
        """Wait for the answers to these jobs too. Needed because a long list is loaded in two parts."""
        self._expected.update(job_ids)
        self._startup = self._startup or bool(self._expected)

    def add(self, change: Change, title: str) -> None:
        """Add a change, if it deserves attention.

        Args:
            change: What changed.
            title: The job's title.
        """
        before, after = change.before, change.after
        if after is None or before is None:
            self._expected.discard(change.job_id)
            return
        if after.fetched_at != before.fetched_at or after.failure != before.failure:
            self._expected.discard(change.job_id)
        if change.event and is_news(change.event) and not after.muted:
            self._pending.append(Transition(title, change.event, change.ours))

    def take(self, now: float) -> Digest | None:
        """Return everything that is due, once; None if nothing is.

        Args:
            now: Seconds since the epoch.
        """
        if not self._pending or (self._expected and self._starting_up(now)):
            return None
        transitions, self._pending = tuple(self._pending), []
        lead, self._startup = ("While you were away:" if self._startup else ""), False
        starts_burst = abs(now - self._taken_at) >= _BURST_GAP_SECONDS  # the wall clock may be set back
        self._taken_at = now
        return Digest(lead, transitions, starts_burst)

    def end_startup(self, now: float) -> None:
        """Stop saying "While you were away" once all expected jobs are answered, or that took too long."""
        if self._startup and not (self._expected and self._starting_up(now)) and not self._pending:
            self._startup = False

    def _starting_up(self, now: float) -> bool:
        return 0.0 < self._startup_until - now <= _STARTUP_SECONDS  # the wall clock may be set back
