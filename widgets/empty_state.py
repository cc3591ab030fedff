"""Draws the empty state in place of rows."""

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import wrap
from widgets.model import EmptyState, KeyHelp

_GAP = 3
_LEAST_TEXT = 14
_KEYS = "bold $dw-accent"


def empty_state_lines(state: EmptyState, width: int, height: int) -> list[Content]:
    """The sentences and the ways to go on, as one block of left-aligned lines a little above the middle.

    Where there is not enough room for all of it, the second sentence goes first, then ways from the last on; a single
    line names the first key alone.

    Args:
        state: The content.
        width: The available width in cells, at least 1.
        height: The available height in lines; blank lines separate the parts only if there is room.
    """
    heading, text, ways, _ = state
    if height == 1 and ways:
        return [Content.assemble((heading, "bold"), " ", (ways[0].keys, _KEYS)).truncate(width)]
    room = max(width - 2, 1)
    keys = max((cell_len(way.keys) for way in ways), default=0)
    ways_lines = [line for way in ways for line in _way(way, keys, room)]
    first = [Content.styled(line, "bold") for line in wrap(heading, room)]
    second = [Content.styled(line, "$dw-secondary") for line in wrap(text, room)] if text else []
    if len(first) + len(second) + len(ways_lines) > height:
        second = []
    block = [*first, *second]
    if len(block) + len(ways_lines) < height:
        block.append(Content(""))
    block = [*block, *ways_lines][:height]
    left = max((width - max(line.cell_length for line in block)) // 2, 0)
    above = max((height - len(block)) * 2 // 5, 0)
    return [Content("")] * above + [Content(" " * left) + line for line in block]


def _way(way: KeyHelp, keys: int, width: int) -> list[Content]:
    """One action: its keys at the left, and the text beside them, or below them if there is no room."""
    room = width - keys - _GAP
    if room < _LEAST_TEXT:
        lines = [Content.styled(line, _KEYS) for line in wrap(way.keys, width)]
        return lines + [Content(line) for line in wrap(way.text, width)]
    first, *rest = wrap(way.text, room)
    head = Content.assemble((way.keys, _KEYS), " " * (keys - cell_len(way.keys) + _GAP), first)
    return [head, *(Content(" " * (keys + _GAP) + line) for line in rest)]
