"""Job IDs out of whatever a person typed or pasted."""

from collections.abc import Container

from app.job import find_job_ids
from app.text import safe_text
from widgets.model import AddPreview


def preview(text: str, watched: Container[str]) -> AddPreview:
    """What a text would add to the watch list.

    Args:
        text: Anything; what stands around job IDs is passed over, a line without any is named.
        watched: The jobs that are on the list.
    """
    found: dict[str, int] = {}
    unusable = []
    for line in text.splitlines():
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
    )
