"""Draws events as lines of text."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import TONE_STYLES, beside
from widgets.fitting import cut
from widgets.model import EventLine, Tone

_GAP_CELLS = 2  # between the time and the text
_MIN_TEXT_CELLS = 20


def event_log_lines(events: Sequence[EventLine], width: int) -> list[Content]:
    """Events, each wrapped beside its time, or below it if there are fewer than 20 cells beside it.

    Only glyphs and the words of events that need attention are coloured.
    """
    indent = max((cell_len(event.when) for event in events), default=0) + _GAP_CELLS
    below = width - indent < _MIN_TEXT_CELLS
    lines = []
    for event in events:
        if below and event.when:
            lines.append(Content.styled(cut(event.when, width), "$dw-secondary"))
        tone = TONE_STYLES[event.glyph.tone]
        what, colon, why = event.text.partition(":")
        highlighted = event.glyph.tone in (Tone.ATTENTION, Tone.STALLED)
        text = Content.assemble(
            (f"{event.glyph.text} " if event.glyph.text else "", tone),
            f"{event.title}  " if event.title else "",
            (what, tone if highlighted else "$dw-secondary"),
            (colon + why, "$dw-secondary"),
        )
        when, cells = ("", _GAP_CELLS) if below else (event.when, indent)
        lines += [line.truncate(width) for line in beside(when, "$dw-secondary", cells, text, width)]
    return lines
