"""The banners that report problems, or explain why data is old."""

from collections.abc import Callable

from app.presentation import durations
from app.watch.polling.link import Link, LinkState
from widgets.model import Banner, Tone


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
    """The banners to show, the most important first. Each says what to do.

    Times are in seconds since the epoch; `trouble` is a problem with the database; `key` names an action's key.
    """
    shown = []
    until = durations.clock_time(link.until, now, seconds=True) if link.until is not None else ""
    sign_in = key("app.login")
    match link.status:
        case Link.SIGNED_OUT if not (without_token and empty):
            text = f"{'Not signed in' if without_token else 'Signed out'}. Press {sign_in} to sign in"
            shorter = (f"{text}.", f"Sign in: press {sign_in}")
            reason = "" if without_token else link.reason
            shown.append(Banner(f"{text}; nothing is refreshed until then.", shorter=shorter, reason=reason))
        case Link.LIMITED:
            pause = f"The API asks for a pause until {until}."
            text = pause if paused else f"{pause} Refreshing goes on by itself."
            shown.append(Banner(text, Tone.STALLED, (pause, f"API pause until {until}", f"Pause: {until}")))
        case Link.DOWN:
            offline = f"Offline since {durations.clock_time(link_since, now)}"
            retry = f"press {key('poll.one')}"
            shorter = (f"{offline}, {retry} to retry", f"Offline: {retry}")
            text = f"{shorter[0]}." if paused else f"{offline}. Next try at {until}, or {retry}."
            shown.append(Banner(text, shorter=shorter, reason=link.reason))
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
