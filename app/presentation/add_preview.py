"""What would be added to the watch list: the job IDs in a text, or the user's own jobs."""

from collections.abc import Container, Iterable

from app.job import ListedJob, find_job_ids, status_facts
from app.presentation import durations
from app.presentation.glyphs import tone
from app.presentation.tokens import without_tokens
from app.text import safe_text
from widgets.dialogs.model import AddPreview, ListedJobLine


def preview(text: str, watched: Container[str]) -> AddPreview:
    """What a text would add to the watch list: the job IDs in it. Lines without one are reported, tokens left out."""
    kept = without_tokens(text)
    found: dict[str, int] = {}
    unusable = []
    for line in kept.splitlines():
        before = len(found), sum(found.values())
        for job_id in find_job_ids(line):
            found[job_id] = found.get(job_id, 0) + 1
        if (len(found), sum(found.values())) == before and line.strip():
            unusable.append(safe_text(line, 200))
    return AddPreview(
        tuple(job_id for job_id in found if job_id not in watched),
        tuple(job_id for job_id in found if job_id in watched),
        sum(times > 1 for times in found.values()),
        tuple(unusable),
        kept,
        kept != text,
    )


def listed_job_lines(
    jobs: Iterable[ListedJob], watched: Container[str], now: float
) -> tuple[ListedJobLine, ...]:
    """The lines for these jobs: first the new unfinished ones, which are chosen, then the finished, then those watched.

    Within each of these the newest come first.
    """
    lines = []
    for job in sorted(jobs, key=lambda job: job.created_at or 0.0, reverse=True):
        facts, known = status_facts(job.status), job.id in watched
        created = "" if job.created_at is None else durations.clock_time(job.created_at, now)
        title = job.title or f"untitled {job.id[:8]}"
        chosen = not known and not facts.finished
        lines.append(ListedJobLine(job.id, title, facts.label, created, known, chosen, tone(facts.group)))
    return tuple(sorted(lines, key=lambda line: (line.known, not line.chosen)))
