"""Previews what can be added to the watch list: the job IDs in a text, or the user's own jobs."""

from collections import Counter
from collections.abc import Container, Iterable

from app.job import ListedJob, find_job_ids, status_facts
from app.presentation import durations
from app.presentation.glyphs import tone
from app.presentation.tokens import MARK, without_tokens
from app.text import safe_text
from widgets.dialogs.model import AddPreview, ListedJobLine


def preview(text: str, watched: Container[str]) -> AddPreview:
    """Find the job IDs in a text. Lines without one are reported; tokens are masked."""
    masked = without_tokens(text)
    found: Counter[str] = Counter()
    unusable = []
    for line in masked.splitlines():
        job_ids = list(find_job_ids(line))
        found.update(job_ids)
        if not job_ids and line.strip() not in ("", MARK):
            unusable.append(safe_text(line, 200))
    return AddPreview(
        new=tuple(job_id for job_id in found if job_id not in watched),
        known=tuple(job_id for job_id in found if job_id in watched),
        repeated=sum(times > 1 for times in found.values()),
        unusable=tuple(unusable),
        text=masked,
        token=masked != text,
    )


def listed_job_lines(
    jobs: Iterable[ListedJob], watched: Container[str], now: float
) -> tuple[ListedJobLine, ...]:
    """The lines for jobs: new unfinished ones, which are preselected, then new finished ones, then watched ones.

    Within each of these groups, the newest jobs come first.
    """
    lines = []
    for job in sorted(jobs, key=lambda job: job.created_at or 0.0, reverse=True):
        facts, known = status_facts(job.status), job.id in watched
        created = "" if job.created_at is None else durations.clock_time(job.created_at, now)
        title = job.title or f"untitled {job.id[:8]}"
        chosen = not known and not facts.finished
        lines.append(ListedJobLine(job.id, title, facts.label, created, known, chosen, tone(facts.group)))
    return tuple(sorted(lines, key=lambda line: (line.known, not line.chosen)))
