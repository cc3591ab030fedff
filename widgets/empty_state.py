"""Draws the empty state in place of rows."""

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import beside, wrap
from widgets.model import EmptyState, KeyHelp

_GAP_CELLS = 3
_MIN_TEXT_CELLS = 14
_KEY_STYLE = "bold $dw-accent"


def empty_state_lines(state: EmptyState, width: int, height: int) -> list[Content]:
    """The sentences and what to press, as one block of left-aligned lines a little above the middle.

    If there is not enough room, the second sentence is left out first, then the suggestions, from the last one on; a
    single line shows only the first key. Blank lines separate the parts only if there is room. The width is at least 1.
    """
    heading, text, suggestions, _ = state
    if height == 1 and suggestions:
        return [Content.assemble((heading, "bold"), " ", (suggestions[0].keys, _KEY_STYLE)).truncate(width)]
    room = max(width - 2, 1)
    key_cells = max((cell_len(suggestion.keys) for suggestion in suggestions), default=0)
    suggested = [line for suggestion in suggestions for line in _suggestion(suggestion, key_cells, room)]
    first = wrap(heading, room, "bold")
    second = wrap(text, room, "$dw-secondary") if text else []
    if len(first) + len(second) + len(suggested) > height:
        second = []
    block = [*first, *second]
    if len(block) + len(suggested) < height:
        block.append(Content(""))
    block = [*block, *suggested][:height]
    left = max((width - max(line.cell_length for line in block)) // 2, 0)
    above = max((height - len(block)) * 2 // 5, 0)
    return [Content("")] * above + [Content(" " * left) + line for line in block]


def _suggestion(suggestion: KeyHelp, key_cells: int, width: int) -> list[Content]:
    """One action: its keys at the left, and the text beside them, or below them if it does not fit there."""
    if width - key_cells - _GAP_CELLS < _MIN_TEXT_CELLS:
        return wrap(suggestion.keys, width, _KEY_STYLE) + wrap(suggestion.text, width)
    return beside(suggestion.keys, _KEY_STYLE, key_cells + _GAP_CELLS, Content(suggestion.text), width)
