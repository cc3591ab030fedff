"""What is out of the ordinary, as banners; what a burst of changes comes to, as one sentence; the title."""

from collections.abc import Callable, Sequence

from app.job import Group
from app.presentation import durations
from app.presentation.glyphs import Glyphs
from app.presentation.totals import Tally
from app.watch.events import Event, EventKind
from app.watch.polling.link import Link, LinkState
from widgets.model import Banner, Tone

_NAMED = 3  # more changes than that are counted, not named


def banners(
    *,
    link: LinkState,
    paused: bool,
    read_only: bool,
    demo: bool,
    trouble: str,
    now: float,
    token_ends_at: float | None = None,
    key: Callable[[str], str],
) -> tuple[Banner, ...]:
    """What stands across the top, the most important first.

    Args:
        link: The state of the connection, `until` in seconds since the epoch.
        paused: Whether polling is paused.
        read_only: Whether cancelling is switched off.
        demo: Whether the jobs are simulated.
        trouble: What is wrong with the database; empty for nothing.
        now: Seconds since the epoch.
        token_ends_at: When the token ends, if people should be told; likewise.
        key: The name of an action's key, by the action's ID.
    """
    shown = []
    until = durations.clock_time(link.until, now, seconds=True) if link.until is not None else ""
    match link.status:
        case Link.SIGNED_OUT:
            shown.append(
                Banner(f"Signed out ({key('app.login')} signs in), nothing is refreshed: {link.reason}")
            )
        case Link.LIMITED:
            shown.append(Banner(f"Asked to wait until {until}: {link.reason}", Tone.STALE))
        case Link.DOWN:
            shown.append(Banner(f"Offline, next try {until}: {link.reason}"))
        case Link.UP:
            pass
    if token_ends_at is not None:
        at = durations.clock_time(token_ends_at, now)
        sentence = f"The token ends at {at}: press {key('app.login')} to sign in with another"
        shown.append(Banner(sentence, Tone.STALE))
    if paused:
        shown.append(Banner(f"PAUSED ({key('poll.pause')} goes on): this pane asks for nothing", Tone.STALE))
    if trouble:
        shown.append(Banner(trouble))
    if demo:
        shown.append(Banner("DEMO: simulated jobs on this machine, nothing real is touched", Tone.WAITING))
    if read_only:
        shown.append(Banner("Read-only: cancelling is switched off", Tone.PLAIN))
    return tuple(shown)


def told(events: Sequence[tuple[str, Event]], *, named: int = _NAMED) -> str:
    """A burst of changes in a sentence or two.

    Args:
        events: Changes of status that are worth telling, each with the title of its job; at least one.
        named: So many changes are named; more are counted.
    """
    if len(events) <= named:
        return "\n".join(f"{title}: {event.text}" for title, event in events)
    bad = sum(event.group is not Group.DONE for _, event in events)
    good = len(events) - bad
    parts = [f"{durations.jobs(good)} done"] if good else []
    if bad:
        parts.append(f"{durations.jobs(bad)} {'needs' if bad == 1 else 'need'} a look")
    return ", ".join(parts)


def worth_telling(event: Event) -> bool:
    """Whether an event should draw attention: the job finished, needs a look, or stands still."""
    if event.kind is EventKind.STALL:
        return True
    return event.kind is EventKind.STATUS and event.group in (Group.DONE, Group.ATTENTION)


def window_title(tally: Tally, signs: Glyphs) -> str:
    """The terminal's title, the counts first, because tmux shows little more of it."""
    counts = [
        f"{tally.number(group)}{signs.group(group)}"
        for group in (Group.RUNNING, Group.ATTENTION, Group.DONE)
        if tally.number(group)
    ]
    return " ".join([*counts, "dwtop"])
