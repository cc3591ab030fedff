"""The JSON that scripts read. Each key is declared once; the objects, and the JSON Schema in docs/, follow from that."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.job import Status
from app.watch.events import NOT_FOUND, reported_status
from app.watch.watched import CancelStep, Watched

VERSION = 1
"""The version of the JSON. Within it, keys may be added but are never renamed or removed."""


class JsonField(NamedTuple):
    """One key of an object. Its value is an attribute; moments are written in ISO 8601."""

    key: str
    schema: Mapping[str, Any]  # the JSON Schema of its value
    meaning: str  # for the documentation
    path: str  # names of attributes, with dots between them; a value of None anywhere on the way is null

    def value(self, entry: object) -> object:
        """The value of this key for a job or a transition."""
        value: Any = entry
        for name in self.path.split("."):
            value = None if value is None else getattr(value, name)
        return iso_time(value) if self.schema.get("format") == "date-time" else value


class Transition(NamedTuple):
    """A change of a job's status."""

    at: float  # when it was seen, in seconds since the epoch
    before: str | None  # None if this is the first status seen of the job
    entry: Watched  # after the change; its status is known
    version: int = VERSION

    @property
    def after(self) -> str:
        """The new status."""
        status = reported_status(self.entry)
        assert status is not None
        return status


def iso_time(at: float | None) -> str | None:
    """A moment in seconds since the epoch as ISO 8601 in UTC, to the millisecond; None for none."""
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None


_ID = {"type": "string", "format": "uuid"}
_TEXT = {"type": ["string", "null"]}
_BOOLEAN = {"type": "boolean"}
_BOOLEAN_OR_NULL = {"type": ["boolean", "null"]}
_WHEN = {"type": ["string", "null"], "format": "date-time"}
_PERCENT = {"type": ["number", "null"], "minimum": 0, "maximum": 100}
_STATUSES = ", ".join(f"`{status}`" for status in Status)
_CANCEL = {"enum": [*(step.value for step in CancelStep), None]}

JOB: tuple[JsonField, ...] = (
    JsonField("id", _ID, "the job's ID", "id"),
    JsonField("status", _TEXT, f"{_STATUSES}, or any other word the API sends", "job.status"),
    JsonField("found", _BOOLEAN, "whether the API knew the job when it was last asked", "found"),
    JsonField("progress", _PERCENT, "percent done", "job.percent_done"),
    JsonField("stage", _TEXT, "the stage it is in", "job.stage"),
    JsonField("title", _TEXT, "its title", "job.title"),
    JsonField("error_message", _TEXT, "why it failed, in the API's words", "job.error_message"),
    JsonField("created_at", _WHEN, "when it was created, by this machine's clock", "job.created_at"),
    JsonField("updated_at", _WHEN, "when the API last changed it, by this machine's clock", "job.updated_at"),
    JsonField("project_id", _TEXT, "the project it belongs to", "job.project_id"),
    JsonField("user_id", _TEXT, "the owner of the job", "job.user_id"),
    JsonField("writing_model", _TEXT, "the model that writes", "job.writing_model"),
    JsonField("reasoning_model", _TEXT, "the model that reasons", "job.reasoning_model"),
    JsonField("function_model", _TEXT, "the model that calls functions", "job.function_model"),
    JsonField("is_byok", _BOOLEAN_OR_NULL, "whether it runs on the user's own model keys", "job.is_byok"),
    JsonField("is_starred", _BOOLEAN_OR_NULL, "whether the user starred it", "job.is_starred"),
    JsonField("followed", _BOOLEAN, "whether `follow` added it", "followed"),
    JsonField(
        "added_at",
        _WHEN,
        "when it was added to the watch list; for a job that is not watched, when this was printed",
        "added_at",
    ),
    JsonField("fetched_at", _WHEN, "when the last good answer came", "fetched_at"),
    JsonField(
        "failed_at", _WHEN, "when the last request failed, if no good answer has come since", "failure.at"
    ),
    JsonField(
        "error",
        _TEXT,
        "why that request failed; the job's data is then as old as `fetched_at` says",
        "failure.reason",
    ),
    JsonField("cancel", _CANCEL, "the outcome of the last cancel", "cancel.step"),
)
"""A job, in `list --json` and `status --json`."""

TRANSITION: tuple[JsonField, ...] = (
    JsonField("version", {"const": VERSION}, "the version of the JSON", "version"),
    JsonField("at", {"type": "string", "format": "date-time"}, "when the change was seen", "at"),
    JsonField("id", _ID, "the job's ID", "entry.id"),
    JsonField("from", _TEXT, "the status before; null in the first line about a job", "before"),
    JsonField(
        "to",
        {"type": "string"},
        f"the new status; `{NOT_FOUND}` if the API did not know the job twice in a row",
        "after",
    ),
    *(
        field._replace(path=f"entry.{field.path}")
        for field in JOB
        if field.key in ("progress", "stage", "title", "error_message")
    ),
)
"""A line of `wait --json` and `watch --json`."""


def document(entries: Iterable[Watched]) -> str:
    """Jobs as one JSON document."""
    return json.dumps({"version": VERSION, "jobs": [job_object(entry) for entry in entries]}, indent=2)


def job_object(entry: Watched) -> dict[str, object]:
    """One job as a JSON object. Unknown values are null; times are in UTC."""
    return {field.key: field.value(entry) for field in JOB}


def transition_line(transition: Transition) -> str:
    """A transition as one line of JSON."""
    return json.dumps({field.key: field.value(transition) for field in TRANSITION})
