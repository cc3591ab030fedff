"""What an empty watch list shows: how to fill it."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import MUTED, Drawing, fill, wrap
from widgets.model import KeyHelp

_GAP = 3
_LEAST_TEXT = 14
_KEYS = "bold $text-accent"


class EmptyList(Drawing):
    """A heading, and below it the ways to go on, in the middle of the room there is.

    Where that is not enough for all of it, each text is cut behind its first comma, and on a single line the first
    key alone is named.

    Args:
        heading: What is the matter, in a few words.
        ways: What to press or type, and what that does.
        note: A last line; empty for none.
    """

    DEFAULT_CSS = """
    EmptyList { height: 1fr; content-align: center middle; text-align: center; }
    """

    def __init__(
        self,
        heading: str,
        ways: Sequence[KeyHelp] = (),
        note: str = "",
        *,
        ascii: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(ascii=ascii, id=id)
        self._heading, self._ways, self._note = heading, tuple(ways), note

    def show(self, heading: str, ways: Sequence[KeyHelp] = (), note: str = "") -> None:
        """Show other words."""
        if (heading, tuple(ways), note) != (self._heading, self._ways, self._note):
            self._heading, self._ways, self._note = heading, tuple(ways), note
            self.renew()

    def renew(self) -> None:
        """Draw all of it again: its lines move when there are more or fewer of them."""
        self._drawn = None
        self.refresh()

    def on_resize(self) -> None:
        """The height decides on the blank lines."""
        self.renew()

    def draw(self, width: int) -> list[Content]:
        """The lines for a width, in cells; blank lines between them only where there is height."""
        room = max(width - 2, 1)
        height = self.size.height
        if height == 1 and self._ways:
            return [
                Content.assemble((self._heading, "bold"), ": ", (self._ways[0].keys, _KEYS)).truncate(width)
            ]
        parts = _parts(self._heading, self._ways, self._note, room)
        if 0 < height < sum(map(len, parts)):
            short = [KeyHelp(way.keys, way.text.partition(",")[0]) for way in self._ways]
            parts = _parts(self._heading, short, self._note.partition(",")[0], room)
        lines: list[Content] = []
        airy = height == 0 or height >= sum(map(len, parts)) + 4
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
