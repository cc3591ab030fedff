"""Builds the details of a job from its latest state, its history and its events."""

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from app.job import Group, Job, Status, status_facts
from app.presentation import durations
from app.presentation.columns import title_of
from app.presentation.event_lines import event_line
from app.presentation.glyphs import GLYPHS, glyph
from app.presentation.rows import row_tone
from app.presentation.sentences import percent_text, progress_words, stage_words, status_words, time_text
from app.watch.events import Event, rough_duration
from app.watch.history import Sample
from app.watch.watched import Watched
from widgets.detail.model import Detail, Field, PlotPoint, ProgressCurve, StageSpan
from widgets.model import Cell, EventLine, Tone

MAX_EVENTS = 20
"""The number of events that the details show."""

_STEP = re.compile(r"(.*? )(\d+)( of \d+)?")
"""The name of a stage that is one of several alike, such as `Drafting chapter 7 of 14`."""

_PLURAL_WITH_S = frozenset("abcdefgijklmnopqrtuvw")
"""Last letters of words whose plural only adds an `s`."""


def detail_of(
    entry: Watched,
    samples: Sequence[Sample],
    events: Sequence[Event],
    *,
    now: float,
    stale: bool,
    short_id: str,
) -> Detail:
    """Build the details of a job from its history, oldest first, and its events, newest first.

    `now` is in seconds since the epoch.
    """
    job = entry.job
    end = _history_end(entry, samples, now)
    status = status_words(entry, now)
    stages = _grouped_steps(_spans(samples, entry, end))
    finish = None if entry.cancelling(now) else entry.expected_finish
    return Detail(
        id=entry.id,
        title=title_of(entry, short_id),
        short_id=short_id,
        status=f"{glyph(entry)} {status}",
        since=_since(entry, samples, now) if status == entry.label else "",
        tone=row_tone(entry),
        running=entry.running,
        errors=_errors(entry, now),
        fraction=job.fraction if job else None,
        percent=percent_text(entry),
        stage="" if entry.finished else progress_words(entry, now),
        stage_tone=Tone.PLAIN if entry.stalled_since is None else Tone.STALLED,
        left=f"{time_text(entry, now)} left" if finish is not None else "",
        done="" if finish is None else _finish_text(finish, entry, now),
        curve=_curve(samples, entry, end, finish, now),
        spans=tuple(_merged(steps) for steps in stages),
        fields=_fields(entry, now, stale=stale),
        events=_event_lines(events, [steps[0] for steps in stages], now),
    )


def _history_end(entry: Watched, samples: Sequence[Sample], now: float) -> float:
    """When a job's known history ends: at its latest good answer, or at its end, which may be long before that."""
    if entry.finished and entry.job and samples:
        before = (sample.at for sample in samples if sample.status != entry.job.status)
        return min(samples[-1].at, max(entry.job.updated_at, *before, 0.0))
    return entry.fetched_at if entry.fetched_at is not None else now


def status_since(job: Job, samples: Sequence[Sample]) -> float | None:
    """When a job got its status, in seconds since the epoch; None if that was before its first sample."""
    if job.status == Status.DRAFT:
        return job.created_at
    if job.facts.finished or job.status in (Status.SUBMITTED, Status.QUEUED):
        return job.updated_at
    changes = (after.at for before, after in pairwise(samples) if after.status == job.status != before.status)
    return max(changes, default=None)


def _since(entry: Watched, samples: Sequence[Sample], now: float) -> str:
    """When a job got its status, to end a sentence with; empty if unknown."""
    job = entry.job
    if job is None or entry.misses or (since := status_since(job, samples)) is None:
        return ""
    clock = durations.clock_time(since, now)
    if job.status == Status.COMPLETED:
        return f" at {clock}, after {rough_duration(job.updated_at - job.created_at)}"
    return f" at {clock}" if entry.finished or job.status == Status.SUBMITTED else f" since {clock}"


def _errors(entry: Watched, now: float) -> tuple[tuple[str, Tone], ...]:
    errors = []
    if entry.job and entry.job.error_message:
        errors.append((entry.job.error_message, Tone.ATTENTION))
    if entry.failure:
        since = "" if entry.fetched_at is None else f" since {durations.clock_time(entry.fetched_at, now)}"
        errors.append((f"Not refreshed{since}: {entry.failure.reason}", Tone.STALLED))
    return tuple(errors)


def _finish_text(finish: float, entry: Watched, now: float) -> str:
    """When the job will be done: the median and the 80 % range, whose ends omit the day if it is the same."""
    about = durations.forecast_clock(finish, now)
    text = f"done about {about}"
    day = about[: -len("00:00")]  # empty if it is today
    outlook = entry.outlook
    if outlook is not None and outlook.low is not None and outlook.high is not None:
        low = durations.forecast_clock(outlook.low, now, up=0.0).removeprefix(day)
        high = durations.forecast_clock(outlook.high, now, up=1.0).removeprefix(day)
        if low != high:
            text += f", between {low} and {high}"
    return text


def _fields(entry: Watched, now: float, *, stale: bool) -> tuple[Field, ...]:
    fields: list[Field] = []
    if job := entry.job:
        fields = [
            Field("Created", durations.clock_time(job.created_at, now)),
            Field("Last change", durations.clock_time(job.updated_at, now, seconds=True)),
            Field("Writing", job.writing_model or ""),
            Field("Reasoning", job.reasoning_model or ""),
            Field("Function", job.function_model or ""),
            Field("Own API keys (BYOK)", "yes" if job.is_byok else ""),
            Field("Starred", "yes" if job.is_starred else ""),
            Field("Project", job.project_id),
            Field("User", job.user_id),
        ]
    fields += [
        Field("ID", entry.id),
        Field("Added", durations.clock_time(entry.added_at, now)),
        Field("Muted", "yes" if entry.muted else ""),
    ]
    if entry.fetched_at is None:
        fields.append(Field("Refreshed", "not yet", Tone.STALLED))
    elif stale or entry.failure:  # up-to-date data needs no time, which would change with every poll
        refreshed = durations.clock_time(entry.fetched_at, now, seconds=True)
        fields.append(Field("Refreshed", refreshed, Tone.STALLED))
    if entry.failure:
        failed = durations.clock_time(entry.failure.at, now, seconds=True)
        fields.append(Field("Last failed refresh", failed, Tone.STALLED))
    return tuple(field for field in fields if field.value)


def _curve(
    samples: Sequence[Sample], entry: Watched, end: float, finish: float | None, now: float
) -> ProgressCurve:
    """Progress over time, and the forecast from the latest progress to 100 %."""
    points = [
        PlotPoint(min(sample.at, end), min(max(sample.progress, 0.0), 100.0) / 100.0)
        for sample in samples
        if sample.progress is not None
    ]
    if not points:
        return ProgressCurve()
    fraction = entry.job.fraction if entry.job else None
    if fraction is not None:
        points.append(PlotPoint(max(end, points[-1].at), fraction))
    start, latest = points[0].at, points[-1]
    start_label, end_label = (durations.clock_time(at, now) for at in (start, latest.at))
    now_label = ""
    if finish is not None:
        finish = max(finish, latest.at)
        now_label = f"now {end_label}"
        end_label = f"~{durations.forecast_clock(finish, now)}"
    elif start_label == end_label:
        start_label, end_label = (durations.clock_time(at, now, seconds=True) for at in (start, latest.at))
    return ProgressCurve(tuple(points), finish, start_label, now_label, end_label)


def _spans(samples: Sequence[Sample], entry: Watched, end: float) -> tuple[StageSpan, ...]:
    named = [(_stage_name(sample), sample.at) for sample in samples]
    starts = [next(group) for _, group in groupby(named, itemgetter(0))]
    spans = []
    for (name, start), (_, next_start) in pairwise([*starts, (None, end)]):
        if name is not None:
            stop = min(next_start, end)
            running = entry.running and start == starts[-1][1]
            tone = row_tone(entry) if running else Tone.DONE
            length = rough_duration(stop - start)
            spans.append(StageSpan(name, start, max(start, stop), length, running, tone))
    if spans and entry.finished and entry.group is Group.ATTENTION:
        spans[-1] = spans[-1]._replace(tone=Tone.ATTENTION)
    return tuple(spans)


def _stage_name(sample: Sample) -> str | None:
    """The stage of a job in progress, or its status if it has no stage; None if it is not in progress."""
    facts = status_facts(sample.status)
    return (stage_words(sample.stage) or facts.label) if facts.group is Group.RUNNING else None


def _grouped_steps(spans: Sequence[StageSpan]) -> list[list[StageSpan]]:
    """The stages, with consecutive finished steps of the same kind, such as chapters, in one group."""

    def kind(span: StageSpan) -> object:
        step = _STEP.fullmatch(span.name)
        return step.group(1, 3) if step and span.tone is Tone.DONE else span

    return [list(steps) for _, steps in groupby(spans, kind)]


def _merged(steps: Sequence[StageSpan]) -> StageSpan:
    """The steps of a group merged into one stage, such as `Drafting chapters 1-6`."""
    first, last = steps[0], steps[-1]
    begin, end = _STEP.fullmatch(first.name), _STEP.fullmatch(last.name)
    if len(steps) == 1 or not begin or not end:
        return first
    name = begin[1].rstrip()
    plural = "s" if name[-1:] in _PLURAL_WITH_S else ""
    return first._replace(
        name=f"{name}{plural} {begin[2]}-{end[2]}",
        end=last.end,
        length=rough_duration(last.end - first.start),
    )


def _event_lines(events: Sequence[Event], spans: Sequence[StageSpan], now: float) -> tuple[EventLine, ...]:
    """The latest events of a job, including the starts of its stages, newest first."""
    lines = [(event.at, event_line(event, durations.clock_time(event.at, now))) for event in events]
    for span in spans:
        running = Cell(GLYPHS[Group.RUNNING], Tone.SECONDARY)
        when = durations.clock_time(span.start, now)
        lines.append((span.start, EventLine(when, running, f"began: {span.name}")))
    lines.sort(key=lambda line: line[0], reverse=True)
    return tuple(line for _, line in lines[:MAX_EVENTS])
