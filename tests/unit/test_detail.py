"""All there is to say about a job, out of what is known of it."""

from dataclasses import replace
from pathlib import Path

from app.job import Job
from app.presentation.detail import detail_of, log_lines, past_of
from app.presentation.glyphs import ASCII, UNICODE
from app.store.store import Store
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.watched import Failure, Outlook, Watched
from tests.scripted_api import job_id
from widgets.model import Detail, PlotPoint, Tone

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
    age: str = "",
) -> Detail:
    return detail_of(entry, samples, events, now=NOW, age=age, short_id="short", signs=UNICODE)


def fields(of: Detail) -> dict[str, str]:
    return {field.label: field.value for field in of.fields}


def test_the_stages_follow_one_another_and_the_last_one_runs() -> None:
    spans = [(span.name, span.length, span.running, span.tone) for span in detail().spans]
    assert spans == [
        ("queued", "5m 00s", False, Tone.WAITING),
        ("Research", "5m 00s", False, Tone.DONE),
        ("Writing", "4m 55s", True, Tone.RUNNING),
    ]


def test_a_finished_job_has_stages_that_end_where_it_did() -> None:
    done = replace(ENTRY, job=replace(JOB, status="completed"), fetched_at=NOW)
    shown = detail(done, (*SAMPLES, Sample(NOW - 2, "completed", 60.0, None)))
    assert [span.running for span in shown.spans] == [False, False, False]
    assert shown.spans[-1].end == NOW - 2
    assert (shown.percent, shown.fraction) == ("100%", 1.0)
    assert shown.points[-1] == PlotPoint(NOW - 2, 1.0)


def test_the_plot_shows_known_progress_up_to_the_last_answer() -> None:
    assert detail().points == (
        PlotPoint(NOW - 600, 0.0),
        PlotPoint(NOW - 300, 0.3),
        PlotPoint(NOW - 5, 0.6),
        PlotPoint(NOW - 5, 0.6),
    )
    assert detail(samples=()).points == ()
    assert detail(samples=()).axis == ("", "")


def test_the_ends_of_the_plot_are_told_apart() -> None:
    first, last = detail().axis
    assert (first.count(":"), last.count(":")) == (1, 1)
    minute = NOW - NOW % 60
    known = replace(ENTRY, fetched_at=minute + 50)
    first, last = detail(known, (Sample(minute, "in_progress", 0.0, "Research"),)).axis
    assert (first[-3:], last[-3:]) == (":00", ":50")


def test_the_forecast_is_a_range_and_a_time_of_day() -> None:
    shown = detail(replace(ENTRY, outlook=Outlook(NOW + 900, NOW + 720, NOW + 1080)))
    assert shown.forecast.startswith("12-18 min left, about ")
    assert detail().forecast == ""


def test_errors_are_told_in_full() -> None:
    failed = replace(
        ENTRY, job=replace(JOB, error_message="No paper."), failure=Failure(NOW, "The API answered 503.")
    )
    assert detail(failed).error == "No paper.\nThe API answered 503."
    assert "Last failure" in fields(detail(failed))


def test_what_is_missing_is_a_dash_and_what_is_unknown_is_left_out() -> None:
    shown = fields(detail())
    assert (shown["Writing model"], shown["Own keys (BYOK)"], shown["Elapsed"]) == ("-", "-", "15m 00s")
    assert shown["ID"] == JOB.id
    unknown = detail(Watched(JOB.id, NOW), ())
    assert (unknown.heading, unknown.status, unknown.percent) == ("short", "○ new", "")
    assert fields(unknown)["Last answer"] == "none yet"
    assert "Stage" not in fields(unknown)


def test_old_data_is_said_to_be_old() -> None:
    assert fields(detail(age="9m"))["Last answer"].endswith("(9m ago)")


def test_flags_are_told_as_yes_and_no() -> None:
    shown = fields(detail(replace(ENTRY, job=replace(JOB, is_byok=True, is_starred=False))))
    assert (shown["Own keys (BYOK)"], shown["Starred"]) == ("yes", "no")


def test_in_the_log_of_all_jobs_each_line_names_its_job() -> None:
    events = (Event(NOW, EventKind.STATUS, "queued → failed", JOB.id), Event(NOW, EventKind.CONNECTION, "up"))
    lines = log_lines(events, NOW, ASCII, lambda job_id: "A book")
    assert [line.text for line in lines] == ["A book: queued -> failed", "up"]


def test_the_past_ends_with_the_newest_answer_whether_it_is_in_the_database_or_not(tmp_path: Path) -> None:
    store = Store(tmp_path / "dwtop.db", "https://example.invalid/api")
    try:
        store.restore([ENTRY]).result(10)
        assert past_of(Watched(JOB.id, NOW), store) == ([], [])
        assert past_of(ENTRY, store)[0] == [SAMPLES[-1]]
        for one in SAMPLES:
            store.save(ENTRY, one, [Event(one.at, EventKind.CANCEL, f"at {one.at:.0f}", JOB.id)])
        store.add([]).result(10)
        samples, events = past_of(ENTRY, store)
        assert samples == list(SAMPLES), "the newest stands there once"
        assert [event.at for event in events] == [one.at for one in reversed(SAMPLES)]
        later = replace(ENTRY, job=replace(JOB, progress=61.0), fetched_at=NOW)
        assert past_of(later, store)[0][-1] == Sample(NOW, "in_progress", 61.0, "Writing")
    finally:
        store.close()


def test_its_events_stand_with_their_time() -> None:
    event = Event(NOW, EventKind.CANCEL, "cancel sent", JOB.id)
    (line,) = detail(events=(event,)).events
    assert line.text == "cancel sent"
    assert len(line.when) == len("00:00:00")
