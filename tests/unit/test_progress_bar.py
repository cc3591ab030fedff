"""A bar says how much is done, and never more or less than it knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.ascii import in_ascii
from widgets.progress_bar import progress_cells


@pytest.mark.parametrize(
    ("fraction", "done", "track"),
    [
        (0.0, "", "────"),
        (0.001, "╾", "───"),
        (0.25, "━", "───"),
        (0.42, "━╾", "──"),
        (0.5, "━━", "──"),
        (0.999, "━━━╾", ""),
        (1.0, "━━━━", ""),
        (None, "", "····"),
    ],
)
def test_lines_go_by_half_cells(fraction: float | None, done: str, track: str) -> None:
    assert progress_cells(fraction, 4) == (done, track)


@pytest.mark.parametrize(
    ("fraction", "width", "shown"),
    [
        (0.7, 6, "[##=-]"),
        (0.01, 6, "[=---]"),
        (0.99, 6, "[###=]"),
        (1.0, 6, "[####]"),
        (0.0, 6, "[----]"),
        (None, 6, "[....]"),
        (0.5, 2, "#-"),
    ],
)
def test_ascii_has_brackets_and_a_sign_for_each_part(fraction: float | None, width: int, shown: str) -> None:
    assert in_ascii("".join(progress_cells(fraction, width, edges=True))) == shown


@given(st.one_of(st.none(), st.floats()), st.integers(1, 60))
def test_parts_fill_the_width_and_know_their_ends(fraction: float | None, width: int) -> None:
    done, track = progress_cells(fraction, width)
    assert len(done) + len(track) == width
    inner = done + track
    if fraction is None or fraction != fraction:
        assert done == ""
        assert set(inner) == {"·"}
    else:
        assert (set(inner) <= {"━"}) == (fraction >= 1.0)
        assert (set(inner) <= {"─"}) == (fraction <= 0.0)


@given(st.tuples(st.floats(0, 1), st.floats(0, 1)), st.integers(1, 40))
def test_more_is_never_drawn_as_less(fractions: tuple[float, float], width: int) -> None:
    less, more = (_ink(progress_cells(fraction, width)[0]) for fraction in sorted(fractions))
    assert less <= more


def _ink(done: str) -> int:
    """How much of a done part is inked, in its smallest steps."""
    return sum("╾━".index(cell) + 1 for cell in done)
