"""Chooses the keys for the line at the bottom: those useful for the job under the cursor."""

from app.job import Status
from app.presentation.demo_hints import Hint
from app.watch.watched import Watched
from widgets.model import KeyHint, KeyHints

_DETAILS, _FILTER, _ADD = KeyHint("view.details"), KeyHint("view.filter"), KeyHint("jobs.add")
_CANCEL, _REMOVE = KeyHint("jobs.cancel"), KeyHint("jobs.remove")
_ANYWHERE = (KeyHint("view.sort"), KeyHint("view.log"), KeyHint("app.palette", "commands"))


def key_hints(
    entry: Watched | None,
    *,
    marked: int = 0,
    filtered: bool = False,
    demo_hint: Hint | None = None,
    demo_keys: str = "",
    status: str = "",
) -> KeyHints:
    """The keys for a list with jobs in it.

    Args:
        entry: The job under the cursor.
        marked: The number of marked jobs.
        filtered: Whether a filter is in force.
        demo_hint: The current hint of the demo; None outside the demo.
        demo_keys: The display names of its keys.
        status: The text at the right end.
    """
    if marked:
        return KeyHints(
            (_CANCEL, _REMOVE, KeyHint("view.back", "unmark")), f"{marked} marked:", status=status
        )
    keys: tuple[KeyHint, ...]
    if entry is not None and entry.finished and entry.job and entry.job.status in ("failed", "moderated"):
        keys = (_DETAILS, KeyHint("poll.one", "ask again"), _REMOVE, KeyHint("copy.id"), _FILTER, _ADD)
    elif entry is not None and entry.job and entry.job.status == Status.COMPLETED:
        keys = (_DETAILS, KeyHint("jobs.open", "open document"), _FILTER, _ADD, _REMOVE, KeyHint("copy.id"))
    elif entry is not None and entry.finished:
        keys = (_DETAILS, _FILTER, _ADD, _REMOVE, KeyHint("copy.id"))
    elif entry is not None and entry.cancellable:
        keys = (_DETAILS, _FILTER, _ADD, _CANCEL, _REMOVE)
    else:
        keys = (_DETAILS, _FILTER, _ADD, _REMOVE)
    if filtered:
        keys = (keys[0], KeyHint("view.back", "show all"), *keys[1:])
    lead = lead_text = ""
    if demo_hint:
        lead, lead_text = (demo_keys, demo_hint.words) if demo_keys else (demo_hint.words, "")
        taught = demo_hint.action_ids
        keys = tuple(key for key in keys if key.action_id not in taught)
    return KeyHints((*keys, *_ANYWHERE), lead, lead_text, status)
