"""A fraction drawn as a bar of text, finer than a cell."""

from math import isnan

_BLOCKS = "▏▎▍▌▋▊▉█"
_BLOCK_TRACK = " "
_BLOCK_UNKNOWN = "·"

_ASCII_STEPS = "=#"
_ASCII_TRACK = "-"
_ASCII_UNKNOWN = "."
_BRACKETED = 3  # cells from which on a bar in ASCII has brackets


def progress_cells(fraction: float | None, width: int, *, ascii: bool = False) -> tuple[str, str]:
    """A progress bar, as the text of the part that is done and the text of the rest.

    A bar is only full when everything is done, and only empty when nothing is: in between it keeps at least
    its smallest step, and at least its smallest step away from the end. The smallest step is an eighth of a
    cell, in ASCII a half (`=`).

    The track of block bars is blank: give the whole bar the track's colour as background, so that the cell
    in which the done part ends is coloured to its right edge. An unknown fraction is dots, without a done part.

    Args:
        fraction: How much is done, 0.0 to 1.0; what lies outside counts as the nearer end. None or NaN for
            unknown.
        width: How many cells both parts fill together; none if it is 0 or less.
        ascii: Draw with ASCII characters; from 3 cells on in brackets, `[##=--]`.

    Returns:
        The done part and the track, together `width` characters of one cell each.
    """
    if width <= 0:
        return "", ""
    if ascii and width >= _BRACKETED:
        done, track = _bare_cells(fraction, width - 2, ascii=True)
        return (f"[{done}", f"{track}]") if done else ("", f"[{track}]")
    return _bare_cells(fraction, width, ascii=ascii)


def _bare_cells(fraction: float | None, width: int, *, ascii: bool) -> tuple[str, str]:
    """The bar without brackets."""
    steps, track, unknown = (
        (_ASCII_STEPS, _ASCII_TRACK, _ASCII_UNKNOWN) if ascii else (_BLOCKS, _BLOCK_TRACK, _BLOCK_UNKNOWN)
    )
    if fraction is None or isnan(fraction):
        return "", unknown * width
    whole, part = divmod(_steps_done(fraction, width * len(steps)), len(steps))
    done = steps[-1] * whole + (steps[part - 1] if part else "")
    return done, track * (width - len(done))


def _steps_done(fraction: float, steps: int) -> int:
    """How many of so many steps are drawn as done."""
    if fraction <= 0.0:
        return 0
    if fraction >= 1.0:
        return steps
    return min(max(int(fraction * steps), 1), steps - 1)
