"""Exports the watch list and its history for other programs: as JSON, or as CSV for spreadsheets."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from app.presentation.json_fields import VERSION, document, iso_time, job_object
from app.watch.history import Sample
from app.watch.watched import Watched

_SPREADSHEET_FORMULA = ("=", "+", "-", "@")  # a spreadsheet would evaluate a text with these


class Format(StrEnum):
    """The format of a file, which is also the ending of its name."""

    JSON = "json"
    CSV = "csv"


def export_list(entries: Iterable[Watched], file_format: Format) -> str:
    """The text of a file with the watch list."""
    if file_format is Format.JSON:
        return document(entries) + "\n"
    return _table([job_object(entry) for entry in entries])


def export_history(
    entries: Iterable[Watched], samples_of: Callable[[str], Sequence[Sample]], file_format: Format
) -> str:
    """The text of a file with every job's history: one sample for each change of status, progress or stage."""
    histories = [(entry, [_sample_object(sample) for sample in samples_of(entry.id)]) for entry in entries]
    if file_format is Format.JSON:
        jobs = [
            {"id": entry.id, "title": entry.job.title if entry.job else None, "history": samples}
            for entry, samples in histories
        ]
        return json.dumps({"version": VERSION, "jobs": jobs}, indent=2) + "\n"
    return _table([{"id": entry.id, **sample} for entry, samples in histories for sample in samples])


def _sample_object(sample: Sample) -> dict[str, object]:
    return {
        "at": iso_time(sample.at),
        "status": sample.status,
        "progress": None if sample.progress is None else round(sample.progress, 2),
        "stage": sample.stage,
    }


def _table(objects: Sequence[dict[str, object]]) -> str:
    if not objects:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(objects[0])
    writer.writerows([_cell(value) for value in row.values()] for row in objects)
    return text.getvalue()


def _cell(value: object) -> object:
    """A value that a spreadsheet shows as it is: text from the API must not become a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_SPREADSHEET_FORMULA):
        return f"'{value}"
    return value
