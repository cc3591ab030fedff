"""The words for events: in the event log, in the feed below the list, in toasts and in desktop notifications."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from app.job import Group
from app.presentation import durations
from app.presentation.glyphs import CANCELLED, GLYPHS, tone
from app.presentation.sentences import job_count
from app.watch.events import Event, EventKind
from widgets.model import Cell, EventLine, Tone

_MAX_NAMED = 3
"""More changes than this are counted instead of named."""


class News(NamedTuple):
    """A change worth a notification: the job's title, and what happened."""

    title: str
    event: Event


def log_lines(events: Iterable[Event], now: float, name: Callable[[str], str]) -> tuple[EventLine, ...]:
    """Lines of the event log; `name` returns a job's name for its ID."""
    return tuple(
        event_line(
            event,
            durations.clock_time(event.at, now, seconds=True),
            name(event.job_id) if event.job_id else "",
        )
        for event in events
    )


def feed(events: Sequence[Event], now: float, name: Callable[[str], str]) -> tuple[EventLine, ...]:
    """Lines of the feed, with shorter times, all of the same width."""
    times = [durations.clock_or_day(event.at, now) for event in events]
    width = max(map(len, times), default=0)
    lines = zip(log_lines(events, now, name), times, strict=True)
    return tuple(line._replace(when=time.rjust(width)) for line, time in lines)


def event_line(event: Event, when: str, title: str = "") -> EventLine:
    """The line for an event, with its time as text, and the title of its job if one is to be shown."""
    group = event.group
    glyph = "·" if group is None else GLYPHS[group]
    colour = Tone.SECONDARY if group is None else tone(group)
    if event.after == "cancelled":
        glyph, colour = CANCELLED, Tone.SECONDARY
    if event.kind is EventKind.STALL:
        colour = Tone.STALLED
    return EventLine(when, Cell(glyph, colour), event.text, title)


def events_in_feed(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events that the feed shows, in the same order: newest first.

    That a job waits is not news: its row shows since when. Of the steps of a job's cancel, only the latest is shown.
    """
    cancelled = set()
    for event in events:
        if event.kind is EventKind.CANCEL:
            if event.job_id in cancelled:
                continue
            cancelled.add(event.job_id)
        if event.group is not Group.WAITING:
            yield event


def news_text(news: Sequence[News], *, named: int = _MAX_NAMED) -> str:
    """Changes as the text of a desktop notification; more than `named` of them are counted."""
    if len(news) <= named:
        return "\n".join(f"{title}: {event.text}" for title, event in news)
    bad = sum(event.group is not Group.DONE for _, event in news)
    good = len(news) - bad
    parts = [f"{job_count(good)} done"] if good else []
    if bad:
        parts.append(f"{job_count(bad)} {'needs' if bad == 1 else 'need'} a look")
    return ", ".join(parts)


def while_closed(news: Sequence[News], at: float) -> Event:
    """The event that sums up what happened since the last run."""
    finished = sum(event.group is Group.DONE for _, event in news)
    parts = [f"{job_count(finished)} finished"] if finished else []
    if stopped := len(news) - finished:
        parts.append(f"{stopped if parts else job_count(stopped)} stopped")
    return Event(at, EventKind.CLOSED, f"{' and '.join(parts)} while dwtop was closed")


def toasts(news: Sequence[News]) -> tuple[EventLine, ...]:
    """Changes as toasts, one line for each job, problems first. Reasons are left to the rows, to make room for titles."""
    ordered = sorted(news, key=lambda item: item.event.group is Group.DONE)
    lines = (event_line(event, "", title) for title, event in ordered)
    return tuple(line._replace(text=line.text.partition(":")[0]) for line in lines)


def is_news(event: Event) -> bool:
    """Whether an event is worth a notification: the job finished, needs a look, or stalled."""
    if event.kind is EventKind.STALL:
        return True
    return event.kind is EventKind.STATUS and event.group in (Group.DONE, Group.ATTENTION)
