"""Replaces the characters that widgets draw with by ASCII, for terminals that cannot show them."""

_CURVE = {0x2800 + dots: " .*"[min(dots.bit_count(), 2)] for dots in range(256)}
"""Braille: the curve of a chart has several dots in a cell, a forecast a single one."""

_SCROLL_BAR = dict.fromkeys(map(ord, "▁▂▃▄▅▆▇"), " ")
"""The ends of a scroll bar. As blanks, they are whole cells of its colour."""

_TABLE = str.maketrans("▸▶◦✔✖⊘✱→…·━╾╸╺─│┊╭╮╰╯▌▕▏▴▾", ">>o+!x*>~.#===-|:++++|[]^v") | _CURVE | _SCROLL_BAR


def in_ascii(text: str) -> str:
    """The text with ASCII in place of the characters that widgets draw with and the glyphs of statuses. All others stay."""
    return text.translate(_TABLE)
