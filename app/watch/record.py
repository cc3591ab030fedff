"""A watched job as a JSON object: the shape that scripts rely on, wherever it is printed, copied or exported."""

from datetime import UTC, datetime

from app.watch.watched import Watched

VERSION = 1
"""The version of the shape. Within it keys are added, never renamed or removed."""


def job_object(entry: Watched) -> dict[str, object]:
    """One job as a JSON object; what is not known is null. Times are in UTC."""
    job = entry.job
    return {
        "id": entry.id,
        "status": job.status if job else None,
        "found": entry.misses == 0,
        "progress": None if job is None or job.fraction is None else round(job.fraction * 100, 2),
        "stage": job.stage if job else None,
        "title": job.title if job else None,
        "error_message": job.error_message if job else None,
        "created_at": iso_time(job.created_at if job else None),
        "updated_at": iso_time(job.updated_at if job else None),
        "project_id": job.project_id if job else None,
        "user_id": job.user_id if job else None,
        "writing_model": job.writing_model if job else None,
        "reasoning_model": job.reasoning_model if job else None,
        "function_model": job.function_model if job else None,
        "is_byok": job.is_byok if job else None,
        "is_starred": job.is_starred if job else None,
        "added_at": iso_time(entry.added_at),
        "fetched_at": iso_time(entry.fetched_at),
        "failed_at": iso_time(entry.failure.at if entry.failure else None),
        "error": entry.failure.reason if entry.failure else None,
        "cancel": entry.cancel.step.value if entry.cancel else None,
    }


def iso_time(at: float | None) -> str | None:
    """A moment in seconds since the epoch as ISO 8601 in UTC, to the millisecond; None for none, or none there is."""
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None
