"""Job IDs in typed or pasted text."""

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
    assert preview("", set()) == preview(" \n\t", set())


@given(st.text(max_size=300), st.lists(st.uuids(), max_size=5))
def test_any_text_is_tolerated(text: str, ids: list[object]) -> None:
    found = preview(text + "\n" + "\n".join(map(str, ids)), set())
    assert set(map(str, ids)) <= set(found.new)
    assert len(set(found.new)) == len(found.new)
    assert all(line.isprintable() for line in found.unusable)
