"""Intervals and the arithmetic on them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.job import Cadence
from app.watch.polling.intervals import Intervals, backoff, jittered, next_interval


def test_a_requested_interval_is_exact_and_sets_the_others() -> None:
    chosen = Intervals.every(4)
    assert [chosen.of(cadence) for cadence in Cadence] == [4, 12, 48, None]
    assert chosen.exact
    assert [Intervals().of(cadence) for cadence in Cadence] == [5, 15, 60, None]


@given(st.floats(1, 1000), st.integers(0, 99))
def test_jitter_moves_by_a_tenth_at_most(interval: float, seed: int) -> None:
    assert 0.9 * interval <= jittered(interval, random.Random(seed)) <= 1.1 * interval


@given(st.integers(1, 50), st.integers(0, 99))
def test_backoff_grows_to_ten_seconds_and_some(failures: int, seed: int) -> None:
    wait = backoff(5.0, failures, random.Random(seed))
    assert (5 if failures == 1 else 10) <= wait <= (6.5 if failures == 1 else 13)
    assert backoff(60.0, failures, random.Random(seed)) >= 60


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
