"""Gathers what is worth telling, and says when it is told: once a burst, and once for all that changed meanwhile."""

from collections.abc import Iterable
from typing import NamedTuple

from app.presentation.notices import told, worth_telling
from app.watch.events import Event
from app.watch.watch_list import Change

_PATIENCE = 10.0
"""Seconds after the start for which the first answers are waited for, to tell all that changed meanwhile at once."""


class News(NamedTuple):
    """One change that draws attention.

    Attributes:
        title: What the job is called.
        event: What happened.
        change: The job before and after.
    """

    title: str
    event: Event
    change: Change


class Herald:
    """Holds the news until it is time to tell it. Knows nothing of screens and bells."""

    def __init__(self, expected: Iterable[str], now: float) -> None:
        """Begin to listen.

        Args:
            expected: Jobs that may have changed while nobody looked: unfinished, and known from an earlier run.
            now: Seconds since the epoch.
        """
        self._expected = set(expected)
        self._until = now + _PATIENCE
        self._news: list[News] = []
        self._greeting = bool(self._expected)

    def expect(self, job_ids: Iterable[str]) -> None:
        """Add jobs to those that may have changed while nobody looked; for a list that is loaded in two parts."""
        self._expected.update(job_ids)
        self._greeting = self._greeting or bool(self._expected)

    def hear(self, change: Change, title: str) -> None:
        """Take in a change.

        Args:
            change: What happened.
            title: What the job is called.
        """
        before, after = change.before, change.after
        if after is None or before is None:
            self._expected.discard(change.job_id)
            return
        if after.fetched_at != before.fetched_at or after.failure != before.failure:
            self._expected.discard(change.job_id)
        if change.event and worth_telling(change.event) and not after.muted:
            self._news.append(News(title, change.event, change))

    def speak(self, now: float) -> tuple[str, tuple[News, ...]]:
        """What is to be told now, in words, and one by one; both empty while there is nothing or it is too early.

        Args:
            now: Seconds since the epoch.
        """
        if not self._news or (self._expected and self._early(now)):
            return "", ()
        news, self._news = tuple(self._news), []
        text = told([(item.title, item.event) for item in news])
        if self._greeting:
            text = f"While you were away:\n{text}"
        self._greeting = False
        return text, news

    def settle(self, now: float) -> None:
        """The time of the first answers is over: from now on changes are news of the moment."""
        if self._greeting and (not self._expected or not self._early(now)) and not self._news:
            self._greeting = False

    def _early(self, now: float) -> bool:
        return 0.0 < self._until - now <= _PATIENCE  # the clock may be set back
