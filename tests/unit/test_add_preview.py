"""Job IDs in typed or pasted text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.presentation.add_preview import preview
from tests.scripted_api import job_id

A, B, C = job_id(1), job_id(2), job_id(3)


def test_ids_are_found_in_any_text_and_any_spelling() -> None:
    text = f"https://x.invalid/jobs/{A}?tab=1\n{B.upper()}, {{{C.replace('-', '')}}}"
    found = preview(text, {B})
    assert (found.new, found.known, found.repeated, found.unusable) == ((A, C), (B,), 0, ())


def test_repetitions_are_counted_and_each_job_is_offered_once() -> None:
    found = preview(f"{A} {A}\n{A}\n{B}", set())
    assert (found.new, found.repeated) == ((A, B), 1)


def test_lines_without_an_id_are_named_safely_and_blank_ones_are_not() -> None:
    found = preview(f"hello\x1b[31m\n\n   \n{A}\n123e4567\n", set())
    assert found.unusable == ("hello␛[31m", "123e4567")
    assert preview(" \n\t", set())._replace(text="") == preview("", set())


@given(st.text(max_size=300), st.lists(st.uuids(), max_size=5))
def test_any_text_is_tolerated(text: str, ids: list[object]) -> None:
    found = preview(text + "\n" + "\n".join(map(str, ids)), set())
    assert set(map(str, ids)) <= set(found.new)
    assert len(set(found.new)) == len(found.new)
    assert all(line.isprintable() for line in found.unusable)


KEY = "dw_live_4f9aK2mPq81LrTz0XwVb"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4IiwiZXhwIjoxfQ.c2lnbmF0dXJlMTIzNDU2Nzg5MGFiY2RlZg"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (JWT, "***"),
        ("***eyJhbGci.eyJ next", "*** next"),
        ("***", "***"),
        (f"Bearer {JWT}\n{A}", f"Bearer ***\n{A}"),
        (f"curl -H 'x-api-key: {KEY}' '{A}?token={JWT}'", f"curl -H 'x-api-key: ***' '{A}?***'"),
        ("a" * 20 + "1" * 20, "***"),
        (A, A),
        (A.replace("-", "").upper(), A.replace("-", "").upper()),
        (f"https://x.invalid/a1b2c3d4e5f6a7b8c9d0e1/{A}", f"https://x.invalid/a1b2c3d4e5f6a7b8c9d0e1/{A}"),
        ("Quarterly-report-2025-final-version.pdf", "Quarterly-report-2025-final-version.pdf"),
        ("antidisestablishmentarianism", "antidisestablishmentarianism"),
    ],
)
def test_what_looks_like_a_token_is_left_out(text: str, kept: str) -> None:
    found = preview(text, set())
    assert (found.text, found.token) == (kept, kept != text)
    assert not any(word in line for line in found.unusable for word in (JWT, KEY))


def test_a_long_word_of_letters_takes_no_quadratic_time() -> None:
    text = "x" * 1_000_000  # would take hours
    assert preview(text, ()).text == text
