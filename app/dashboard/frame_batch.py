"""Gathers changes, so that one frame shows many of them: a frame costs as much as dozens of polls."""

from collections.abc import Callable
from time import monotonic

from textual.timer import Timer

_SOON = 0.05
"""Seconds for which changes are gathered when something happened that a person waits for."""

_UNHURRIED = 0.4
"""The same while jobs merely move on: most answers of one round of polls come within that."""

_IN_TIME = 1.0
"""Seconds from one frame to the next for what moves on."""


class Batch:
    """The jobs that have changed since the last frame."""

    def __init__(
        self,
        set_timer: Callable[[float, Callable[[], None]], Timer],
        show: Callable[[set[str]], None],
    ) -> None:
        """Nothing has changed yet.

        Args:
            set_timer: Calls a function after so many seconds.
            show: Shows what these jobs look like now.
        """
        self._set_timer = set_timer
        self._show = show
        self._jobs: set[str] = set()
        self._timer: Timer | None = None
        self._due = 0.0
        self._shown_at = float("-inf")

    def add(self, job_id: str, *, urgent: bool) -> None:
        """A job has changed.

        Args:
            job_id: Which one.
            urgent: Whether more than its progress did.
        """
        self._jobs.add(job_id)
        now = monotonic()
        due = now + _SOON if urgent else max(now + _UNHURRIED, self._shown_at + _IN_TIME)
        if self._timer and due >= self._due:
            return
        if self._timer:
            self._timer.stop()
        self._due = due
        self._timer = self._set_timer(due - now, self._end)

    def _end(self) -> None:
        self._timer = None
        self._shown_at = monotonic()
        jobs, self._jobs = self._jobs, set()
        self._show(jobs)
