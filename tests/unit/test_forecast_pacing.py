"""When to poll a job next."""

from dataclasses import replace

import pytest

from app.watch.forecast.estimate import Forecast, forecast
from app.watch.forecast.pacing import next_poll
from app.watch.forecast.training import Training
from app.watch.history import Sample
from app.watch.polling.intervals import Intervals
from tests.unit.test_forecast_estimate import staged, taught, until

INTERVALS = Intervals(5, 15, 60)


def wait(
    status: str, now: float, found: Forecast | None, *, watched: bool = False, spread: float = 0.5
) -> float:
    seconds = next_poll(status, now, found, INTERVALS, watched=watched, spread=spread)
    assert seconds is not None
    return seconds


def forecast_at(share: float) -> tuple[float, Forecast | None]:
    job = staged(1.2)
    now = job[-1].at * share
    return now, forecast(until(job, now), now, taught(30))


@pytest.mark.parametrize("status", ["completed", "failed", "moderated", "cancelled"])
def test_a_job_that_has_ended_is_not_polled_again(status: str) -> None:
    assert next_poll(status, 0.0, None, INTERVALS) is None


def test_a_job_that_does_not_run_is_polled_at_its_interval() -> None:
    assert wait("queued", 0.0, None) == 15
    assert wait("submitted", 0.0, None) == 15
    assert wait("draft", 0.0, None) == 60
    assert wait("unheard_of", 0.0, None) == 60


def test_pauses_are_shorter_near_the_end() -> None:
    waits = [wait("in_progress", *forecast_at(share)) for share in (0.1, 0.5, 0.8, 0.97)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > 3 * waits[-1]


def test_the_pause_is_a_fifth_of_the_time_until_the_end_is_likely_or_for_which_it_is_overdue() -> None:
    _, found = forecast_at(0.5)
    assert found is not None
    found = replace(found, low=400.0, high=600.0)
    assert wait("in_progress", 300.0, found) == (430 - 300) / 5
    assert wait("in_progress", 700.0, found) == (700 - 600) / 5


def test_pauses_are_from_1_2_to_9_fast_intervals() -> None:
    for share in (0.01, 0.2, 0.4, 0.6, 0.8, 0.99):
        now, found = forecast_at(share)
        for late in (0, 100, 1e4, 1e7):
            assert 6 <= wait("in_progress", now + late, found) <= 45


def test_a_job_that_the_user_looks_at_is_polled_at_the_fast_interval() -> None:
    now, found = forecast_at(0.1)
    assert wait("in_progress", now, found, watched=True) == 5


def test_a_running_job_without_a_forecast_is_polled_at_1_2_fast_intervals() -> None:
    assert forecast([Sample(0, "in_progress", None, None)], 1.0, Training()) is None
    assert wait("in_progress", 1.0, None) == 6


def test_the_spread_varies_the_pause_by_10_percent() -> None:
    waits = [wait("in_progress", 0.0, None, spread=index / 100) for index in range(100)]
    assert min(waits) == pytest.approx(5.4)
    assert max(waits) == pytest.approx(6.6, rel=0.01)
    assert len(set(waits)) == 100


def test_longer_intervals_make_longer_pauses() -> None:
    now, found = forecast_at(0.1)
    slow = next_poll("in_progress", now, found, Intervals(50, 150, 600))
    assert slow is not None
    assert slow > wait("in_progress", now, found)
