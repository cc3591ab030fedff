"""Draws a fraction as a text bar, to half a cell."""

from math import isnan

_LINES = "━", "╾", "─", "·"
_ASCII = "#", "=", "-", "."

_MIN_BRACKETED_CELLS = 3
"""An ASCII bar of at least this many cells has brackets."""


def progress_cells(fraction: float | None, width: int, *, ascii: bool = False) -> tuple[str, str]:
    """A progress bar, as the text of the part that is done and the text of the rest.

    A bar is full only when everything is done, and shows at least half a cell when anything is. Heavy and light lines
    differ without colour, and leave air above and below. An unknown fraction is dots, without a done part.

    Args:
        fraction: The progress, clamped to 0.0 to 1.0; None or NaN if unknown.
        width: The cells of both parts together; both are empty if it is 0 or less.
        ascii: Draw with ASCII characters, with brackets if there are at least 3 cells: `[##=--]`.
    """
    if width <= 0:
        return "", ""
    if ascii and width >= _MIN_BRACKETED_CELLS:
        done, rest = _line(fraction, width - 2, _ASCII)
        return (f"[{done}", f"{rest}]") if done else ("", f"[{rest}]")
    return _line(fraction, width, _ASCII if ascii else _LINES)


def _line(fraction: float | None, width: int, characters: tuple[str, str, str, str]) -> tuple[str, str]:
    """The bar without brackets, drawn with a full, a half and an empty cell, and one for unknown."""
    full, half, empty, unknown = characters
    if fraction is None or isnan(fraction):
        return "", unknown * width
    halves = 2 * width
    if fraction <= 0.0:
        steps = 0
    elif fraction >= 1.0:
        steps = halves
    else:
        steps = min(max(int(fraction * halves), 1), halves - 1)
    done = full * (steps // 2) + half * (steps % 2)
    return done, empty * (width - len(done))
