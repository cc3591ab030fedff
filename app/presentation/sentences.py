"""The words of a row: the job's status, the outcome of a cancel, and times.

A job in progress has a bar; every other job has one sentence. A moment is preferred to an age, since it never needs to be
repainted. Times are in seconds since the epoch.
"""

import re

from app.job import Job, Status
from app.presentation import durations
from app.watch.events import ending
from app.watch.forecast.texts import about
from app.watch.watched import CancelStep, Watched

_SNAKE_CASE = re.compile(r"[^\W_]+(?:_+[^\W_]+)+")


def stage_words(stage: str | None) -> str:
    """The display name of a stage: `generating work` for `generating_work`, others as sent; empty without a stage."""
    if stage and "_" in stage and _SNAKE_CASE.fullmatch(stage):
        return re.sub("_+", " ", stage)
    return stage or ""


def short_status(entry: Watched, now: float) -> str:
    """A job's status in a word or two; after a cancel, the first words of its outcome, such as `refused`."""
    return cancel_outcome(entry, now).partition(":")[0].partition(",")[0] or entry.label


def status_words(entry: Watched, now: float) -> str:
    """A job's status; after a cancel, the outcome in full."""
    return cancel_outcome(entry, now) or entry.label


def cancel_outcome(entry: Watched, now: float) -> str:
    """The outcome of the latest cancel, in full; empty if the status already says it."""
    cancel = entry.cancel
    if cancel is None or cancel.step is CancelStep.CANCELLED or entry.misses > 1:
        return ""
    if cancel.pending(now):
        return "cancelling"
    match cancel.step:
        case CancelStep.FINISHED_FIRST:
            return "finished first"
        case CancelStep.REFUSED:
            return f"refused: {cancel.detail}"
        case CancelStep.ACCEPTED if (entry.fetched_at or 0.0) < cancel.at <= now:
            return "accepted, state unknown"
        case CancelStep.ACCEPTED:
            return f"accepted, still {entry.label} since {durations.clock_time(cancel.at, now)}"
        case _:
            return f"no answer: {cancel.detail or f'still {entry.label}'}"


def sentence(entry: Watched, now: float) -> str:
    """The sentence in the row of a job that is not running, beginning with its status."""
    job = entry.job
    if entry.misses > 1 or (job is None and entry.misses):
        return with_reason("not found", entry.failure.reason if entry.failure else None)
    if job is None:
        return with_reason("no data yet", entry.failure.reason) if entry.failure else "new"
    outcome = cancel_outcome(entry, now)
    if outcome and not entry.finished:
        return outcome
    status = _status_sentence(entry, job, now)
    return f"{outcome}: {status}" if outcome else status


def time_text(entry: Watched, now: float) -> str:
    """The time left for a running job, or when a finished one ended; empty if unknown."""
    if entry.finished and entry.job:
        return durations.clock_or_day(entry.job.updated_at, now)
    finish = entry.expected_finish
    return "" if finish is None else about(finish - now)


def stage_text(entry: Watched, now: float, *, beside_status: bool) -> str:
    """The state of a running job: its stage, a stall, or the outcome of a cancel.

    An outcome of one word is left to the status column if that is shown beside it.
    """
    outcome = cancel_outcome(entry, now)
    if outcome and not (beside_status and outcome == short_status(entry, now)):
        return outcome
    return progress_words(entry, now)


def progress_words(entry: Watched, now: float) -> str:
    """The stage of a job; if it is stalled, preceded by the time of its last progress."""
    stage = stage_words(entry.job.stage if entry.job else None)
    since = entry.stalled_since
    if since is None:
        return stage
    return with_reason(f"no change since {durations.clock_time(since, now)}", stage)


def percent_text(entry: Watched) -> str:
    """The progress of a job, such as `64%`; empty if unknown."""
    percent = entry.job.percent if entry.job else None
    return "" if percent is None else f"{percent}%"


def no_document(entry: Watched) -> str:
    """A sentence about a job that has no document."""
    if entry.finished:
        return f"This job has no document; its status is {entry.label}."
    return f"There is no document yet: the job is {entry.label}."


def elapsed_seconds(entry: Watched, now: float) -> float | None:
    """Seconds from a job's creation to its end, or until now; None if unknown."""
    if entry.job is None:
        return None
    return (entry.job.updated_at if entry.finished else now) - entry.job.created_at


def job_count(number: int) -> str:
    """A number of jobs: `1 job`, `3 jobs`."""
    return f"{number} job" if number == 1 else f"{number} jobs"


def capitalized(sentence: str) -> str:
    """A sentence with its first letter in upper case; `str.capitalize` would lower the others."""
    return sentence[:1].upper() + sentence[1:]


def with_reason(text: str, reason: str | None) -> str:
    """A text followed by a reason, if there is one."""
    return f"{text}: {reason}" if reason else text


def _status_sentence(entry: Watched, job: Job, now: float) -> str:
    if entry.finished:
        return ending(job, job.percent)
    if job.status in (Status.DRAFT, Status.SUBMITTED, Status.QUEUED):
        word = "at" if job.status == Status.SUBMITTED else "since"
        moment = job.created_at if job.status == Status.DRAFT else job.updated_at
        return f"{entry.label} {word} {durations.clock_time(moment, now)}"
    percent = percent_text(entry)
    return with_reason(f"{entry.label} at {percent}" if percent else entry.label, stage_words(job.stage))
