"""Lines about events in the event log and in the feed below the list, and their glyphs and colours."""

from collections.abc import Callable, Iterable, Sequence

from app.job import Group
from app.presentation import durations
from app.presentation.glyphs import Glyphs, tone
from app.watch.events import Event, EventKind
from widgets.model import Cell, FeedLine, LogLine, Tone


def log_lines(
    events: Iterable[Event], now: float, glyphs: Glyphs, name: Callable[[str], str]
) -> tuple[LogLine, ...]:
    """Lines of the event log; `name` returns the name of a job for its ID."""
    return tuple(
        LogLine(
            durations.clock_time(event.at, now, seconds=True),
            (f"{name(event.job_id)}: " if event.job_id else "") + glyphs.sentence(event.text),
            log_tone(event),
        )
        for event in events
    )


def feed(
    events: Sequence[Event], now: float, glyphs: Glyphs, name: Callable[[str], str]
) -> tuple[FeedLine, ...]:
    """Lines of the feed; `name` returns the name of a job for its ID."""
    times = [durations.clock_or_day(event.at, now) for event in events]
    width = max(map(len, times), default=0)
    return tuple(
        FeedLine(
            time.rjust(width),
            Cell(event_glyph(event, glyphs), event_tone(event)),
            name(event.job_id) if event.job_id else "",
            glyphs.sentence(event.text),
        )
        for event, time in zip(events, times, strict=True)
    )


def belongs_in_feed(event: Event) -> bool:
    """Whether an event is in the feed: a waiting job is not news, and its row shows since when."""
    return event.group is not Group.WAITING


def event_glyph(event: Event, glyphs: Glyphs) -> str:
    """The glyph of what a job, or the connection, is after an event."""
    if event.after == "cancelled":
        return glyphs.cancelled
    if event.group is None:
        return "-" if glyphs.ascii else "·"
    return glyphs.group(event.group)


def event_tone(event: Event) -> Tone:
    """The colour of an event's glyph."""
    if event.kind is EventKind.STALL:
        return Tone.STALE
    if event.group is None or event.after == "cancelled":
        return Tone.SECONDARY
    return tone(event.group)


def log_tone(event: Event) -> Tone:
    """The colour of an event's text: plain while a job runs, so that endings stand out."""
    if event.group is None or event_tone(event) is Tone.RUNNING:
        return Tone.PLAIN
    return event_tone(event)
