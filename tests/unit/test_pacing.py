"""Intervals, the budget and backoff."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.job import Cadence
from app.watch.polling.pacing import BURST, Budget, Intervals, backoff, next_interval, spread, stretch


def test_an_interval_that_was_asked_for_is_exact_and_sets_the_others() -> None:
    chosen = Intervals.every(4)
    assert [chosen.of(cadence) for cadence in Cadence] == [4, 12, 48, None]
    assert chosen.exact
    assert [Intervals().of(cadence) for cadence in Cadence] == [5, 15, 60, None]


@given(st.floats(1, 1000), st.integers(0, 99))
def test_spread_moves_by_a_tenth_at_most(interval: float, seed: int) -> None:
    assert 0.9 * interval <= spread(interval, random.Random(seed)) <= 1.1 * interval


@given(st.integers(1, 50), st.integers(0, 99))
def test_backoff_grows_to_ten_seconds_and_some(failures: int, seed: int) -> None:
    wait = backoff(5.0, failures, random.Random(seed))
    assert (5 if failures == 1 else 10) <= wait <= (6.5 if failures == 1 else 13)
    assert backoff(60.0, failures, random.Random(seed)) >= 60


def test_stretch_is_what_the_budget_lacks() -> None:
    assert stretch(4.9, 300) == 1.0
    assert stretch(20.0, 300) == 4.0


@given(st.floats(1, 6000), st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_no_more_than_the_budget_and_ten_in_any_time(per_minute: float, steps: list[float]) -> None:
    now, budget, taken = 0.0, Budget(per_minute, 0.0), []
    for step in steps:
        now += step
        while budget.take(now):
            taken.append(now)
    for first, since in enumerate(taken):
        within = [at for at in taken[first:] if at - since <= 60]
        assert len(within) <= BURST + per_minute + 1e-6


@given(st.floats(1, 6000), st.integers(0, 40))
def test_who_waits_as_long_as_told_finds_one(per_minute: float, charged: int) -> None:
    budget = Budget(per_minute, 0.0)
    for _ in range(charged):
        budget.charge(0.0)
    wait = budget.wait(0.0)
    assert (wait == 0) == (charged < BURST)
    assert budget.take(wait)


def test_giving_up_what_was_saved() -> None:
    budget = Budget(60, 0.0)
    budget.empty(100.0)
    assert not budget.take(100.0)
    assert budget.wait(100.0) == pytest.approx(1.0)
    budget.charge(100.0)
    budget.empty(100.0)
    assert budget.wait(100.0) == pytest.approx(2.0), "a debt stays"


@pytest.mark.parametrize(
    ("now", "longer", "then"),
    [
        (5, True, 10),
        (5, False, 3),
        (7, True, 10),
        (7, False, 5),
        (1, False, 1),
        (0.5, False, 1),
        (3600, True, 3600),
        (9999, True, 3600),
        (9999, False, 3600),
    ],
)
def test_intervals_step_along_round_numbers(now: float, longer: bool, then: float) -> None:
    assert next_interval(now, longer=longer) == then
