"""Forecasts the jobs of a watch list, and learns from those that finish."""

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.job import Cadence, Job
from app.watch.forecast import pacing
from app.watch.forecast.estimate import Forecast, forecast
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Training, learn, remember
from app.watch.history import Sample, add_sample
from app.watch.polling.intervals import Intervals
from app.watch.watched import Outlook, Watched

if TYPE_CHECKING:
    from app.watch.storage import JobStore

_TRAINING_JOBS = 200
"""How many completed jobs are read from the database; `remember` learns from the newest of them."""

_MAX_SAMPLES = 600
"""How many samples of a running job are kept in memory."""

_HISTORY_TIMEOUT_SECONDS = 0.2
"""How long an answer may wait for the job's history."""


@dataclass(slots=True)
class _Track:
    """The samples and the latest forecast of a running job."""

    samples: list[Sample]
    latest: Forecast | None = None


class Forecaster:
    """Forecasts each job after each answer about it. Not thread-safe, except for `train`."""

    def __init__(self, store: "JobStore") -> None:
        self._store = store
        self._training = Training()
        self._tracks: dict[str, _Track] = {}
        self._histories: dict[str, Future[list[Sample]]] = {}

    def train(self) -> None:
        """Learn from the jobs that completed most recently. Takes up to a second: call it once, in a thread."""
        finished = self._store.completed_histories(_TRAINING_JOBS)
        self._training = remember([(samples, "|".join(models)) for samples, *models in finished])

    def forget_all(self) -> None:
        """Discard all histories and everything learned from them, because their progress was misread."""
        self._training = Training()
        self._tracks.clear()
        self._histories.clear()

    async def read_history(self, job_id: str) -> None:
        """Read a job's history before its first answer is handled; if that takes long, the answer gets no forecast."""
        if job_id in self._tracks:
            return
        if job_id not in self._histories:
            self._histories[job_id] = self._store.read_soon(self._store.samples, job_id)
        await asyncio.wait([asyncio.wrap_future(self._histories[job_id])], timeout=_HISTORY_TIMEOUT_SECONDS)

    def update(self, entry: Watched, now: float) -> Outlook | None:
        """The outlook of a job after an answer about it, at `now`; None if it has ended, or too little is known.

        Learns from a job that has completed.
        """
        job = entry.job
        if job is None or entry.finished:
            track = self._tracks.get(entry.id)
            self.forget(entry.id)
            if job is not None and track is not None:
                samples, models = [*track.samples, Sample.of(job, now)], _models_of(job)
                self._training = learn(self._training, samples, models, job.updated_at)
            return None
        track = self._tracks.get(entry.id)
        if track is None:
            history = self._histories.get(entry.id)
            if history and not history.done():
                return entry.outlook
            self._histories.pop(entry.id, None)
            track = _Track(history.result() if history and not history.exception() else [])
            self._tracks[entry.id] = track
        track.samples = add_sample(track.samples, Sample.of(job, now), _MAX_SAMPLES)
        samples, training, models = track.samples, self._training, _models_of(job)
        latest = track.latest = forecast(samples, now, training, models=models, previous=track.latest)
        course = None if latest is None else latest.course
        since = stalled_since(samples, now, training, models=models, updated_at=job.updated_at, course=course)
        if since is not None:
            return Outlook(stalled_since=since)
        return Outlook(latest.finish, latest.low, latest.high) if latest and latest.shown else None

    def pause_before(
        self, entry: Watched, now: float, intervals: Intervals, *, watched: bool
    ) -> float | None:
        """Seconds until the next poll of a running job, without jitter; None to use the plain interval."""
        if entry.cadence is not Cadence.FAST or entry.job is None or intervals.exact:
            return None
        track = self._tracks.get(entry.id)
        latest = track.latest if track else None
        return pacing.next_poll(entry.job.status, now, latest, intervals, watched=watched)

    def forget(self, job_id: str) -> None:
        """Discard what is known of a job that has ended or been removed."""
        self._tracks.pop(job_id, None)
        self._histories.pop(job_id, None)


def _models_of(job: Job) -> str:
    """The models for writing and reasoning, which tell kinds of jobs apart."""
    return f"{job.writing_model or ''}|{job.reasoning_model or ''}"
