"""The forecasts to beat: what programs with progress bars usually do. Fed at every poll, one object a job."""

from typing import Protocol

from app.watch.history import Sample


class Baseline(Protocol):
    """A way to say how many seconds remain."""

    def remaining(self, sample: Sample) -> float | None:
        """Take one poll in, and say what remains; None while there is nothing to go by."""


class Linear:
    """As fast as on average since it began to run."""

    def __init__(self) -> None:
        self._began: float | None = None

    def remaining(self, sample: Sample) -> float | None:
        if sample.status != "in_progress":
            return None
        if self._began is None:
            self._began = sample.at
        if not sample.progress or sample.at <= self._began:
            return None
        return (sample.at - self._began) * (100 - sample.progress) / sample.progress


class Averaged:
    """As fast as an exponential average of the last advances, the newest counting 30 %, as progress bars do it.

    Seconds and points are averaged apart and then divided. A poll without an advance leaves the rate as it is.
    """

    newest = 0.3

    def __init__(self) -> None:
        self._at = self._progress = self._seconds = self._points = 0.0
        self._running = False

    def remaining(self, sample: Sample) -> float | None:
        if sample.status != "in_progress":
            return None
        progress = sample.progress or 0.0
        if not self._running:
            self._running, self._at, self._progress = True, sample.at, progress
        elif progress > self._progress:
            self._seconds += self.newest * (sample.at - self._at - self._seconds)
            self._points += self.newest * (progress - self._progress - self._points)
            self._at, self._progress = sample.at, progress
        if not self._points:
            return None
        return (100 - progress) * self._seconds / self._points


class LastRate(Averaged):
    """As fast as the last advance alone."""

    newest = 1.0


BASELINES: dict[str, type[Linear] | type[Averaged] | type[LastRate]] = {
    "linear": Linear,
    "averaged": Averaged,
    "last rate": LastRate,
}
