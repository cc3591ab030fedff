"""What the details show of a job."""

from dataclasses import replace

import pytest

from app.job import Job
from app.presentation import durations
from app.presentation.detail import detail_of
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.jobs import become
from tests.scripted_api import job_id
from widgets.detail.model import Detail, PlotPoint, ProgressCurve
from widgets.model import Tone

NOW = 1_000_000.0
JOB = Job(job_id(1), "user", "project", "in_progress", NOW - 900, NOW - 5, 60.0, "Writing", "A book")
ENTRY = Watched(JOB.id, NOW - 950, JOB, NOW - 5)
SAMPLES = (
    Sample(NOW - 900, "queued", None, None),
    Sample(NOW - 600, "in_progress", 0.0, "Research"),
    Sample(NOW - 300, "in_progress", 30.0, "Writing"),
    Sample(NOW - 5, "in_progress", 60.0, "Writing"),
)


def detail(
    entry: Watched = ENTRY,
    samples: tuple[Sample, ...] = SAMPLES,
    events: tuple[Event, ...] = (),
    stale: bool = False,
) -> Detail:
    return detail_of(entry, samples, events, now=NOW, stale=stale, short_id="short")


def fields(of: Detail) -> dict[str, str]:
    return {field.label: field.value for field in of.fields}


def clock(at: float) -> str:
    return durations.clock_time(at, NOW)


def test_the_stages_are_those_at_work_and_the_last_one_runs() -> None:
    assert [(span.name, span.length, span.running, span.tone) for span in detail().spans] == [
        ("Research", "5m", False, Tone.DONE),
        ("Writing", "4m", True, Tone.RUNNING),
    ]


def test_stages_in_snake_case_are_read_as_words() -> None:
    samples = (*SAMPLES, Sample(NOW - 4, "in_progress", 60.0, "generating_work"))
    shown = detail(become(ENTRY, "in_progress", stage="generating_work"), samples)
    assert (shown.stage, shown.spans[-1].name) == ("generating work", "generating work")
    assert "began: generating work" in [line.text for line in shown.events]


def test_finished_steps_of_one_stage_are_one_stage() -> None:
    chapters = [f"Drafting chapter {number} of 14" for number in range(1, 8)]
    names = ("Outline", *chapters, "Pass 1", "Pass 2", "x")
    samples = tuple(Sample(NOW - 1200 + 60 * n, "in_progress", n, name) for n, name in enumerate(names))
    entry = become(ENTRY, "in_progress", stage=names[7])
    shown = detail(entry, samples[:8])
    assert [(span.name, span.start - NOW + 1200, span.length) for span in shown.spans] == [
        ("Outline", 0, "1m"),
        ("Drafting chapters 1-6", 60, "6m"),
        ("Drafting chapter 7 of 14", 420, "12m"),
    ]
    stages = ("Drafting chapter 7 of 14", "Drafting chapter 1 of 14", "Outline")
    assert [line.text for line in shown.events] == [f"began: {name}" for name in stages]
    assert [span.name for span in detail(entry, samples).spans][2:] == ["Pass 1-2", "x"]


@pytest.mark.parametrize(("status", "tone"), [("completed", Tone.DONE), ("failed", Tone.ATTENTION)])
def test_a_finished_job_has_stages_that_end_where_it_did(status: str, tone: Tone) -> None:
    done = become(ENTRY, status, updated_at=NOW - 2, fetched_at=NOW)
    shown = detail(done, (*SAMPLES, Sample(NOW, status, 60.0, None)))  # seen later than it happened
    assert [span.running for span in shown.spans] == [False, False]
    assert (shown.spans[-1].end, shown.spans[-1].tone) == (NOW - 2, tone)
    assert shown.curve.points[-1].at == NOW - 2
    assert (shown.stage, shown.left, shown.curve.finish) == ("", "", None)


def test_the_status_says_since_when() -> None:
    assert detail().since == f" since {clock(NOW - 600)}"
    assert detail(samples=SAMPLES[1:]).since == "", "it was in progress when it was first seen"
    assert detail(become(ENTRY, "queued"), ()).since == f" since {clock(NOW - 5)}"
    assert detail(become(ENTRY, "completed")).since == f" at {clock(NOW - 5)}, after 14m"


def test_the_curve_shows_known_progress_up_to_the_last_answer() -> None:
    assert detail().curve.points == (
        PlotPoint(NOW - 600, 0.0),
        PlotPoint(NOW - 300, 0.3),
        PlotPoint(NOW - 5, 0.6),
        PlotPoint(NOW - 5, 0.6),
    )
    assert detail(samples=()).curve == ProgressCurve()


def test_the_ends_of_the_curve_are_told_apart() -> None:
    curve = detail().curve
    assert (curve.start_label.count(":"), curve.end_label.count(":")) == (1, 1)
    minute = NOW - NOW % 60
    known = replace(ENTRY, fetched_at=minute + 50)
    curve = detail(known, (Sample(minute, "in_progress", 0.0, "Research"),)).curve
    assert (curve.start_label[-3:], curve.end_label[-3:]) == (":00", ":50")


def test_the_forecast_is_a_time_left_a_moment_and_a_range_and_goes_on_in_the_curve() -> None:
    shown = detail(replace(ENTRY, outlook=Outlook(NOW + 900, NOW + 720, NOW + 1080)))
    assert shown.left == "~15m left"
    assert shown.done == (
        f"done about {clock(NOW + 930)}, between {clock(NOW + 720)} and {clock(NOW + 1080 + 59)}"
    )
    assert (shown.curve.points[-1], shown.curve.finish) == (PlotPoint(NOW - 5, 0.6), NOW + 900)
    assert shown.curve.now_label == f"now {clock(NOW - 5)}"
    assert (detail().left, detail().done, detail().curve.finish) == ("", "", None)


def test_the_range_of_a_forecast_repeats_no_day() -> None:
    shown = detail(replace(ENTRY, outlook=Outlook(NOW + 100_000, NOW + 98_000, NOW + 102_000)))
    assert shown.done.count("Jan 13") == 1
    assert shown.done.startswith("done about Jan 13 ")


def test_a_job_that_is_stalled_or_being_cancelled_has_no_time_left() -> None:
    running = replace(ENTRY, outlook=Outlook(NOW + 900, NOW + 720, NOW + 1080))
    stalled = replace(ENTRY, outlook=Outlook(NOW + 900, NOW + 720, NOW + 1080, stalled_since=NOW - 2280))
    for entry in (stalled, replace(running, cancel=Cancel(NOW - 5, CancelStep.SENT))):
        shown = detail(entry)
        assert (shown.left, shown.done, shown.curve.finish) == ("", "", None)
    assert detail(running).done
    assert detail(stalled).stage == f"no change since {clock(NOW - 2280)}: Writing"
    assert detail(stalled).stage_tone is Tone.STALLED


def test_errors_are_shown_in_full() -> None:
    failure = Failure(NOW, "The API answered 503.")
    failed = become(ENTRY, "in_progress", error_message="No paper.", failure=failure)
    assert detail(failed).errors == (
        ("No paper.", Tone.ATTENTION),
        (f"Not refreshed since {clock(NOW - 5)}: The API answered 503.", Tone.STALLED),
    )
    assert {"Refreshed", "Last failed refresh"} <= set(fields(detail(failed)))


def test_facts_without_a_value_are_left_out() -> None:
    shown = fields(detail())
    assert set(shown) == {"Created", "Last change", "Project", "User", "ID", "Added"}
    assert shown["ID"] == JOB.id
    unknown = detail(Watched(JOB.id, NOW), ())
    assert (unknown.title, unknown.status.split()[-1], unknown.percent) == ("short", "new", "")
    assert fields(unknown)["Refreshed"] == "not yet"
    assert "Refreshed" in fields(detail(stale=True))
    facts = become(ENTRY, "in_progress", is_byok=True, is_starred=True, writing_model="quill")
    flags = fields(detail(facts))
    assert (flags["Own API keys (BYOK)"], flags["Starred"], flags["Writing"]) == ("yes", "yes", "quill")
    assert fields(detail(replace(ENTRY, muted=True)))["Muted"] == "yes"


def test_its_events_and_stages_are_listed_with_their_time_newest_first() -> None:
    event = Event(NOW - 100, EventKind.CANCEL, "cancel sent", JOB.id)
    assert [(line.when, line.text) for line in detail(events=(event,)).events] == [
        (clock(NOW - 100), "cancel sent"),
        (clock(NOW - 300), "began: Writing"),
        (clock(NOW - 600), "began: Research"),
    ]
