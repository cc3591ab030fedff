"""Makes what the detail pane shows of a job."""

from collections.abc import Callable, Sequence

from app.job import Group, status_facts
from app.presentation import durations
from app.presentation.glyphs import Glyphs, tone
from app.presentation.rows import row_tone, state, title_of
from app.watch.events import Event
from app.watch.forecast.texts import range_of
from app.watch.history import Sample
from app.watch.storage import JobStore
from app.watch.watched import Watched
from widgets.model import Detail, Field, LogLine, PlotPoint, StageSpan, Tone

_EVENTS = 20
"""So many of a job's events are shown."""


def detail_of(
    entry: Watched,
    samples: Sequence[Sample],
    events: Sequence[Event],
    *,
    now: float,
    age: str,
    short_id: str,
    signs: Glyphs,
) -> Detail:
    """All there is to say about a job.

    Args:
        entry: The job.
        samples: Its history, oldest first.
        events: What happened to it, newest first.
        now: Seconds since the epoch.
        age: How old its data is, in words; empty if it is new.
        short_id: What stands for its ID.
        signs: The glyphs to draw with.
    """
    job = entry.job
    end = _end(entry, samples, now)
    start = samples[0].at if samples else end
    percent = job.percent if job else None
    return Detail(
        id=entry.id,
        heading=title_of(entry, short_id),
        status=f"{signs.entry(entry)} {state(entry, now)}",
        tone=row_tone(entry),
        fraction=job.fraction if job else None,
        percent="" if percent is None else f"{percent}%",
        forecast=_forecast(entry, now),
        error=_error(entry),
        fields=_fields(entry, now, age),
        points=_points(samples, entry, end),
        axis=_axis(start, end, now) if samples else ("", ""),
        spans=_spans(samples, entry, end),
        events=log_lines(events, now, signs),
    )


def past_of(entry: Watched, store: JobStore) -> tuple[list[Sample], list[Event]]:
    """A job's history, oldest first, and what happened to it last, newest first; for `detail_of`.

    Args:
        entry: The job.
        store: Where its past is. The newest answer may not be there yet, and is added.
    """
    samples = store.samples(entry.id)
    if entry.job and entry.fetched_at is not None:
        latest = Sample.of(entry.job, entry.fetched_at)
        if not samples or samples[-1][1:] != latest[1:]:
            samples.append(latest)
    return samples, store.events(entry.id, _EVENTS)


def log_lines(
    events: Sequence[Event], now: float, signs: Glyphs, name: Callable[[str], str] = lambda job_id: ""
) -> tuple[LogLine, ...]:
    """Events as lines of a log.

    Args:
        events: In order.
        now: Seconds since the epoch.
        signs: The glyphs to draw with.
        name: What to call a job at the beginning of its lines; an empty text leaves that out.
    """
    lines = []
    for event in events:
        subject = name(event.job_id) if event.job_id else ""
        text = signs.sentence(event.text)
        text = f"{subject}: {text}" if subject else text
        lines.append(LogLine(durations.clock_time(event.at, now, seconds=True), text, _event_tone(event)))
    return tuple(lines)


def _end(entry: Watched, samples: Sequence[Sample], now: float) -> float:
    """Up to when something is known: a finished job's past ends with it."""
    if entry.finished and samples:
        return samples[-1].at
    return entry.fetched_at if entry.fetched_at is not None else now


def _forecast(entry: Watched, now: float) -> str:
    """When it will be done: the range, and the time of day in the middle of it."""
    outlook = entry.outlook
    if outlook is None or outlook.finish is None or outlook.low is None or outlook.high is None:
        return ""
    span = range_of(outlook.low - now, outlook.high - now)
    return f"{span} left, about {durations.clock_time(max(outlook.finish, now), now)}"


def _error(entry: Watched) -> str:
    parts = []
    if entry.job and entry.job.error_message:
        parts.append(entry.job.error_message)
    if entry.failure:
        parts.append(entry.failure.reason)
    return "\n".join(parts)


def _fields(entry: Watched, now: float, age: str) -> tuple[Field, ...]:
    job = entry.job
    fields = [Field("ID", entry.id)]
    if job:
        until = job.updated_at if entry.finished else now
        fields += [
            Field("Stage", job.stage or "-"),
            Field("Created", durations.moment(job.created_at)),
            Field("Updated", durations.moment(job.updated_at)),
            Field("Elapsed", durations.duration(until - job.created_at)),
            Field("Writing model", job.writing_model or "-"),
            Field("Reasoning model", job.reasoning_model or "-"),
            Field("Function model", job.function_model or "-"),
            Field("Own keys (BYOK)", _yes_no(job.is_byok)),
            Field("Starred", _yes_no(job.is_starred)),
            Field("Project", job.project_id),
            Field("User", job.user_id),
        ]
    fields.append(Field("Watched since", durations.moment(entry.added_at)))
    if entry.fetched_at is None:
        fields.append(Field("Last answer", "none yet", Tone.STALE))
    else:
        fields.append(
            Field(
                "Last answer",
                f"{durations.moment(entry.fetched_at)} ({age} ago)"
                if age
                else durations.moment(entry.fetched_at),
                Tone.STALE if age else Tone.PLAIN,
            )
        )
    if entry.failure:
        fields.append(Field("Last failure", durations.moment(entry.failure.at), Tone.STALE))
    return tuple(fields)


def _yes_no(value: bool | None) -> str:
    return "-" if value is None else "yes" if value else "no"


def _points(samples: Sequence[Sample], entry: Watched, end: float) -> tuple[PlotPoint, ...]:
    points = [
        PlotPoint(one.at, min(max(one.progress, 0.0), 100.0) / 100.0)
        for one in samples
        if one.progress is not None
    ]
    if entry.job and entry.job.fraction is not None and points:
        points.append(PlotPoint(max(end, points[-1].at), entry.job.fraction))
    return tuple(points)


def _axis(start: float, end: float, now: float) -> tuple[str, str]:
    """What stands below the ends of a plot: times of day, to the second where the minutes would be the same."""
    ends = (start, end)
    first, last = (durations.clock_time(at, now) for at in ends)
    if first == last:
        first, last = (durations.clock_time(at, now, seconds=True) for at in ends)
    return first, last


def _spans(samples: Sequence[Sample], entry: Watched, end: float) -> tuple[StageSpan, ...]:
    """The stages one after the other; a status without a stage counts as one, final statuses do not."""
    begun: list[tuple[str, float, str]] = []
    over = end
    for one in samples:
        if status_facts(one.status).finished:
            over = one.at
            break
        name = _stage_name(one)
        if not begun or begun[-1][0] != name:
            begun.append((name, one.at, one.status))
    spans = []
    for index, (name, start, status) in enumerate(begun):
        last = index + 1 == len(begun)
        stop = max(start, over if last else begun[index + 1][1])
        running = last and not entry.finished
        facts = status_facts(status)
        spans.append(
            StageSpan(
                name,
                start,
                stop,
                durations.duration(stop - start),
                running,
                Tone.DONE if facts.group is Group.RUNNING and not running else tone(facts.group),
            )
        )
    return tuple(spans)


def _stage_name(one: Sample) -> str:
    facts = status_facts(one.status)
    return one.stage if one.stage and facts.group is Group.RUNNING else facts.label


def _event_tone(event: Event) -> Tone:
    return tone(event.group) if event.group else Tone.PLAIN
