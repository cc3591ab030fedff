"""The order in which jobs are due, and the intervals between their polls."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from app.job import Cadence
from app.watch.polling.intervals import Intervals, backoff, jittered, next_interval
from app.watch.polling.schedule import AT_ONCE, DueQueue

names = st.sampled_from([f"job {number}" for number in range(12)])


class Model(RuleBasedStateMachine):
    """The queue against a plain dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = DueQueue()
        self.due: dict[str, float] = {}
        self.now = 0.0

    @rule(name=names, after=st.floats(-5, 30) | st.just(AT_ONCE))
    def put(self, name: str, after: float) -> None:
        self.queue.put(name, self.now + after)
        self.due[name] = self.now + after

    @rule(name=names)
    def drop(self, name: str) -> None:
        self.queue.drop(name)
        self.due.pop(name, None)

    @rule(seconds=st.floats(0, 10))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        earliest = min(self.due.values(), default=None)
        assert self.queue.next_due() == earliest
        assert dict(self.queue.items()) == self.due
        assert set(self.queue) == set(self.due)

    @rule(cursor=st.none() | names, visible=st.lists(names, unique=True))
    def pop(self, cursor: str | None, visible: list[str]) -> None:
        ready = {name for name, due in self.due.items() if due <= self.now}
        new = {name for name, due in self.due.items() if due == AT_ONCE}
        taken = self.queue.pop(self.now, cursor, visible)
        if taken is None:
            assert not ready
            return
        name, due = taken
        assert name in ready
        assert due == self.due.pop(name)
        if cursor in ready:
            assert name == cursor
        elif new:
            assert name in new
            assert name in visible or not new & set(visible)
        elif ready & set(visible):
            assert name in visible


def test_it_behaves_like_a_plain_dictionary() -> None:
    run_state_machine_as_test(Model, settings=settings(max_examples=30, deadline=None))


def test_jobs_that_are_due_together_take_turns() -> None:
    queue = DueQueue()
    for name in ("first", "second", "first"):
        queue.put(name, 5.0)
    assert [queue.pop(5.0), queue.pop(5.0), queue.pop(5.0)] == [("second", 5.0), ("first", 5.0), None]


def test_a_requested_interval_is_exact_and_sets_the_others() -> None:
    chosen = Intervals.every(4)
    assert [chosen.of(cadence) for cadence in Cadence] == [4, 12, 48, None]
    assert chosen.exact
    assert [Intervals().of(cadence) for cadence in Cadence] == [5, 15, 60, None]


@given(st.floats(1, 1000), st.floats(0, 1))
def test_jitter_moves_by_a_tenth_at_most(seconds: float, spread: float) -> None:
    assert 0.9 * seconds <= jittered(seconds, spread) <= 1.1 * seconds


@given(st.integers(1, 50), st.integers(0, 99))
def test_backoff_grows_to_ten_seconds_and_some(failures: int, seed: int) -> None:
    wait = backoff(5.0, failures, random.Random(seed))
    assert (5 if failures == 1 else 10) <= wait <= (6.5 if failures == 1 else 13)
    assert backoff(60.0, failures, random.Random(seed)) >= 60


@pytest.mark.parametrize(
    ("now", "longer", "then"),
    [(5, True, 10), (5, False, 3), (7, True, 10), (7, False, 5), (1, False, 1), (0.5, False, 1),
     (3600, True, 3600), (9999, True, 3600), (9999, False, 3600)],
)  # fmt: skip
def test_intervals_step_along_round_numbers(now: float, longer: bool, then: float) -> None:
    assert next_interval(now, longer=longer) == then
