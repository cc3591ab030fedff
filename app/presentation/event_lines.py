"""Lines about events in the event log and in the feed below the list, and their glyphs and colours."""

from collections.abc import Callable, Iterable, Sequence

from app.job import Group
from app.presentation import durations
from app.presentation.glyphs import Glyphs, tone
from app.watch.events import Event, EventKind
from widgets.model import Cell, EventLine, Tone


def log_lines(
    events: Iterable[Event], now: float, glyphs: Glyphs, name: Callable[[str], str]
) -> tuple[EventLine, ...]:
    """Lines of the event log; `name` returns the name of a job for its ID."""
    return tuple(
        event_line(
            event,
            durations.clock_time(event.at, now, seconds=True),
            glyphs,
            name(event.job_id) if event.job_id else "",
        )
        for event in events
    )


def feed(
    events: Sequence[Event], now: float, glyphs: Glyphs, name: Callable[[str], str]
) -> tuple[EventLine, ...]:
    """Lines of the feed, with shorter times, all of the same width."""
    times = [durations.clock_or_day(event.at, now) for event in events]
    width = max(map(len, times), default=0)
    lines = zip(log_lines(events, now, glyphs, name), times, strict=True)
    return tuple(line._replace(when=time.rjust(width)) for line, time in lines)


def event_line(event: Event, when: str, glyphs: Glyphs, title: str = "") -> EventLine:
    """One event, with its time in words, and the title of its job if that is shown."""
    glyph = Cell(_glyph(event, glyphs), _tone(event))
    return EventLine(when, glyph, glyphs.sentence(event.text), title)


def belongs_in_feed(event: Event) -> bool:
    """Whether an event is in the feed: a waiting job is not news, and its row shows since when."""
    return event.group is not Group.WAITING


def _glyph(event: Event, glyphs: Glyphs) -> str:
    """The glyph of what a job, or the connection, is after an event."""
    if event.after == "cancelled":
        return glyphs.cancelled
    if event.group is None:
        return "-" if glyphs.ascii else "·"
    return glyphs.group(event.group)


def _tone(event: Event) -> Tone:
    """The colour of an event's glyph."""
    if event.kind is EventKind.STALL:
        return Tone.STALLED
    if event.group is None or event.after == "cancelled":
        return Tone.SECONDARY
    return tone(event.group)
