"""Draws a fraction as a text bar, to half a cell."""

from math import isnan

_MIN_EDGED_CELLS = 3
"""A narrower bar has no edges."""


def progress_cells(fraction: float | None, width: int, *, edges: bool = False) -> tuple[str, str]:
    """A progress bar, as the text of the part that is done and the text of the rest.

    A bar is full only when everything is done, and shows at least half a cell when anything is. Heavy and light lines
    differ without colour, and leave air above and below. An unknown fraction is dots, without a done part.

    Args:
        fraction: The progress, clamped to 0.0 to 1.0; None or NaN if unknown.
        width: The cells of both parts together, at least 1.
        edges: Mark both ends, if there are at least 3 cells. ASCII has brackets there: `[##=--]`.
    """
    if edges and width >= _MIN_EDGED_CELLS:
        done, rest = progress_cells(fraction, width - 2)
        return (f"▕{done}", f"{rest}▏") if done else ("", f"▕{rest}▏")
    if fraction is None or isnan(fraction):
        return "", "·" * width
    steps = int(2 * width * min(max(fraction, 0.0), 1.0))
    if 0.0 < fraction < 1.0:
        steps = min(max(steps, 1), 2 * width - 1)
    done = "━" * (steps // 2) + "╾" * (steps % 2)
    return done, "─" * (width - len(done))
