"""The glyphs and colours for a job's status, so that colour is never the only signal.

The glyphs are of neutral East Asian width, so that no terminal gives them two cells. `widgets.ascii` replaces them where
only ASCII is drawn.
"""

from collections.abc import Mapping

from app.job import Group
from app.watch.watched import Watched
from widgets.model import Tone

GLYPHS: Mapping[Group, str] = {
    Group.RUNNING: "▸",
    Group.WAITING: "◦",
    Group.DONE: "✔",
    Group.ATTENTION: "✖",
}
CANCELLED, MISSING = "⊘", "?"


def glyph(entry: Watched) -> str:
    """The glyph of one job."""
    if entry.misses:
        return MISSING
    return CANCELLED if entry.cancelled else GLYPHS[entry.group]


def tone(group: Group) -> Tone:
    """The colour of a group."""
    return Tone(group.value)
