"""Builds the content of the details from a job, and log lines from events."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from app.job import Group, Job, Status, status_facts
from app.presentation import durations
from app.presentation.columns import title_of
from app.presentation.glyphs import Glyphs, tone
from app.presentation.rows import row_tone
from app.presentation.sentences import stage_words, status_words, time_text
from app.watch.events import Event
from app.watch.history import Sample
from app.watch.storage import JobStore
from app.watch.watched import Watched
from widgets.model import Detail, Field, LogLine, PlotPoint, ProgressCurve, StageSpan, Tone

_MAX_EVENTS = 20
_MINUTE, _HOUR = 60, 3600


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
    """Build the details of a job.

    Args:
        entry: The job.
        samples: Its history, oldest first.
        events: What happened to it, newest first.
        now: Seconds since the epoch.
        age: How old its data is, in words; empty if it is up to date.
        short_id: The shortest prefix of its ID that is unique in the list.
        signs: The glyphs to draw with.
    """
    job = entry.job
    end = _last_known(entry, samples, now)
    percent = job.percent if job else None
    word = status_words(entry, now)
    stalled = _stalled_since(entry)
    spans = _spans(samples, entry, end)
    finish = _shown_finish(entry)
    stage = stage_words(job.stage if job and not entry.finished else None)
    if stalled is not None:
        stage = f"no change since {durations.clock_time(stalled, now)}" + (f": {stage}" if stage else "")
    return Detail(
        id=entry.id,
        title=title_of(entry, short_id),
        short_id=short_id,
        status=f"{signs.entry(entry)} {word}",
        since=_since(entry, samples, now) if word == entry.label else "",
        tone=row_tone(entry),
        running=entry.group is Group.RUNNING,
        errors=_errors(entry, now),
        fraction=job.fraction if job else None,
        percent="" if percent is None else f"{percent}%",
        stage=stage,
        stage_tone=Tone.PLAIN if stalled is None else Tone.STALE,
        left=f"{time_text(entry, now)} left" if finish is not None else "",
        done=_done(entry, now) if finish is not None else "",
        curve=_curve(samples, entry, end, finish, now),
        spans=spans,
        fields=_fields(entry, now, age),
        events=_with_stages(events, spans, now, signs),
    )


def past_of(entry: Watched, store: JobStore) -> tuple[list[Sample], list[Event]]:
    """A job's history, oldest first, and its latest events, newest first; for `detail_of`.

    Args:
        entry: The job.
        store: Holds the history. The newest answer may not be there yet, and is added.
    """
    samples = store.samples(entry.id)
    if entry.job and entry.fetched_at is not None:
        latest = Sample.of(entry.job, entry.fetched_at)
        if not samples or samples[-1][1:] != latest[1:]:
            samples.append(latest)
    return samples, store.events(entry.id, _MAX_EVENTS)


def log_lines(
    events: Sequence[Event], now: float, signs: Glyphs, name: Callable[[str], str] = lambda job_id: ""
) -> tuple[LogLine, ...]:
    """Format events as log lines.

    Args:
        events: In order.
        now: Seconds since the epoch.
        signs: The glyphs to draw with.
        name: Returns the name of a job to begin its lines with; empty for none.
    """
    lines = []
    for event in events:
        subject = name(event.job_id) if event.job_id else ""
        text = signs.sentence(event.text)
        text = f"{subject}: {text}" if subject else text
        lines.append(LogLine(durations.clock_time(event.at, now, seconds=True), text, _event_tone(event)))
    return tuple(lines)


def _last_known(entry: Watched, samples: Sequence[Sample], now: float) -> float:
    """The end of a job's known history: now, or when it ended."""
    if entry.finished and samples:
        return samples[-1].at
    return entry.fetched_at if entry.fetched_at is not None else now


def _stalled_since(entry: Watched) -> float | None:
    return entry.outlook.stalled_since if entry.outlook else None


def _shown_finish(entry: Watched) -> float | None:
    """When the job is expected to be done, as shown in the list; None for a stalled job."""
    if entry.outlook is None or _stalled_since(entry) is not None or entry.finished:
        return None
    return entry.outlook.finish


def _since(entry: Watched, samples: Sequence[Sample], now: float) -> str:
    """When a job entered its status, or when it ended; None if unknown."""
    job = entry.job
    if job is None or entry.misses:
        return ""
    if job.status == Status.COMPLETED:
        took = durations.duration(job.updated_at - job.created_at)
        return f" at {durations.clock_time(job.updated_at, now)}, after {took}"
    if entry.finished or job.status == Status.SUBMITTED:
        return f" at {durations.clock_time(job.updated_at, now)}"
    if job.status == Status.DRAFT:
        return f" since {durations.clock_time(job.created_at, now)}"
    begun = None
    for before, after in pairwise(samples):
        if after.status == job.status and before.status != job.status:
            begun = after.at
    if begun is None and job.status == Status.QUEUED:
        begun = job.updated_at
    return f" since {durations.clock_time(begun, now)}" if begun is not None else ""


def _errors(entry: Watched, now: float) -> tuple[tuple[str, Tone], ...]:
    """Why the job failed, and why it could not be refreshed."""
    errors = []
    if entry.job and entry.job.error_message:
        errors.append((entry.job.error_message, Tone.ATTENTION))
    if entry.failure:
        since = "" if entry.fetched_at is None else f" since {durations.clock_time(entry.fetched_at, now)}"
        errors.append((f"Not refreshed{since}: {entry.failure.reason}", Tone.STALE))
    return tuple(errors)


def _done(entry: Watched, now: float) -> str:
    """When the job will be done: the median and the 80 % range."""
    outlook = entry.outlook
    if outlook is None or outlook.finish is None:
        return ""
    about = _rounded_clock(max(outlook.finish, now), now, 0.5)
    text = f"done about {about}"
    if outlook.low is not None and outlook.high is not None:
        low = _rounded_clock(max(outlook.low, now), now, 0.0)
        high = _rounded_clock(max(outlook.high, now), now, 1.0)
        if low != high:
            text += f", between {low} and {high}"
    return text


def _rounded_clock(at: float, now: float, up: float) -> str:
    """A time of day, rounded more coarsely the further away it is: to 1, 5, 15 or 30 minutes.

    Args:
        at: The moment, in seconds since the epoch.
        now: Likewise.
        up: The rounding: 0.0 rounds down, 0.5 to the nearest, 1.0 rounds up.
    """
    ahead = at - now
    step = 1 if ahead < 20 * _MINUTE else 5 if ahead < 2 * _HOUR else 15 if ahead < 6 * _HOUR else 30
    seconds = step * _MINUTE
    try:
        offset = datetime.fromtimestamp(at, UTC).astimezone().utcoffset()
    except (OverflowError, ValueError, OSError):
        return "-"
    local = at + (offset.total_seconds() if offset else 0.0)
    whole, part = divmod(local, seconds)
    rounded = (whole + (1 if up and part / seconds > 1.0 - up else 0)) * seconds
    return durations.clock_time(at + rounded - local, now)


def _fields(entry: Watched, now: float, age: str) -> tuple[Field, ...]:
    """The facts that have a value."""
    fields: list[tuple[str, str | None, Tone]] = []
    if job := entry.job:
        fields += [
            ("Created", durations.clock_time(job.created_at, now), Tone.PLAIN),
            ("Last change", durations.clock_time(job.updated_at, now, seconds=True), Tone.PLAIN),
            *_models(job),
            ("Own API keys (BYOK)", "yes" if job.is_byok else None, Tone.PLAIN),
            ("Starred", "yes" if job.is_starred else None, Tone.PLAIN),
            ("Project", job.project_id, Tone.PLAIN),
            ("User", job.user_id, Tone.PLAIN),
        ]
    fields += [
        ("ID", entry.id, Tone.PLAIN),
        ("Added", durations.clock_time(entry.added_at, now), Tone.PLAIN),
    ]
    if entry.fetched_at is None:
        fields.append(("Refreshed", "not yet", Tone.STALE))
    elif age or entry.failure:  # data that is up to date needs no time, which would change with every poll
        fields.append(("Refreshed", durations.clock_time(entry.fetched_at, now, seconds=True), Tone.STALE))
    if entry.failure:
        failed_at = durations.clock_time(entry.failure.at, now, seconds=True)
        fields.append(("Last failed refresh", failed_at, Tone.STALE))
    return tuple(Field(label, value, tone) for label, value, tone in fields if value)


def _models(job: Job) -> list[tuple[str, str | None, Tone]]:
    return [
        ("Writing", job.writing_model, Tone.PLAIN),
        ("Reasoning", job.reasoning_model, Tone.PLAIN),
        ("Function", job.function_model, Tone.PLAIN),
    ]


def _curve(
    samples: Sequence[Sample], entry: Watched, end: float, finish: float | None, now: float
) -> ProgressCurve:
    """Progress over time, and the forecast from the state now to 100 %."""
    points = [
        PlotPoint(one.at, min(max(one.progress, 0.0), 100.0) / 100.0)
        for one in samples
        if one.progress is not None
    ]
    if not points:
        return ProgressCurve()
    fraction = entry.job.fraction if entry.job else None
    if fraction is not None:
        points.append(PlotPoint(max(end, points[-1].at), fraction))
    start, latest = points[0].at, points[-1]
    forecast = (latest, PlotPoint(max(finish, latest.at), 1.0)) if finish is not None else ()
    start_label, end_label = (durations.clock_time(at, now) for at in (start, latest.at))
    now_label = ""
    if forecast:
        now_label = f"now {end_label}"
        end_label = f"~{_rounded_clock(forecast[1].at, now, 0.5)}"
    elif start_label == end_label:
        start_label, end_label = (durations.clock_time(at, now, seconds=True) for at in (start, latest.at))
    return ProgressCurve(tuple(points), forecast, start_label, now_label, end_label)


def _spans(samples: Sequence[Sample], entry: Watched, end: float) -> tuple[StageSpan, ...]:
    """The stages of the time in progress, in order."""
    begun: list[tuple[str | None, float]] = []
    for one in samples:
        facts = status_facts(one.status)
        name = (stage_words(one.stage) or facts.label) if facts.group is Group.RUNNING else None
        if not begun or begun[-1][0] != name:
            begun.append((name, one.at))
    spans = []
    for (name, start), (_, stop) in pairwise([*begun, (None, end)]):
        if name is None:
            continue
        last = (name, start) == begun[-1]
        running = last and entry.group is Group.RUNNING
        spans.append(
            StageSpan(
                name,
                start,
                max(start, stop),
                durations.duration(max(stop - start, 0.0)),
                running,
                row_tone(entry) if running else Tone.DONE,
            )
        )
    if spans and entry.finished and entry.group is Group.ATTENTION:
        spans[-1] = spans[-1]._replace(tone=Tone.ATTENTION)
    return tuple(spans)


def _with_stages(
    events: Sequence[Event], spans: Sequence[StageSpan], now: float, signs: Glyphs
) -> tuple[LogLine, ...]:
    """The latest events of a job and the stages that it began, newest first."""
    lines = [(event.at, signs.sentence(event.text), _event_tone(event)) for event in events]
    lines += [
        (span.start, f"began: {span.name}", Tone.PLAIN) for span in spans if span.tone is not Tone.WAITING
    ]
    lines.sort(key=lambda line: line[0], reverse=True)
    return tuple(
        LogLine(durations.clock_time(at, now), text, line_tone) for at, text, line_tone in lines[:_MAX_EVENTS]
    )


def _event_tone(event: Event) -> Tone:
    """The tone of an event's line: plain while a job goes on, so that how others ended stands out."""
    return tone(event.group) if event.group and event.group is not Group.RUNNING else Tone.PLAIN
