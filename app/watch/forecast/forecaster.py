"""Forecasts the jobs of a watch list, and learns from those that finish."""

import asyncio
from concurrent.futures import Future

from app.job import Cadence
from app.watch.forecast.estimate import Forecast, forecast
from app.watch.forecast.pacing import next_poll
from app.watch.forecast.stall import stalled_since
from app.watch.forecast.training import Training, learn, remember
from app.watch.history import Sample, add_sample
from app.watch.polling.intervals import Intervals
from app.watch.storage import JobStore
from app.watch.watched import Outlook, Watched

_TRAINING_JOBS = 200  # how many completed jobs are read; `remember` learns from the newest of them
_MAX_SAMPLES = 600  # how many samples of a running job are kept in memory
_HISTORY_TIMEOUT_SECONDS = 0.2  # how long an answer may wait for the job's history


class Forecaster:
    """Forecasts each job after each answer about it. Not thread-safe, except for `train`."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._training = Training()
        self._stored: dict[str, Future[list[Sample]]] = {}  # each running job's history
        self._samples: dict[str, list[Sample]] = {}  # that history and the answers since
        self._latest: dict[str, Forecast | None] = {}

    def train(self) -> None:
        """Learn from the jobs that completed most recently. Takes up to a second: call it once, in a thread."""
        finished = self._store.completed_histories(_TRAINING_JOBS)
        self._training = remember([(samples, "|".join(models)) for samples, *models in finished])

    async def read_history(self, job_id: str) -> None:
        """Read a job's history before its first answer is handled; if that takes long, the answer gets no forecast."""
        if job_id not in self._stored:
            self._stored[job_id] = self._store.read_soon(self._store.samples, job_id)
        if not self._stored[job_id].done():
            await asyncio.wait([asyncio.wrap_future(self._stored[job_id])], timeout=_HISTORY_TIMEOUT_SECONDS)

    def update(self, entry: Watched, now: float) -> Outlook | None:
        """The outlook of a job after an answer at `now`, if enough is known. Learns from a job that has completed."""
        job = entry.job
        assert job is not None
        models = f"{job.writing_model or ''}|{job.reasoning_model or ''}"  # they tell kinds of jobs apart
        sample, samples = Sample.of(job, now), self._samples.get(entry.id)
        if entry.finished:
            self.forget(entry.id)
            if samples:
                self._training = learn(self._training, [*samples, sample], models, job.updated_at)
            return None
        if samples is None:
            stored = self._stored.get(entry.id)
            if stored and not stored.done():
                return entry.outlook
            samples = stored.result() if stored and not stored.exception() else []
        samples = self._samples[entry.id] = add_sample(samples, sample, _MAX_SAMPLES)
        training, previous = self._training, self._latest.get(entry.id)
        latest = self._latest[entry.id] = forecast(samples, now, training, models=models, previous=previous)
        course = latest.course if latest else None
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
        return next_poll(entry.job.status, now, self._latest.get(entry.id), intervals, watched=watched)

    def forget(self, job_id: str) -> None:
        """Discard what is known of a job that has ended or been removed."""
        for known in (self._stored, self._samples, self._latest):
            known.pop(job_id, None)
