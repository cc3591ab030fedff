"""The signs that stand for what a job is, so that colour is never the only signal."""

from typing import NamedTuple

from app.job import Group, Status
from app.watch.watched import Watched
from widgets.model import Tone


class Glyphs(NamedTuple):
    """One set of signs, each one cell wide, but for the arrow in sentences."""

    running: str
    waiting: str
    done: str
    attention: str
    cancelled: str
    missing: str
    mark: str
    star: str
    arrow: str

    def group(self, group: Group) -> str:
        """The sign of a group."""
        return {
            Group.RUNNING: self.running,
            Group.WAITING: self.waiting,
            Group.DONE: self.done,
            Group.ATTENTION: self.attention,
        }[group]

    def entry(self, entry: Watched) -> str:
        """The sign of one job."""
        if entry.misses:
            return self.missing
        if entry.job and entry.job.status == Status.CANCELLED:
            return self.cancelled
        return self.group(entry.group)

    def sentence(self, text: str) -> str:
        """A sentence of the event log with these signs."""
        return text.replace(UNICODE.arrow, self.arrow)


UNICODE = Glyphs("▶", "○", "✔", "✖", "⊘", "?", "●", "★", "→")
ASCII = Glyphs(">", "o", "+", "!", "x", "?", "*", "*", "->")


def glyphs(*, plain: bool) -> Glyphs:
    """The set to draw with.

    Args:
        plain: Whether it is to be ASCII alone.
    """
    return ASCII if plain else UNICODE


def tone(group: Group) -> Tone:
    """The colour of a group."""
    return Tone(group.value)
