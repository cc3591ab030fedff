"""A bar says how much is done, and never more or less than it knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ("fraction", "width", "bar"),
    [
        (0.0, 7, "[-----]"),
        (0.5, 7, "[##=--]"),
        (0.6, 7, "[###--]"),
        (0.999, 7, "[####=]"),
        (1.0, 7, "[#####]"),
        (None, 7, "[.....]"),
        (0.5, 3, "[=]"),
        (0.5, 2, "#-"),
        (0.01, 1, "="),
        (None, 1, "."),
    ],
)
def test_ascii_bars_have_brackets_where_there_is_room(fraction: float | None, width: int, bar: str) -> None:
    assert "".join(progress_cells(fraction, width, ascii=True)) == bar


@given(
    fraction=st.one_of(st.none(), st.floats()),
    width=st.integers(-3, 60),
    plain=st.booleans(),
)
def test_parts_fill_the_width_and_know_their_ends(fraction: float | None, width: int, plain: bool) -> None:
    done, track = progress_cells(fraction, width, ascii=plain)

    assert len(done) + len(track) == max(width, 0)
    assert not plain or (done + track).isascii()
    if width <= 0:
        return
    inner = (done + track).strip("[]")
    if fraction is None or fraction != fraction:
        assert done == ""
        assert set(inner) <= {"·", "."}
    else:
        assert (set(inner) <= {"━", "#"}) == (fraction >= 1.0)
        assert (set(inner) <= {"─", "-"}) == (fraction <= 0.0)


@given(
    fractions=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    width=st.integers(1, 40),
    plain=st.booleans(),
)
def test_more_is_never_drawn_as_less(fractions: tuple[float, float], width: int, plain: bool) -> None:
    less, more = (_ink(progress_cells(fraction, width, ascii=plain)[0]) for fraction in sorted(fractions))

    assert less <= more


def _ink(done: str) -> int:
    """How much of a done part is inked, in its smallest steps."""
    steps = "=#" if done.isascii() else "╾━"
    return sum(steps.index(cell) + 1 for cell in done.strip("[]"))
