"""The demo's story in simulated time, and the past that its database is filled with."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.cli.demo import fill_store, job_of
from app.presentation.event_lines import events_in_feed
from app.presentation.totals import Totals
from app.simulator.demo_story import PAUSES, demo_story
from app.simulator.lifecycle import World
from app.store.store import Store
from app.watch.events import EventKind
from app.watch.forecast.forecaster import Forecaster
from app.watch.watch_list import WatchList
from app.watch.watched import Watched

START = 1_800_000_000.0


class Demo:
    """The jobs of the demo at any moment."""

    def __init__(self) -> None:
        self.now = START
        story = demo_story()
        self.world = World(story.jobs, pauses=PAUSES, clock=lambda: self.now)
        self.finished = World(story.finished, clock=lambda: START)

    def at(self, second: float) -> dict[str, dict[str, Any]]:
        """The answers about all jobs, by the first words of their titles."""
        self.now = START + second
        return {" ".join(job["title"].split()[:2]): job for job in self.world.jobs()}


def visible(jobs: dict[str, dict[str, Any]]) -> dict[str, tuple[object, ...]]:
    """What a list shows of each job."""
    return {
        title: (job["status"], job.get("progress_stage"), int(job.get("progress") or 0))
        for title, job in jobs.items()
    }


def test_it_begins_with_a_full_list() -> None:
    jobs = Demo().at(0)
    statuses = [job["status"] for job in jobs.values()]
    assert len(jobs) == 14
    assert Counter(statuses) == {"in_progress": 7, "queued": 2, "draft": 3, "completed": 1, "failed": 1}
    book = next(iter(jobs.values()))
    assert (book["title"][:14], book["progress_stage"]) == ("The Salt Roads", "Drafting chapter 7 of 14")


@pytest.mark.parametrize("offset", [0.0, 0.5])
def test_something_visible_changes_every_three_seconds_for_ten_minutes(offset: float) -> None:
    demo = Demo()
    last_change, before = 0, visible(demo.at(offset))
    for second in range(1, 601):
        now = visible(demo.at(second + offset))
        if now != before or any(start <= second <= end + 1 for start, end in PAUSES):
            last_change = second
        assert second - last_change < 3, second
        before = now


def test_an_event_comes_every_fifteen_seconds_and_after_two_minutes_every_forty() -> None:
    demo = Demo()
    events = [moment for pause in PAUSES for moment in pause]
    events += [25, 95]  # the review moves again; the book begins a chapter
    before = demo.at(0)
    for second in range(1, 601):
        now = demo.at(second + 0.5)
        events += [second for title, job in now.items() if job["status"] != before[title]["status"]]
        before = now
    events.sort()
    gaps = {after: after - event for event, after in zip([0.0, *events], events, strict=False)}
    assert max(gap for at, gap in gaps.items() if at <= 120) <= 15
    assert max(gaps.values()) <= 40


def test_the_overall_progress_never_falls() -> None:
    demo, totals, before = Demo(), Totals(), 0.0
    for second in range(601):
        for answer in demo.at(second).values():
            totals.update(answer["id"], Watched(answer["id"], START, job_of(answer), demo.now))
        assert totals.fraction is not None
        assert totals.fraction >= before, second
        before = totals.fraction
    assert before > 0.7


@pytest.mark.parametrize(
    ("second", "title", "name", "before", "after"),
    [
        (8, "Press release:", "status", "in_progress", "completed"),
        (15, "Memo to", "status", "queued", "in_progress"),
        (42, "Quarterly report:", "status", "in_progress", "completed"),
        (50, "Annual report", "status", "in_progress", "failed"),
        (80, "Post-quantum signatures", "status", "in_progress", "moderated"),
        (95, "The Salt", "progress_stage", "Drafting chapter 7 of 14", "Drafting chapter 8 of 14"),
        (110, "Summary of", "status", "in_progress", "completed"),
    ],
)
def test_each_event_comes_at_its_time(second: int, title: str, name: str, before: str, after: str) -> None:
    demo = Demo()
    assert demo.at(second - 0.5)[title][name] == before
    assert demo.at(second + 0.5)[title][name] == after


def test_a_job_finishes_in_the_moment_in_which_it_is_cancelled() -> None:
    demo = Demo()
    summary = demo.at(105)["Summary of"]["id"]
    assert demo.world.cancel(summary)[0] == 200
    assert demo.at(109)["Summary of"]["status"] == "in_progress"
    assert demo.at(111)["Summary of"]["status"] == "completed"


@pytest.fixture
def filled(tmp_path: Path) -> Store:
    demo = Demo()
    store = Store(tmp_path / "dwtop.db", "demo", now=lambda: START)
    fill_store(store, demo.world, demo.finished)
    return store


def test_the_first_frame_knows_every_job_and_its_past(filled: Store) -> None:
    entries = WatchList(filled, now=lambda: START).entries
    assert list(entries) == [scenario.id for scenario in demo_story().jobs]
    for entry in entries.values():
        assert entry.job is not None
        assert entry.job.title
        if not entry.finished:
            assert entry.fetched_at == START
    book = next(iter(entries))
    curve = [sample for sample in filled.samples(book) if sample.status == "in_progress"]
    assert curve[-1].at - curve[0].at > 3 * 3600
    assert len(curve) > 40


async def test_its_forecasts_stay_as_they_are_with_the_first_answers(filled: Store) -> None:
    watch_list = WatchList(filled, now=lambda: START)
    first = {entry.id: entry.outlook for entry in watch_list.entries.values()}
    assert sum(outlook is not None for outlook in first.values()) == 7
    watch_list.forecaster = Forecaster(filled)
    watch_list.forecaster.train()
    for entry in list(watch_list.entries.values()):
        if entry.job and not entry.finished:
            await watch_list.forecaster.read_history(entry.id)
            watch_list.record_answer(entry.job)
    assert {entry.id: entry.outlook for entry in watch_list.entries.values()} == first


def test_its_forecasts_come_true(filled: Store) -> None:
    demo = Demo()
    entries = WatchList(filled, now=lambda: START).entries
    demo.now = START + 24 * 3600
    checked = 0
    for job_id, entry in entries.items():
        ends = [at for at, answer in demo.world.history(job_id, 1) if answer["status"] == "completed"]
        if entry.running and entry.stalled_since is None and ends:
            assert entry.expected_finish is not None
            remaining = ends[0] - START
            assert entry.expected_finish - START == pytest.approx(remaining, rel=0.2, abs=20), job_id
            checked += 1
    assert checked == 4


def test_the_review_stands_still_from_the_first_frame_on(filled: Store) -> None:
    entries = WatchList(filled, now=lambda: START).entries.values()
    still = [entry for entry in entries if entry.stalled_since is not None]
    assert [((entry.job and entry.job.title) or "")[:10] for entry in still] == ["Literature"]
    assert [event.job_id for event in filled.events() if event.kind is EventKind.STALL] == [still[0].id]


def test_the_feed_has_events_in_the_order_in_which_they_happened(filled: Store) -> None:
    events = filled.events()
    assert len(events) >= 10
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)
    watched = {scenario.id for scenario in demo_story().jobs}
    assert {event.job_id for event in events} <= watched
    shown = [*events_in_feed(events)][:4]
    assert "failed" in {event.after for event in shown}, "why the red job failed is read at once"
