"""Collects changes, so that one frame shows many of them: a frame costs as much as dozens of polls."""

from collections.abc import Callable
from time import monotonic

from textual.timer import Timer

_URGENT_DELAY_SECONDS = 0.05
"""How long changes are collected when one of them is urgent."""

_PROGRESS_DELAY_SECONDS = 0.4
"""How long changes of progress are collected: most answers of one round of polls arrive within this time."""

_FRAME_INTERVAL_SECONDS = 1.0
"""The minimum time between two frames that only show progress."""


class FrameBatch:
    """Collects the IDs of changed jobs, and calls `show` with them when a frame is due. `set_timer` is Textual's."""

    def __init__(
        self, set_timer: Callable[[float, Callable[[], None]], Timer], show: Callable[[set[str]], None]
    ) -> None:
        self._set_timer = set_timer
        self._show = show
        self._jobs: set[str] = set()
        self._timer: Timer | None = None
        self._urgent = False
        self._shown_at = float("-inf")

    def add(self, job_id: str, *, urgent: bool) -> None:
        """Add a job that changed; it is urgent if more than its progress changed."""
        self._jobs.add(job_id)
        if self._timer:
            if self._urgent or not urgent:
                return
            self._timer.stop()
        self._urgent = urgent
        until_next_frame = self._shown_at + _FRAME_INTERVAL_SECONDS - monotonic()
        delay = _URGENT_DELAY_SECONDS if urgent else max(_PROGRESS_DELAY_SECONDS, until_next_frame)
        self._timer = self._set_timer(delay, self._show_batch)

    def _show_batch(self) -> None:
        self._timer = None
        self._shown_at = monotonic()
        jobs, self._jobs = self._jobs, set()
        self._show(jobs)
