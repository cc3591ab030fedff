"""What stands in place of rows where there are none: how to go on."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import MUTED, fill, wrap
from widgets.model import KeyHelp, WaysOn

_GAP = 3
_LEAST_TEXT = 14
_KEYS = "bold $text-accent"


def ways_lines(ways_on: WaysOn, width: int, height: int) -> list[Content]:
    """A heading, and below it the ways to go on.

    Where there is not enough room for all of it, each text is cut behind its first comma, and on a single line the
    first key alone is named.

    Args:
        ways_on: What is to be said.
        width: The cells there are, at least 1.
        height: The lines there are; blank ones stand between the parts only where there are enough.
    """
    heading, ways, note, _ = ways_on
    if height == 1 and ways:
        return [Content.assemble((heading, "bold"), ": ", (ways[0].keys, _KEYS)).truncate(width)]
    room = max(width - 2, 1)
    parts = _parts(heading, ways, note, room)
    if height < sum(map(len, parts)):
        short = [KeyHelp(way.keys, way.text.partition(",")[0]) for way in ways]
        parts = _parts(heading, short, note.partition(",")[0], room)
    lines: list[Content] = []
    airy = height >= sum(map(len, parts)) + 4
    for part in parts:
        lines += [Content("")] if airy and lines and part else []
        lines += part
    return lines


def _parts(heading: str, ways: Sequence[KeyHelp], note: str, width: int) -> tuple[list[Content], ...]:
    """The lines of the heading, the ways and the note."""
    keys = max((cell_len(way.keys) for way in ways), default=0)
    texts = max((cell_len(way.text) for way in ways), default=0)
    return (
        [Content.styled(line, "bold") for line in wrap(heading, width)],
        [line for way in ways for line in _way(way, keys, texts, width)],
        [Content.styled(line, MUTED) for line in wrap(note, width)] if note else [],
    )


def _way(way: KeyHelp, keys: int, texts: int, width: int) -> list[Content]:
    """One way: keys to the left, and text to the right in a column of at most so many cells; else in a row."""
    room = width - keys - _GAP
    if room < min(_LEAST_TEXT, texts):
        return [Content.styled(line, _KEYS) for line in wrap(way.keys, width)] + [
            Content(line) for line in wrap(way.text, width)
        ]
    texts = min(texts, room)
    lines = []
    for number, text in enumerate(wrap(way.text, texts)):
        name = "" if number else way.keys
        lines.append(
            Content.assemble(" " * (keys - cell_len(name)), (name, _KEYS), " " * _GAP, fill(text, texts))
        )
    return lines
