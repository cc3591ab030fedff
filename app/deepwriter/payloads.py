"""What comes over the wire, and what it becomes.

Every answer that the API may give is taken: optional fields missing or null, fields we do not know, a status we
do not know. Types are strict: `"42"` is no number and `1` no truth value. Text is made fit for a terminal here,
once, so that nothing behind this point has to think of it.
"""

import json
import math
import re
from datetime import UTC, date, datetime
from typing import Annotated, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from app.deepwriter.errors import BadAnswer
from app.job import Job, parse_job_id
from app.text import safe_text, shared


def read_job(body: bytes, job_id: str, retry_after: float | None = None) -> Job:
    """The job in an answer to `getJobStatus`.

    Args:
        body: The answer's body, as JSON.
        job_id: The job that was asked for, in any spelling.
        retry_after: Seconds that the answer's head asks to wait before the next request for it.

    Raises:
        BadAnswer: It is no JSON, lacks a field, has one of a wrong type, or is about another job.
    """
    payload = _validated(JobPayload, body)
    if payload.id != parse_job_id(job_id):
        raise BadAnswer("the API answered about another job")
    return Job(
        id=payload.id,
        user_id=shared(payload.user_id) or "",
        project_id=shared(payload.project_id) or "",
        status=shared(payload.status) or "",
        created_at=payload.created_at,
        updated_at=payload.updated_at,
        progress=_progress(payload.progress, payload.percent_complete),
        stage=shared(payload.progress_stage) or None,
        title=payload.title or None,
        error_message=payload.error_message or None,
        writing_model=shared(payload.writing_model) or None,
        reasoning_model=shared(payload.reasoning_model) or None,
        function_model=shared(payload.function_model) or None,
        is_byok=payload.is_byok,
        is_starred=payload.is_starred,
        retry_after=retry_after,
    )


def read_message(body: bytes) -> str:
    """What the API said to an accepted cancel, on one line; empty where it said nothing.

    Raises:
        BadAnswer: It is no JSON object, or its message is no text.
    """
    return _validated(CancelPayload, body).message or ""


def read_reason(body: bytes) -> str | None:
    """Why the API refused, on one line; None for HTML, an empty body, or anything else not in the API's words."""
    try:
        return _validated(ErrorPayload, body).error
    except BadAnswer:
        return None


def _text(limit: int) -> BeforeValidator:
    """Text made safe before its type is checked, for half a surrogate pair in it would count as a wrong type."""
    return BeforeValidator(lambda value: safe_text(value, limit) if isinstance(value, str) else value)


def _canonical_id(text: str) -> str:
    job_id = parse_job_id(text)
    if job_id is None:
        raise ValueError("not a UUID")
    return job_id


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("empty")
    return text


_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt_ ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:[.,](\d+))?"
    r"(?: ?(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d)?))?",
    re.ASCII,
)
_DAY = 86400
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIRST_MOMENT = datetime(1, 1, 3, tzinfo=UTC).timestamp()
_LAST_MOMENT = datetime(9999, 12, 29, tzinfo=UTC).timestamp()


def _moment(value: object) -> float:
    """Seconds since the epoch of an RFC 3339 timestamp; one without an offset is in UTC.

    A leap second counts as the first of the next minute. The calendar's outermost days, which no clock shows in
    every time zone, become the next ones that every clock does.
    """
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("not a timestamp")
    year, month, day, hour, minute, second, fraction, sign, ahead_hours, ahead_minutes = match.groups()
    # Year 0 is in RFC 3339 and not in Python; it is as long as 400, and ends up as the first moment anyway.
    days = date(int(year) or 400, int(month), int(day)).toordinal() - (0 if int(year) else 146_097)
    ahead = 3600 * int(ahead_hours or 0) + 60 * int(ahead_minutes or 0)
    seconds = (days - _EPOCH_DAY) * _DAY + 3600 * int(hour) + 60 * int(minute) + int(second)
    moment = seconds - (-ahead if sign == "-" else ahead) + float("0." + (fraction or "0")[:9])
    return within_calendar(moment)


def within_calendar(moment: float) -> float:
    """A moment that every clock can show, in seconds since the epoch; the nearest one where it is not."""
    return min(max(moment, _FIRST_MOMENT), _LAST_MOMENT)


def _finite(value: object) -> object:
    """Numbers only, and none that is infinite, not one, or too large to be a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")  # noqa: TRY004 - pydantic gathers ValueErrors only
    try:
        if not math.isfinite(value):
            raise ValueError("not finite")
    except OverflowError:
        raise ValueError("too large") from None
    return value


_Moment = Annotated[float, BeforeValidator(_moment)]
_Percent = Annotated[float, BeforeValidator(_finite)]
_Identifier = Annotated[str, _text(64)]
_Name = Annotated[str, _text(200)]


class _Payload(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class JobPayload(_Payload):
    """A job as the API sends it. Texts are safe and short already; times are seconds since the epoch."""

    id: Annotated[str, _text(64), AfterValidator(_canonical_id)]
    user_id: _Identifier
    project_id: _Identifier
    status: Annotated[str, _text(64), AfterValidator(_not_empty)]
    created_at: _Moment
    updated_at: _Moment
    progress: _Percent | None = None
    percent_complete: _Percent | None = None
    progress_stage: _Name | None = None
    title: Annotated[str, _text(300)] | None = None
    error_message: Annotated[str, _text(4000)] | None = None
    writing_model: _Name | None = None
    reasoning_model: _Name | None = None
    function_model: _Name | None = None
    is_byok: bool | None = None
    is_starred: bool | None = None


class CancelPayload(_Payload):
    """The answer to an accepted cancel."""

    message: Annotated[str, _text(300)] | None = None


class ErrorPayload(_Payload):
    """The answer to a refused request."""

    error: Annotated[str, _text(300)]


_P = TypeVar("_P", bound=_Payload)


def _progress(progress: float | None, percent_complete: float | None) -> float | None:
    """The larger of the two fields that say it, within 0 to 100; None if neither does."""
    known = [value for value in (progress, percent_complete) if value is not None]
    return min(max(0.0, *known), 100.0) if known else None


def _validated(model: type[_P], body: bytes) -> _P:
    """A body as one of the payloads; whatever is wrong with it becomes one sentence without its content."""
    try:
        content = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadAnswer("the API sent an answer that is no JSON; check the base URL") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        flaw = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = ".".join(str(part) for part in flaw["loc"])
    if not name:
        raise BadAnswer("the API sent an answer that is no JSON object; check the base URL")
    if flaw["type"] == "missing":
        raise BadAnswer(f"the API sent an answer without `{name}`")
    raise BadAnswer(f"the API sent an answer whose `{name}` cannot be used")


def _no_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity, which JSON does not have."""
    raise ValueError(name)
