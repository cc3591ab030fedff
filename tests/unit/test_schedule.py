"""The order in which jobs are due, and the intervals between their polls."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.job import Cadence
from app.watch.polling.intervals import Intervals, backoff, jittered, next_interval
from app.watch.polling.schedule import AT_ONCE, next_job

names = st.sampled_from([f"job {number}" for number in range(12)])


@given(
    st.dictionaries(names, st.floats(-30, 5) | st.sampled_from([AT_ONCE, 0.0])),
    st.none() | names,
    st.frozensets(names),
)
def test_which_job_is_polled_next(due: dict[str, float], cursor: str | None, visible: frozenset[str]) -> None:
    ready = {name for name, at in due.items() if at <= 0}
    new = {name for name, at in due.items() if at == AT_ONCE}
    expected = ready & {cursor} or new & visible or new or ready & visible or ready
    chosen = next_job(due, 0.0, cursor, visible)
    assert (chosen is None) == (not ready)
    if chosen is not None:
        assert chosen in expected
        assert due[chosen] == min(due[each] for each in expected)


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
