"""The content of banners, toasts, desktop notifications and the window title."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.job import Group
from app.presentation import durations
from app.presentation.event_lines import event_line
from app.presentation.glyphs import ASCII, Glyphs
from app.presentation.totals import Totals
from app.watch.events import Event, EventKind
from app.watch.polling.link import Link, LinkState
from widgets.model import Banner, EventLine, Tone

_NAMED = 3
"""If there are more changes than this, a sentence counts them instead of naming them."""


class News(NamedTuple):
    """A change that deserves attention: the job's title, and what happened."""

    title: str
    event: Event


def banners(
    *,
    link: LinkState,
    link_since: float,
    paused: bool,
    trouble: str,
    now: float,
    without_token: bool = False,
    empty: bool = False,
    token_ends_at: float | None = None,
    key: Callable[[str], str],
) -> tuple[Banner, ...]:
    """The banners for problems and for old data, the most important first. Each says what to do.

    Args:
        link: The state of the link, `until` in seconds since the epoch.
        link_since: When it entered that state, in seconds since the epoch.
        paused: Whether polling is paused.
        trouble: The problem with the database, if any; else empty.
        now: Seconds since the epoch.
        without_token: Whether no token was found.
        empty: Whether there are no jobs, so that the list itself says how to sign in.
        token_ends_at: When the token expires, in seconds since the epoch, if the user should know; else None.
        key: The name of an action's key, by the action's ID.
    """
    shown = []
    until = durations.clock_time(link.until, now, seconds=True) if link.until is not None else ""
    sign_in = key("app.login")
    match link.status:
        case Link.SIGNED_OUT:
            if not (without_token and empty):
                text = f"{'Not signed in' if without_token else 'Signed out'}. Press {sign_in} to sign in"
                shorter = (f"{text}.", f"Sign in: press {sign_in}")
                reason = "" if without_token else link.reason
                shown.append(
                    Banner(f"{text}; nothing is refreshed until then.", shorter=shorter, reason=reason)
                )
        case Link.LIMITED:
            pause = f"The API asks for a pause until {until}. Refreshing goes on by itself."
            shown.append(Banner(pause, Tone.STALLED, (f"API pause until {until}", f"Pause: {until}")))
        case Link.DOWN:
            offline = f"Offline since {durations.clock_time(link_since, now)}"
            retry = f"press {key('poll.one')}"
            shorter = (f"{offline}, {retry} to retry", f"Offline: {retry}")
            text = f"{offline}. Next try at {until}, or {retry}."
            shown.append(Banner(text, shorter=shorter, reason=link.reason))
        case Link.UP:
            pass
    if token_ends_at is not None:
        at = durations.clock_time(token_ends_at, now)
        expiry = f"Your token expires at {at}. Press {sign_in} to sign in again."
        shorter = (f"Token expires at {at}, press {sign_in}", f"Sign in: press {sign_in}")
        shown.append(Banner(expiry, Tone.STALLED, shorter))
    if paused:
        resume = key("poll.pause")
        shown.append(Banner(f"PAUSED. Press {resume} to resume.", Tone.STALLED, (f"PAUSED: press {resume}",)))
    if trouble:
        shown.append(Banner(trouble))
    return tuple(shown)


def news_text(news: Sequence[News], *, named: int = _NAMED) -> str:
    """Changes in a sentence or two, for a desktop notification; more than `named` of them are counted."""
    if len(news) <= named:
        return "\n".join(f"{title}: {event.text}" for title, event in news)
    bad = sum(event.group is not Group.DONE for _, event in news)
    good = len(news) - bad
    parts = [f"{durations.jobs(good)} done"] if good else []
    if bad:
        parts.append(f"{durations.jobs(bad)} {'needs' if bad == 1 else 'need'} a look")
    return ", ".join(parts)


def while_closed(news: Sequence[News], at: float) -> Event:
    """The event that sums up what happened since the last run."""
    finished = sum(event.group is Group.DONE for _, event in news)
    parts = [f"{durations.jobs(finished)} finished"] if finished else []
    if stopped := len(news) - finished:
        parts.append(f"{stopped if parts else durations.jobs(stopped)} stopped")
    return Event(at, EventKind.CLOSED, f"{' and '.join(parts)} while dwtop was closed")


def toasts(news: Sequence[News], glyphs: Glyphs) -> tuple[EventLine, ...]:
    """Changes as toasts, one line for each job, the worst first. The row says why, so that the title has the room."""
    ordered = sorted(news, key=lambda item: item.event.group is Group.DONE)
    lines = (event_line(event, "", glyphs, title) for title, event in ordered)
    return tuple(line._replace(text=line.text.partition(":")[0]) for line in lines)


def is_news(event: Event) -> bool:
    """Whether an event is worth a notification: the job finished, needs a look, or stalled."""
    if event.kind is EventKind.STALL:
        return True
    return event.kind is EventKind.STATUS and event.group in (Group.DONE, Group.ATTENTION)


def window_title(totals: Totals, glyphs: Glyphs) -> str:
    """The window title. It begins with the counts, since tmux shows only its first characters."""
    running = glyphs.running if glyphs is ASCII else "▶"
    marks = {Group.RUNNING: running, Group.ATTENTION: glyphs.attention, Group.DONE: glyphs.done}
    counts = [f"{totals.number(group)}{mark}" for group, mark in marks.items() if totals.number(group)]
    return " ".join([*counts, "dwtop"])
