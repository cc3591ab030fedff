"""Chooses the keys for the line at the bottom: those useful for the job under the cursor."""

from app.job import Status
from app.presentation.demo_hints import Hint
from app.watch.watched import Watched
from widgets.model import KeyHint, KeyHints

_FILTER, _ADD = KeyHint("view.filter"), KeyHint("jobs.add")
_CANCEL, _REMOVE = KeyHint("jobs.cancel"), KeyHint("jobs.remove")
_ANYWHERE = (KeyHint("view.sort"), KeyHint("view.log"), KeyHint("app.palette", "commands"))


def key_hints(
    entry: Watched | None,
    *,
    marked: int = 0,
    filtered: bool = False,
    details_open: bool = False,
    read_only: bool = False,
    demo_hint: Hint | None = None,
    demo_keys: str = "",
    rate: str = "",
) -> KeyHints:
    """The keys for a list with jobs in it."""
    cancel = () if read_only else (_CANCEL,)
    if marked:
        return KeyHints((*cancel, _REMOVE, KeyHint("view.back", "unmark")), f"{marked} marked:", status=rate)
    details = KeyHint("view.details", "close details" if details_open else "")
    status = entry.job.status if entry is not None and entry.job else None
    keys = [details, _FILTER, _ADD, _REMOVE]
    if status in (Status.FAILED, Status.MODERATED):
        keys = [details, KeyHint("poll.one", "ask again"), _REMOVE, KeyHint("copy.id"), _FILTER, _ADD]
    elif status == Status.COMPLETED:
        keys = [details, KeyHint("jobs.open", "open document"), _FILTER, _ADD, _REMOVE, KeyHint("copy.id")]
    elif entry is not None and entry.finished:
        keys.append(KeyHint("copy.id"))
    elif entry is not None and entry.cancellable:
        keys[3:3] = cancel
    if filtered:
        keys.insert(1, KeyHint("view.back", "show all"))
    lead = lead_text = ""
    if demo_hint:
        lead, lead_text = (demo_keys, demo_hint.words) if demo_keys else (demo_hint.words, "")
        keys = [key for key in keys if key.action_id not in demo_hint.action_ids]
    return KeyHints((*keys, *_ANYWHERE), lead, lead_text, rate)
