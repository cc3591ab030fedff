"""Every documented answer is accepted, and every other one raises BadAnswer."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deepwriter.errors import BadAnswer
from app.deepwriter.payloads import read_job, read_message, read_reason
from app.deepwriter.progress_unit import ProgressReader, ProgressUnit
from app.job import Job
from tests.processes import ROOT

ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
OWNER = "123e4567-e89b-42d3-a456-426614174000"
LEAST: dict[str, object] = {
    "id": ID,
    "user_id": OWNER,
    "project_id": OWNER,
    "status": "queued",
    "created_at": "2026-01-02T03:04:05Z",
    "updated_at": "2026-01-02T03:04:06Z",
}


def read(**changes: object) -> Job:
    return read_job(json.dumps(LEAST | changes).encode(), ID)


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_the_required_fields_are_enough() -> None:
    created, updated = epoch("2026-01-02T03:04:05+00:00"), epoch("2026-01-02T03:04:06+00:00")
    assert read() == Job(ID, OWNER, OWNER, "queued", created, updated)


def test_every_documented_field_is_read() -> None:
    texts = {"title": "A title", "error_message": "none yet", "writing_model": "w", "reasoning_model": "r"}
    others = {"function_model": "f", "is_byok": True, "is_starred": False}
    job = read(
        progress=12.5, percent_complete=10, progress_stage="outline", new={"deep": [1]}, **texts, **others
    )
    assert job == replace(read(), progress=12.5, stage="outline", **texts, **others)  # type: ignore[arg-type]


def test_null_and_empty_texts_are_as_good_as_missing() -> None:
    assert read(**{name: None for name in WRONG if name not in LEAST}) == read()
    assert read(title="", progress_stage=" \n", error_message="\u200b", writing_model="") == read()


@pytest.mark.parametrize(
    ("progress", "percent_complete", "expected"),
    [
        (None, None, None),
        (0, None, 0.0),
        (None, 7, 7.0),
        (40, 42.5, 42.5),
        (42.5, 40, 42.5),
        (-3, None, 0.0),
        (None, -0.0, 0.0),
        (100.0001, None, 100.0),
        (1e308, 5, 100.0),
        (-5, -7, 0.0),
    ],
)
def test_the_larger_progress_counts_and_is_clamped(
    progress: float | None, percent_complete: float | None, expected: float | None
) -> None:
    value = read(progress=progress, percent_complete=percent_complete).progress
    assert value == expected
    assert value is None or (type(value) is float and math.copysign(1, value) == 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02t03:04:05z", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02 03:04:05+00", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02T03:04:05.5", "2026-01-02T03:04:05.5+00:00"),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123457+00:00"),
        ("2026-01-02T03:04:05+05:30", "2026-01-02T03:04:05+05:30"),
        ("2026-01-02T03:04:05-2359", "2026-01-02T03:04:05-23:59"),
        ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00+00:00"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("0000-02-29T01:02:03Z", "0001-01-01T01:02:03+00:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("9999-12-31T23:59:59.9-23:59", "9999-12-31T23:59:59.9-23:59"),
    ],
)
def test_timestamps_are_read_in_every_usual_form(text: str, expected: str) -> None:
    assert read(created_at=text).created_at == pytest.approx(epoch(expected), abs=1e-6)


WRONG: dict[str, list[object]] = {
    "id": [None, 5, "", "no-uuid", OWNER, [ID]],
    "user_id": [None, 5, {}],
    "project_id": [None, 5, []],
    "status": [None, 5, True, "", " \u200b", ["queued"]],
    "created_at": [
        *(None, 1_700_000_000, "", "1700000000", "today", "2026-01-02", "2026-13-01T00:00:00Z"),
        *("2025-02-29T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z", "2026-01-02T03:04:61Z"),
        *("2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05Z "),
        *("\u0662026-01-02T03:04:05Z", "12026-01-02T03:04:05Z"),
    ],
    "updated_at": [None, True, "now"],
    "progress": ["42", True, [], {}, 10**400, float("nan"), float("inf"), float("-inf")],
    "percent_complete": ["", False, [1], float("nan")],
    "title": [5, True, ["a"], {"a": "b"}],
    "progress_stage": [1],
    "error_message": [{"error": "x"}],
    "writing_model": [4.1],
    "reasoning_model": [False],
    "function_model": [[]],
    "is_byok": [0, 1, "true", []],
    "is_starred": ["false", 0.0],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_wrong_types_are_bad_answers(name: str, value: object) -> None:
    with pytest.raises(BadAnswer) as caught:
        read(**{name: value})
    if not isinstance(value, float) and value != OWNER:
        assert f"`{name}`" in str(caught.value)


@pytest.mark.parametrize("name", LEAST)
def test_a_missing_field_is_named(name: str) -> None:
    body = json.dumps({key: value for key, value in LEAST.items() if key != name}).encode()
    with pytest.raises(BadAnswer, match=f"without `{name}`"):
        read_job(body, ID)


def test_nothing_of_a_bad_answer_is_repeated() -> None:
    with pytest.raises(BadAnswer) as caught:
        read(title=["geheim"])
    assert "geheim" not in str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


@pytest.mark.parametrize(
    "spelling", [ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f" {ID} "]
)
def test_any_spelling_of_the_same_job(spelling: str) -> None:
    assert read(id=spelling).id == ID
    assert read_job(json.dumps(LEAST).encode(), spelling).id == ID


def test_text_is_made_safe_and_short() -> None:
    job = read(
        status="on\x1b[2J hold",
        title="x" * 100_000,
        progress_stage="a\u202e[red]\nb",
        error_message="y" * 5000,
        writing_model="\x9b5n",
        user_id="u" * 100,
    )
    assert job.status == "on\u241b[2J hold"
    assert job.title == "x" * 299 + "\u2026"
    assert job.stage == "a[red] b"
    assert job.error_message == "y" * 3999 + "\u2026"
    assert job.writing_model == "\N{REPLACEMENT CHARACTER}5n"
    assert len(job.user_id) == 64


def test_half_a_surrogate_pair_does_not_spoil_an_answer() -> None:
    body = json.dumps(LEAST | {"title": "cut \ud83d", "\udc00": "\udc00"}).encode()
    assert read_job(body, ID).title == "cut"


JOB = json.loads((ROOT / "tests/contract/openapi.json").read_text())["components"]["schemas"]["Job"]
TIMESTAMPS = st.builds(
    "{}{}{:%H:%M:%S}{}{}".format,  # RFC 3339, section 5.6
    st.dates(),
    st.sampled_from("Tt"),
    st.times(),
    st.from_regex(r"(\.[0-9]{1,12})?", fullmatch=True),
    st.from_regex(r"[Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]", fullmatch=True),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "uuid": st.uuids().map(str),
    "date-time": TIMESTAMPS,
    "float": st.integers(0, 100) | st.floats(0, 100),
    "boolean": st.booleans(),
    "string": st.text(max_size=20),
}


def values(facts: dict[str, Any]) -> st.SearchStrategy[Any]:
    """The values that the OpenAPI document allows for a field."""
    found = st.sampled_from(facts["enum"]) if "enum" in facts else VALUES[facts.get("format", facts["type"])]
    return st.none() | found if facts.get("nullable") else found


OPTIONAL = {name: values(facts) for name, facts in JOB["properties"].items()} | {"later": VALUES["string"]}
REQUIRED = {name: OPTIONAL.pop(name) for name in JOB["required"]} | {"id": st.just(ID)}


@given(st.fixed_dictionaries(REQUIRED, optional=OPTIONAL), st.booleans())
def test_every_valid_answer_is_taken(payload: dict[str, Any], ascii_only: bool) -> None:
    in_percent = ProgressReader()
    in_percent.restore(ProgressUnit.PERCENT)
    job = read_job(json.dumps(payload, ensure_ascii=ascii_only).encode(), ID, progress=in_percent)
    assert (job.id, job.user_id, job.project_id) == (ID, payload["user_id"], payload["project_id"])
    assert job.status == payload["status"]
    assert (job.is_byok, job.is_starred) == (payload.get("is_byok"), payload.get("is_starred"))
    known = [payload[name] for name in ("progress", "percent_complete") if name in payload]
    assert job.progress == (max(known) if known else None)
    assert datetime.fromtimestamp(job.created_at, UTC).tzinfo is UTC


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"{}", b'{"error": 5}', b'{"error": null}', b"\xff"]
)
def test_answers_without_a_reason_have_none(body: bytes) -> None:
    assert read_reason(body) is None


def test_a_reason_and_the_message_of_a_cancel_are_one_safe_line() -> None:
    assert read_reason(b'{"error": "no\\n\\u001bway", "code": 1}') == "no \u241bway"
    assert read_message(b'{"message": "Job\\tcancelled"}') == "Job cancelled"
    assert read_message(b"{}") == ""
    for body in (b"", b"ok", b"[]", b'{"message": 1}'):
        with pytest.raises(BadAnswer):
            read_message(body)
