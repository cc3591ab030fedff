"""The demo's hints in the key line: one key at a time, until it has been used."""

from typing import NamedTuple


class Hint(NamedTuple):
    """A hint to try a key."""

    action_ids: tuple[str, ...]  # the first key of each is shown; empty for a hint without keys
    words: str


WELCOME = Hint((), "Simulated jobs: try anything.")

_DETAILS = Hint(("view.details",), "details")
_CANCEL = Hint(("jobs.cancel",), "cancels this one: safe here")

_HINTS = (
    Hint(("table.down", "table.up"), "move"),
    _DETAILS,
    _CANCEL,
    Hint(("view.filter",), "filter"),
)


class DemoHints:
    """Chooses the hint. It changes only after a key press: the screen does not change while nothing happens."""

    def __init__(self) -> None:
        self._tried: set[str] = set()

    def tried(self, action_id: str) -> None:
        """Note that an action was used."""
        self._tried.add(action_id)

    def hint(self, *, cancellable: bool, details_open: bool = False) -> Hint | None:
        """Return the hint to show now: a welcome before the first key, then the first one not tried yet, if any."""
        if not self._tried:
            return WELCOME
        for hint in _HINTS:
            useful = {_CANCEL: cancellable, _DETAILS: not details_open}.get(hint, True)
            if useful and self._tried.isdisjoint(hint.action_ids):
                return hint
        return None
