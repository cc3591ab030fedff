"""The JSON that scripts read. Each fact is declared once; the objects and their JSON Schema are made from that."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from app.job import Status
from app.watch.events import NOT_FOUND, reported_status
from app.watch.watched import CancelStep, Watched

VERSION = 1
"""The version of the shapes. Within it facts are added, never renamed or removed."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One key of an object.

    Attributes:
        key: Its name.
        schema: What its value can be, as JSON Schema.
        meaning: The same for people.
        of: Finds the value.
    """

    key: str
    schema: Mapping[str, Any]
    meaning: str
    of: Callable[[T], object]


@dataclass(frozen=True, slots=True)
class Transition:
    """A job went from one status to another.

    Attributes:
        at: When that was seen, in seconds since the epoch.
        before: The status until then; None for the first that was seen of the job.
        entry: What is known of the job since, which is something.
    """

    at: float
    before: str | None
    entry: Watched

    @property
    def after(self) -> str:
        """The status from then on."""
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


def _progress(entry: Watched) -> float | None:
    return entry.job.percent_done if entry.job else None


def _of_job(name: str) -> Callable[[Watched], object]:
    return lambda entry: getattr(entry.job, name) if entry.job else None


def _moment(name: str) -> Callable[[Watched], object]:
    return lambda entry: iso_time(getattr(entry.job, name)) if entry.job else None


_ID = {"type": "string", "format": "uuid"}
_TEXT = {"type": ["string", "null"]}
_FLAG = {"type": ["boolean", "null"]}
_WHEN = {"type": ["string", "null"], "format": "date-time"}
_PERCENT = {"type": ["number", "null"], "minimum": 0, "maximum": 100}
_STATUSES = ", ".join(f"`{status}`" for status in Status)

JOB: tuple[Fact[Watched], ...] = (
    Fact("id", _ID, "the job's ID", lambda entry: entry.id),
    Fact("status", _TEXT, f"{_STATUSES}, or any other word the API sends", _of_job("status")),
    Fact(
        "found",
        {"type": "boolean"},
        "whether the API knew the job when it was last asked",
        lambda e: not e.misses,
    ),
    Fact("progress", _PERCENT, "percent done", _progress),
    Fact("stage", _TEXT, "the stage it is in", _of_job("stage")),
    Fact("title", _TEXT, "its title", _of_job("title")),
    Fact("error_message", _TEXT, "why it failed, in the API's words", _of_job("error_message")),
    Fact("created_at", _WHEN, "when it was created, by this machine's clock", _moment("created_at")),
    Fact("updated_at", _WHEN, "when the API last changed it, likewise", _moment("updated_at")),
    Fact("project_id", _TEXT, "the project it belongs to", _of_job("project_id")),
    Fact("user_id", _TEXT, "whose job it is", _of_job("user_id")),
    Fact("writing_model", _TEXT, "the model that writes", _of_job("writing_model")),
    Fact("reasoning_model", _TEXT, "the model that reasons", _of_job("reasoning_model")),
    Fact("function_model", _TEXT, "the model that calls functions", _of_job("function_model")),
    Fact("is_byok", _FLAG, "whether it runs on the user's own model keys", _of_job("is_byok")),
    Fact("is_starred", _FLAG, "whether the user starred it", _of_job("is_starred")),
    Fact("followed", {"type": "boolean"}, "whether `follow` added it", lambda entry: entry.followed),
    Fact(
        "added_at",
        _WHEN,
        "since when it is watched; for any other job, when this was printed",
        lambda entry: iso_time(entry.added_at),
    ),
    Fact("fetched_at", _WHEN, "when the last good answer came", lambda entry: iso_time(entry.fetched_at)),
    Fact(
        "failed_at",
        _WHEN,
        "when the last request failed, if no good answer came since",
        lambda entry: iso_time(entry.failure.at if entry.failure else None),
    ),
    Fact(
        "error",
        _TEXT,
        "why it failed; what is known of the job is then as old as `fetched_at` says",
        lambda entry: entry.failure.reason if entry.failure else None,
    ),
    Fact(
        "cancel",
        {"enum": [*(step.value for step in CancelStep), None]},
        "what became of the latest cancel",
        lambda entry: entry.cancel.step.value if entry.cancel else None,
    ),
)
"""A job, in `list --json` and `status --json`."""

TRANSITION: tuple[Fact[Transition], ...] = (
    Fact("version", {"const": VERSION}, "the version of this shape", lambda transition: VERSION),
    Fact(
        "at",
        {"type": "string", "format": "date-time"},
        "when it was seen",
        lambda transition: iso_time(transition.at),
    ),
    Fact("id", _ID, "the job's ID", lambda transition: transition.entry.id),
    Fact(
        "from",
        _TEXT,
        "the status until then; null in the first line about a job",
        lambda transition: transition.before,
    ),
    Fact(
        "to",
        {"type": "string"},
        f"the status from then on; `{NOT_FOUND}` for a job that the API did not know twice in a row",
        lambda transition: transition.after,
    ),
    Fact("progress", _PERCENT, "percent done", lambda transition: _progress(transition.entry)),
    Fact("stage", _TEXT, "the stage it is in", lambda transition: _of_job("stage")(transition.entry)),
    Fact("title", _TEXT, "its title", lambda transition: _of_job("title")(transition.entry)),
    Fact(
        "error_message",
        _TEXT,
        "why it failed, in the API's words",
        lambda transition: _of_job("error_message")(transition.entry),
    ),
)
"""A line of `wait --json` and `watch --json`."""


def document(entries: Iterable[Watched]) -> str:
    """Jobs as one JSON document."""
    return json.dumps({"version": VERSION, "jobs": [job_object(entry) for entry in entries]}, indent=2)


def job_object(entry: Watched) -> dict[str, object]:
    """One job as a JSON object; what is not known is null. Times are in UTC."""
    return {fact.key: fact.of(entry) for fact in JOB}


def transition_line(transition: Transition) -> str:
    """A transition as one line of JSON."""
    return json.dumps({fact.key: fact.of(transition) for fact in TRANSITION})


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of both shapes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dwtop",
        "oneOf": [{"$ref": "#/$defs/document"}, {"$ref": "#/$defs/transition"}],
        "$defs": {
            "document": {
                "title": "what list --json and status --json print",
                "type": "object",
                "properties": {
                    "version": {"const": VERSION},
                    "jobs": {"type": "array", "items": {"$ref": "#/$defs/job"}},
                },
                "required": ["version", "jobs"],
            },
            "job": _object_schema("a job", JOB),
            "transition": _object_schema("a line of wait --json and watch --json", TRANSITION),
        },
    }


def _object_schema(title: str, facts: Iterable[Fact[Any]]) -> dict[str, Any]:
    facts = list(facts)
    return {
        "title": title,
        "type": "object",
        "properties": {fact.key: {"description": fact.meaning, **fact.schema} for fact in facts},
        "required": [fact.key for fact in facts],
    }
