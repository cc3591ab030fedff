"""Forecasts the jobs of a watch list: keeps the past of each running one at hand, and learns from those that finish."""

from dataclasses import dataclass

from app.job import Cadence, Job, Status
from app.watch.forecast import pacing
from app.watch.forecast.eta import Forecast, forecast
from app.watch.forecast.past import Past, learn, remember
from app.watch.forecast.stall import stalled_since
from app.watch.history import SET_BACK, Sample, continued, sample
from app.watch.pace import Intervals
from app.watch.store.store import Store
from app.watch.watched import Outlook, Watched

_TAUGHT_BY = 200
"""So many of the jobs that completed last are read at the start."""

_KEPT = 600
"""So many samples of a running job are kept at most."""

_ABOUT_THE_SAME = 0.06
"""Share of the time ahead by which a forecast may move without being told."""

_BEGINNING_MISSED = 5.0
"""A job first seen running with at least so many percent began unseen."""


@dataclass(slots=True)
class _Track:
    """A running job's past, whether its beginning was seen, and its latest forecast."""

    samples: list[Sample]
    whole: bool
    latest: Forecast | None = None


class Forecaster:
    """Says of each answer what to expect of its job now. Used in one thread, but for `read_past`."""

    def __init__(self, store: Store) -> None:
        """Nothing is read yet.

        Args:
            store: Where the past is.
        """
        self._store = store
        self._past = Past()
        self._tracks: dict[str, _Track] = {}

    def read_past(self) -> None:
        """Learn from the jobs that completed last. Takes up to a second: call it in a thread, once.

        Raises:
            StoreError: The database cannot be read.
        """
        taught = self._store.completed(_TAUGHT_BY)
        self._past = remember(
            [(samples, _models(writing, reasoning)) for samples, writing, reasoning in taught]
        )

    def expect(self, entry: Watched, now: float) -> Outlook | None:
        """What to expect of a job after an answer about it; None for a job that does not run.

        Args:
            entry: The job, with its newest answer.
            now: Seconds since the epoch.
        """
        job = entry.job
        if job is None or entry.finished:
            track = self._tracks.pop(entry.id, None)
            if job is not None and track is not None and track.whole:
                self._past = learn(
                    self._past, [*track.samples, sample(job, now)], models_of(job), ended_at=job.updated_at
                )
            return None
        track = self._tracks.get(entry.id)
        if track is None:
            track = self._tracks[entry.id] = _track(self._store.samples(entry.id), job, now)
        if track.samples and now < track.samples[-1].at - SET_BACK:
            track.latest = None  # the clock was set back, and what was forecast by it means nothing any more
        track.samples = continued(track.samples, sample(job, now), _KEPT)
        models = models_of(job)
        found = forecast(track.samples, now, self._past, models=models, previous=track.latest)
        track.latest = found
        still = stalled_since(
            track.samples,
            now,
            self._past,
            models=models,
            updated_at=job.updated_at,
            standing=found.standing if found else None,
        )
        if found is None or not found.shown:
            return Outlook(still_since=still) if still is not None else None
        return _steady(entry.outlook, Outlook(found.finish, found.low, found.high, still), now)

    def pause_before(
        self, entry: Watched, now: float, intervals: Intervals, *, watched: bool, spread: float
    ) -> float | None:
        """Seconds until it is worth asking for a running job again; None where its plain interval is to be kept.

        Args:
            entry: The job.
            now: Seconds since the epoch.
            intervals: The configured ones.
            watched: Whether a person looks at the job.
            spread: A random number from 0 to 1.
        """
        if entry.cadence is not Cadence.FAST or entry.job is None or intervals.exact:
            return None
        track = self._tracks.get(entry.id)
        latest = track.latest if track else None
        return pacing.next_poll(entry.job.status, now, latest, intervals, watched=watched, spread=spread)

    def forget(self, job_id: str) -> None:
        """A job is not watched any more."""
        self._tracks.pop(job_id, None)


def _steady(before: Outlook | None, after: Outlook, now: float) -> Outlook:
    """The newer outlook; but where it says about the same, with the finish of the one before, so that nothing flickers.

    Each answer moves a forecast by a little, to and fro over the edges at which what is shown is rounded.
    """
    if before is None or before.finish is None or after.finish is None:
        return after
    about_the_same = abs(after.finish - before.finish) <= _ABOUT_THE_SAME * (after.finish - now)
    inside = (after.low or now) <= before.finish <= (after.high or before.finish)
    return after._replace(finish=before.finish) if about_the_same and inside else after


def models_of(job: Job) -> str:
    """What tells kinds of jobs apart: what they are written and thought out with."""
    return _models(job.writing_model or "", job.reasoning_model or "")


def _models(writing: str, reasoning: str) -> str:
    return f"{writing}|{reasoning}"


def _track(samples: list[Sample], job: Job, now: float) -> _Track:
    """A running job's past as far as it was seen; where its beginning was not, the job's creation stands for that."""
    first = samples[0] if samples else sample(job, now)
    if first.status != Status.IN_PROGRESS or (first.progress or 0.0) < _BEGINNING_MISSED:
        return _Track(samples, whole=True)
    began = min(job.created_at, first.at)
    return _Track([Sample(began, Status.IN_PROGRESS, 0.0, None), *samples], whole=False)
