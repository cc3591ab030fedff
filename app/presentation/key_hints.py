"""Chooses the keys on the bottom line: those useful for the job under the cursor, and hints in the demo."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from app.job import Status
from app.presentation.keymap import ACTIONS, Keymap, types_character
from app.watch.watched import Watched
from widgets.keys import key_name
from widgets.model import KeyHint, KeyHints

_ANYWHERE = (("view.sort", ""), ("view.log", ""), ("app.palette", "commands"))
_LAST = (("app.help", ""), ("app.quit", ""))

_Named = tuple[str, str]
"""The ID of an action, and the word for what it does here; empty for its usual name."""


class Hint(NamedTuple):
    """A hint to try a key."""

    action_ids: tuple[str, ...]  # the shortest key of each is shown; empty for a hint without keys
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


def demo_hint(tried: Collection[str], *, cancellable: bool, details_open: bool = False) -> Hint | None:
    """The hint to show: a welcome before the first action, then the first hint not tried yet, if there is one."""
    if not tried:
        return WELCOME
    for hint in _HINTS:
        useful = {_CANCEL: cancellable, _DETAILS: not details_open}.get(hint, True)
        if useful and not any(action_id in tried for action_id in hint.action_ids):
            return hint
    return None


def key_hints(
    keymap: Keymap,
    entry: Watched,
    *,
    marked: int,
    filtered: bool,
    details_open: bool,
    read_only: bool,
    hint: Hint | None,
    rate: str,
) -> KeyHints:
    """The keys for a list with the cursor on a job."""
    cancel: list[_Named] = [] if read_only else [("jobs.cancel", "")]
    if marked:
        prefix = f"{marked} marked:"
        return _hints(keymap, (*cancel, ("jobs.remove", ""), ("view.back", "unmark")), prefix, rate=rate)
    details = ("view.details", "close details" if details_open else "")
    remove, copy = ("jobs.remove", ""), ("copy.id", "")
    find = [("view.back", "show all")] if filtered else []
    find += [("view.filter", ""), ("jobs.add", "")]
    status = entry.job.status if entry.job else None
    if status in (Status.FAILED, Status.MODERATED):
        keys = [details, ("poll.one", "ask again"), remove, copy, *find]
    elif status == Status.COMPLETED:
        keys = [details, ("jobs.open", "open document"), *find, remove, copy]
    elif entry.finished:
        keys = [details, *find, remove, copy]
    else:
        keys = [details, *find, *(cancel if entry.cancellable else ()), remove]
    if hint is None:
        return _hints(keymap, (*keys, *_ANYWHERE), rate=rate)
    keys = [(action_id, word) for action_id, word in keys if action_id not in hint.action_ids]
    # Show the shortest key of each action, and a letter rather than an arrow.
    names = [
        min(keymap.names_of(action_id), key=lambda name: (len(name), not name.isalpha()))
        for action_id in hint.action_ids
    ]
    prefix, word = (" ".join(names), hint.words) if names else (hint.words, "")
    return _hints(keymap, (*keys, *_ANYWHERE), prefix, word, rate=rate)


def empty_hints(keymap: Keymap, action_ids: Iterable[str], rate: str) -> KeyHints:
    """The keys for a list without rows."""
    named = [(action_id, "demo" if action_id == "jobs.open" else "") for action_id in action_ids]
    return _hints(keymap, named, rate=rate)


def filter_hints(keymap: Keymap) -> KeyHints:
    """The keys while the filter is being typed: those that end it, and one for the help that types no character."""
    shown = _hint(keymap, "filter.keep"), _hint(keymap, "filter.clear")
    key = next((key for key in keymap.keys_of("app.help") if not types_character(key)), None)
    return KeyHints(shown, (KeyHint(key, key_name(key), "help"),) if key else ())


def _hints(
    keymap: Keymap, named: Iterable[_Named], prefix: str = "", word: str = "", *, rate: str
) -> KeyHints:
    keys, last = (tuple(_hint(keymap, *action) for action in group) for group in (named, _LAST))
    return KeyHints(keys, last, prefix, word, rate)


def _hint(keymap: Keymap, action_id: str, word: str = "") -> KeyHint:
    key = ACTIONS[action_id]
    word = word or key.name[:1].lower() + key.name[1:]
    return KeyHint(keymap.keys_of(action_id)[0], keymap.name_of(action_id), word, key.tooltip)
