"""The state of simulated jobs over time."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.lifecycle import World
from app.simulator.scenarios import Step
from tests.simulator_faults.scripted_world import ScriptedWorld
from tests.timing import ManualClock

START = 1_800_000_000.0
OVER = {"completed", "failed", "moderated", "cancelled"}
NEXT = {
    "draft": {"submitted"},
    "submitted": {"queued"},
    "queued": {"in_progress", "cancelled"},
    "in_progress": OVER,
}


def world(seed: int = 0, jobs: int = 0, speed: float = 1.0) -> tuple[ScriptedWorld, ManualClock]:
    clock = ManualClock(START)
    return ScriptedWorld(seed, jobs, speed, clock), clock


def job(of: World, job_id: str) -> dict[str, Any]:
    found = of.job(job_id)
    assert found is not None
    return found


def percent(answer: dict[str, Any]) -> float | None:
    sent = [answer[name] for name in ("progress", "percent_complete") if name in answer]
    return max(sent, default=None)


def seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp() - START


seeds = st.integers(0, 10_000)
moments = st.lists(st.floats(0, 40_000), min_size=2, max_size=60).map(sorted)


@given(seeds, st.integers(1, 40), st.sampled_from([0.1, 1.0, 60.0]), moments)
@settings(max_examples=30)
def test_a_simulated_job_only_moves_forward(seed: int, jobs: int, speed: float, times: list[float]) -> None:
    them, clock = world(seed, jobs, speed)
    watched = them.ids[-1]
    before = job(them, watched)
    for moment in times:
        clock.now = START + moment
        now = job(them, watched)
        last, this = percent(before), percent(now)
        assert this is None or 0 <= this <= 100
        if now["status"] == before["status"]:
            if last is not None and this is not None:
                assert this >= last
            if before["status"] in OVER:
                assert now == before
        else:
            assert now["status"] in _reachable(before["status"])
        assert seconds(before["updated_at"]) <= seconds(now["updated_at"]) <= moment + 0.001
        if now["updated_at"] == before["updated_at"]:
            assert now == before
        before = now


def _reachable(status: str) -> set[str]:
    """The statuses that can follow, after any number of steps."""
    next_statuses = NEXT.get(status, set())
    return next_statuses.union(*map(_reachable, next_statuses))


@given(seeds, st.integers(0, 40), st.floats(0, 40_000))
@settings(max_examples=30)
def test_the_same_seed_gives_the_same_jobs(seed: int, jobs: int, moment: float) -> None:
    one, first = world(seed, jobs)
    other, second = world(seed, jobs)
    assert one.ids == other.ids
    assert len(set(one.ids)) == jobs
    # A client that asks often gets the same answers as one that asks late.
    for part in range(10):
        first.now = START + moment * part / 10
        for job_id in one.ids:
            one.job(job_id)
    first.now = second.now = START + moment
    assert [one.job(job_id) for job_id in one.ids] == [other.job(job_id) for job_id in other.ids]


@given(seeds, st.integers(4, 40))
@settings(max_examples=30)
def test_some_jobs_are_over_some_run_and_some_wait_and_soon_one_ends(seed: int, jobs: int) -> None:
    them, clock = world(seed, jobs)
    before = [job(them, job_id)["status"] for job_id in them.ids]
    assert set(before) & OVER
    assert "in_progress" in before
    assert set(before) & {"draft", "submitted", "queued"}
    clock.now += 120
    after = [job(them, job_id)["status"] for job_id in them.ids]
    changes = {change for change in zip(before, after, strict=True) if change[0] != change[1]}
    assert {new for old, new in changes if old == "in_progress"} & OVER
    assert "in_progress" in {new for _, new in changes}


@pytest.mark.parametrize("speed", [0.1, 30.0])
def test_speed_shortens_jobs_and_keeps_times_on_the_clock(speed: float) -> None:
    them, clock = world(speed=speed)
    job_id = them.add([Step("in_progress", "Drafting", 0, 100, 60), Step("completed", None, 100, 100, 0)])
    clock.now += 30 / speed
    halfway = job(them, job_id)
    assert halfway["progress"] == pytest.approx(50, abs=2)
    assert seconds(halfway["created_at"]) == pytest.approx(0, abs=0.01)
    clock.now += 30.1 / speed
    done = job(them, job_id)
    assert done["status"] == "completed"
    assert seconds(done["updated_at"]) == pytest.approx(60 / speed, abs=0.01)


@given(seeds, st.floats(0, 5_000), st.sampled_from([0.2, 1.0, 20.0]))
@settings(max_examples=20)
def test_a_cancel_is_honoured_soon_or_the_job_ends_first(seed: int, moment: float, speed: float) -> None:
    them, clock = world(seed, 30, speed)
    clock.now += moment
    for job_id in them.ids:
        before = job(them, job_id)["status"]
        status, answer = them.cancel(job_id)
        if before not in ("queued", "in_progress"):
            assert status == 400
            assert before in answer["error"]
            continue
        assert (status, answer) == (200, {"message": "Job cancellation requested"})
        assert job(them, job_id)["status"] == before
        assert them.cancel(job_id)[0] == 200
    asked = {job_id for job_id in them.ids if job(them, job_id)["status"] in ("queued", "in_progress")}
    clock.now += 16
    for job_id in asked:
        assert job(them, job_id)["status"] in OVER
    later = {job_id: job(them, job_id) for job_id in asked}
    clock.now += 100_000
    assert later == {job_id: job(them, job_id) for job_id in asked}


def test_a_cancel_close_to_the_end_sometimes_loses_the_race() -> None:
    them, clock = world()
    steps = [("in_progress", "Polishing", 99, 99, 8), ("completed", None, 100, 100, 0)]
    ids = [them.add(steps) for _ in range(40)]
    for job_id in ids:
        assert them.cancel(job_id)[0] == 200
    clock.now += 20
    outcomes = [job(them, job_id)["status"] for job_id in ids]
    assert 5 < outcomes.count("completed") < 35
    assert outcomes.count("completed") + outcomes.count("cancelled") == 40
