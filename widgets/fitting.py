"""Fits text to a number of terminal cells: wide characters take two, combining ones none."""

from rich.cells import cell_len, set_cell_size

from widgets.model import Align


def cut(text: str, width: int, *, ascii: bool = False) -> str:
    """Cut a text to at most `width` cells.

    Args:
        text: One line, safe for a terminal.
        width: In cells; 0 or less returns an empty text.
        ascii: Whether a text that is cut ends in `~` instead of an ellipsis.
    """
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip(" :") + ("~" if ascii else "…")


def fill(text: str, width: int, *, align: Align = Align.LEFT, ascii: bool = False) -> str:
    """Cut or pad a text to exactly `width` cells.

    Args:
        text: One line, safe for a terminal.
        width: In cells.
        align: Where the text goes if it is shorter.
        ascii: As for `cut`.
    """
    text = cut(text, width, ascii=ascii)
    blanks = " " * (width - cell_len(text))
    return blanks + text if align is Align.RIGHT else text + blanks
