"""The glyphs for a job's status, so that colour is never the only signal.

All of them are of neutral East Asian width, so that no terminal gives them two cells.
"""

from typing import NamedTuple

from app.job import Group
from app.watch.watched import Watched
from widgets.model import Tone


class Glyphs(NamedTuple):
    """One set of glyphs, each one cell wide, except for the arrow in sentences."""

    running: str
    waiting: str
    done: str
    attention: str
    cancelled: str
    missing: str
    mark: str
    arrow: str
    ascii: bool

    def group(self, group: Group) -> str:
        """The glyph of a group, which has the group's name."""
        return str(getattr(self, group))

    def entry(self, entry: Watched) -> str:
        """The glyph of one job."""
        if entry.misses:
            return self.missing
        if entry.cancelled:
            return self.cancelled
        return self.group(entry.group)

    def sentence(self, text: str) -> str:
        """A sentence of the event log with these glyphs."""
        return text.replace(UNICODE.arrow, self.arrow)


UNICODE = Glyphs("▸", "◦", "✔", "✖", "⊘", "?", "✱", "→", ascii=False)
ASCII = Glyphs(">", "o", "+", "!", "x", "?", "*", "->", ascii=True)


def glyphs(*, plain: bool) -> Glyphs:
    """The glyphs to use."""
    return ASCII if plain else UNICODE


def tone(group: Group) -> Tone:
    """The colour of a group."""
    return Tone(group.value)
