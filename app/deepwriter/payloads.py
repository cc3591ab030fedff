"""Validates the bodies of answers and converts them to values.

Every answer that the API documents is accepted: optional fields may be missing or null, and unknown fields and statuses
are allowed. Types are strict: `"42"` is not a number, and `1` is not a boolean. Text is made safe for a terminal here,
so no other code needs to check it again.
"""

import json
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn, TypeVar
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from app.deepwriter.errors import BadAnswer
from app.deepwriter.progress_unit import ProgressReader
from app.job import Job, ListedJob, parse_job_id
from app.text import safe_text

_LIST_NAMES = ("documents", "jobs", "data")


def read_job(body: bytes, job_id: str, progress: ProgressReader | None = None) -> Job:
    """The job in an answer to `getJobStatus`.

    Raises `BadAnswer` if it is not JSON, lacks a field, has one of the wrong type, or is about another job than `job_id`.
    """
    fields = dict(_job_payload(body, job_id))
    del fields["document_url"]  # a secret, read only on request by `read_document_url`
    fields["progress"] = (progress or ProgressReader()).read(
        fields["progress"], fields.pop("percent_complete"), in_progress=fields["status"] == "in_progress"
    )
    return Job(**fields)


def read_document_url(body: bytes, job_id: str) -> str | None:
    """The link to a finished job's document; None if it has none. Raises `BadAnswer` like `read_job`."""
    return _job_payload(body, job_id).document_url


def read_job_list(body: bytes) -> tuple[list[ListedJob], str]:
    """The jobs on one page of a list, and a link to the next page, which may be relative; empty on the last page.

    The items are in an array, or in an object under `documents`, `jobs` or `data`. Items without a usable ID are
    skipped. Raises `BadAnswer` if the body is not JSON, or has no such array.
    """
    content = _json(body)
    page: dict[str, Any] = content if isinstance(content, dict) else {"jobs": content}
    items = next((page[name] for name in _LIST_NAMES if isinstance(page.get(name), list)), None)
    if items is None:
        raise BadAnswer("the API sent an answer that is not a list of jobs")
    jobs = []
    for item in items:
        if isinstance(item, dict):
            known = {name: value for name, value in item.items() if value is not None}
            with suppress(ValidationError):
                jobs.append(ListedJob(**dict(ListedPayload.model_validate(known))))
    return jobs, _next_link(page)


def read_message(body: bytes) -> str:
    """The API's message about an accepted cancel, on one line; empty without one. May raise `BadAnswer`."""
    return _validated(CancelPayload, body).message or ""


def read_reason(body: bytes) -> str | None:
    """Why the API refused, on one line; None for HTML, an empty body, or anything but the API's JSON."""
    try:
        return _validated(ErrorPayload, body).error
    except BadAnswer:
        return None


def _next_link(page: Mapping[str, object]) -> str:
    """A link to the next page, which may be relative to this one; empty if the answer names none."""
    link, cursor, number, total = (page.get(name) for name in ("next", "next_cursor", "page", "total_pages"))
    if isinstance(link, str) and ("/" in link or "?" in link):
        return link
    cursor = link or cursor  # some APIs call a cursor `next`
    if isinstance(cursor, str) and cursor:
        return f"?cursor={quote(cursor, safe='', errors='replace')}"
    if isinstance(number, int) and isinstance(total, int) and number < total:
        return f"?page={number + 1}"
    return ""


def _text(limit: int) -> BeforeValidator:
    """Make text safe before its type is checked, since a lone surrogate would fail that check."""
    return BeforeValidator(lambda value: safe_text(value, limit) if isinstance(value, str) else value)


def _canonical_id(text: str) -> str:
    job_id = parse_job_id(text)
    if job_id is None:
        raise ValueError("not a UUID")
    return job_id


def _link(value: object) -> str | None:
    """Text without blanks and control characters, at most 8,192 characters; None for anything else."""
    usable = isinstance(value, str) and value.isprintable() and " " not in value and len(value) <= 8192
    return str(value) if usable and value else None


_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt_ ]([01]\d|2[0-3]):\d\d:(?P<second>\d\d)", re.ASCII)
"""How a timestamp of RFC 3339 begins. `fromisoformat` also accepts other formats."""


def _moment(value: object) -> float:
    """Convert an RFC 3339 timestamp to seconds since the epoch; one without an offset is in UTC."""
    match = _DATE_TIME.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("not a timestamp")
    text = match.string.upper()
    if text.startswith("0000-"):  # Python has no year 0
        text = f"0001-01-01{text[10:]}"
    is_leap_second = match["second"] == "60"
    if is_leap_second:
        text = f"{text[:17]}59{text[19:]}"
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() + is_leap_second


def _moment_or_none(value: object) -> float | None:
    try:
        return _moment(value)
    except ValueError:
        return None


_Moment = Annotated[float, BeforeValidator(_moment)]
_Percent = Annotated[float, Field(allow_inf_nan=False)]
# Texts that many jobs have in common are interned, which saves memory.
_Identifier = Annotated[str, _text(64), AfterValidator(sys.intern)]
_JobId = Annotated[str, _text(64), AfterValidator(_canonical_id)]
_Status = Annotated[str, _text(64), Field(min_length=1), AfterValidator(sys.intern)]
_Name = Annotated[str | None, _text(200), AfterValidator(lambda text: sys.intern(text) if text else None)]
_Title = Annotated[str | None, _text(300), AfterValidator(lambda text: text or None)]
_Message = Annotated[str | None, _text(4000), AfterValidator(lambda text: text or None)]


class _Payload(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class JobPayload(_Payload):
    """A job as the API sends it. Most names are those of `Job`."""

    id: _JobId
    user_id: _Identifier
    project_id: _Identifier
    status: _Status
    created_at: _Moment
    updated_at: _Moment
    progress: _Percent | None = None
    percent_complete: _Percent | None = None
    stage: _Name = Field(None, alias="progress_stage")
    title: _Title = None
    error_message: _Message = None
    writing_model: _Name = None
    reasoning_model: _Name = None
    function_model: _Name = None
    is_byok: bool | None = None
    is_starred: bool | None = None
    document_url: Annotated[str | None, BeforeValidator(_link)] = Field(None, alias="output_url_pdf")


class ListedPayload(_Payload):
    """A job in a list. The names are those of `ListedJob`."""

    id: _JobId = Field(validation_alias=AliasChoices("jobId", "id"))
    status: _Status = "unknown"
    title: _Title = None
    created_at: Annotated[float | None, BeforeValidator(_moment_or_none)] = None


class CancelPayload(_Payload):
    """The answer to an accepted cancel."""

    message: Annotated[str, _text(300)] | None = None


class ErrorPayload(_Payload):
    """The answer to a refused request."""

    error: Annotated[str, _text(300)]


def _job_payload(body: bytes, job_id: str) -> JobPayload:
    payload = _validated(JobPayload, body)
    if payload.id != parse_job_id(job_id):
        raise BadAnswer("the API answered about another job")
    return payload


_P = TypeVar("_P", bound=_Payload)


def _validated(model: type[_P], body: bytes) -> _P:
    """Validate a body. An error becomes one sentence that does not repeat the content."""
    content = _json(body)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = ".".join(str(part) for part in problem["loc"])
    if not name:
        raise BadAnswer("the API sent an answer that is not a JSON object; check the base URL")
    if problem["type"] == "missing":
        raise BadAnswer(f"the API sent an answer without `{name}`")
    raise BadAnswer(f"the API sent an answer whose `{name}` cannot be used")


def _json(body: bytes) -> object:
    try:
        return json.loads(body, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise BadAnswer("the API sent an answer that is not JSON; check the base URL") from None


def _reject_constant(name: str) -> NoReturn:
    """Reject NaN and Infinity, which Python accepts although JSON does not have them."""
    raise ValueError(name)
