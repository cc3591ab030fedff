"""The content of the header and of the window title: the totals over all jobs, and chips such as `DEMO`."""

from urllib.parse import urlsplit

from app.job import Group
from app.percent import whole_percent
from app.presentation import durations
from app.presentation.glyphs import GLYPHS
from app.presentation.totals import Totals
from app.watch.forecast.texts import about
from app.watch.polling.budget import RequestGate
from widgets.model import Summary

_DEFAULT_HOSTS = ("app.deepwriter.com", "www.deepwriter.com")
_FINEST_MINUTES = 5
"""The smallest rounding step of `all done`, so that the header rarely changes."""


def summary(
    totals: Totals,
    *,
    chips: tuple[str, ...] = (),
    base_url: str = "",
    without_token: bool = False,
    refreshed: bool = True,
    now: float,
) -> Summary:
    """The content of the header. The host of the base URL is shown unless it is the default.

    No times are shown unless the jobs are `refreshed`: forecasts of old data may be wrong. `now` is in seconds since the
    epoch.
    """
    counts = totals.counts()
    without_jobs = "not signed in" if without_token else "no jobs yet"
    host = urlsplit(base_url).netloc
    fraction = totals.fraction
    first, last = (totals.next_finish, totals.last_finish) if refreshed else (None, None)
    all_done = "" if last is None else f"~{durations.forecast_clock(last, now, finest=_FINEST_MINUTES)}"
    return Summary(
        chips=chips,
        counts=counts,
        note="" if any(count.number for count in counts) else without_jobs,
        fraction=fraction,
        percent="" if fraction is None else f"{whole_percent(fraction * 100)}%",
        next="" if first is None else about(first - now),
        all_done=all_done,
        host="" if host in _DEFAULT_HOSTS else host,
    )


def chips(
    *,
    demo: bool,
    read_only: bool,
    filtered_by: str = "",
    shown: int = 0,
    total: int = 0,
    marked: int = 0,
    hidden: int = 0,
) -> tuple[str, ...]:
    """Labels for what is special about this pane. The filter hides `hidden` of the `marked` jobs."""
    special = {
        "DEMO": demo,
        "READ-ONLY": read_only,
        f"/{filtered_by}: {shown} of {total}": filtered_by,
        f"{marked} marked" + (f" ({hidden} hidden)" if hidden else ""): marked,
    }
    return tuple(text for text, applies in special.items() if applies)


def request_rate(gate: RequestGate, shown: int) -> int:
    """The requests sent in the last minute, rounded to tens; the number `shown` so far stays while it is close."""
    sent = gate.sent_last_minute()
    return shown if abs(sent - shown) < max(10, shown // 10) else round(sent, -1)


def rate_text(rate: int, gate: RequestGate) -> str:
    """The request rate beside the budget; empty for a rate of 0."""
    return f"{rate} of {gate.per_minute:.0f} requests/min" if rate else ""


def window_title(totals: Totals) -> str:
    """The window title. It begins with the counts, since tmux shows only its first characters."""
    marks = {Group.RUNNING: "▶", Group.ATTENTION: GLYPHS[Group.ATTENTION], Group.DONE: GLYPHS[Group.DONE]}
    counts = [f"{totals.number(group)}{mark}" for group, mark in marks.items() if totals.number(group)]
    return " ".join([*counts, "dwtop"])
