"""Fits text to a number of terminal cells: wide characters take two, combining ones none."""

from rich.cells import cell_len, set_cell_size


def cut(text: str, width: int) -> str:
    """The line, cut to at most `width` cells; empty if that is 0 or less."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip(" :") + "…"


def fill(text: str, width: int, *, right: bool = False) -> str:
    """The line, cut or padded to exactly `width` cells; `right` aligns it right."""
    text = cut(text, width)
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks
