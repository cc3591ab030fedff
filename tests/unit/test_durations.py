"""Times and durations in words that change as rarely as possible."""

from datetime import datetime

import pytest

from app.presentation import durations


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "5s"), (0, "5s"), (9.9, "5s"), (10, "10s"), (59, "55s"), (60, "1m"), (3599, "59m"), (3600, "1h"),
     (86399, "23h"), (86400, "1d"), (900000, "10d")],
)  # fmt: skip
def test_an_age_is_coarse(seconds: float, said: str) -> None:
    assert durations.age(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(15, "15 s"), (540, "9 min"), (7200, "2 h"), (90000, "1 day"), (200000, "2 days")]
)
def test_an_age_in_a_sentence(seconds: float, said: str) -> None:
    assert durations.age_in_words(seconds) == said


@pytest.mark.usefixtures("two_hours_ahead")
def test_a_clock_time_names_the_day_where_it_is_another() -> None:
    now = datetime.fromisoformat("2026-11-23T14:02:09+00:00").timestamp()
    assert durations.clock_time(now, now) == "16:02"
    assert durations.clock_time(now, now, seconds=True) == "16:02:09"
    assert durations.clock_time(now - 86400, now) == "Nov 22 16:02"
    assert durations.clock_time(now - 86400, now, seconds=True) == "Nov 22 16:02"
    assert durations.clock_time(now - 400 * 86400, now) == "2025-10-19 16:02"
    after_midnight = now + 8 * 3600 + 120
    assert durations.clock_time(now + 7 * 3600, after_midnight) == "23:02", "an hour ago"
    assert durations.clock_time(after_midnight, now + 7 * 3600) == "00:04", "an hour ahead"
    assert durations.clock_or_day(now, after_midnight) == "Nov 23", "eight hours ago"
    assert durations.moment(now) == "2026-11-23 16:02:09"


@pytest.mark.usefixtures("two_hours_ahead")
@pytest.mark.parametrize(
    ("ahead", "up", "finest", "said"),
    [
        (-60, 0.5, 1, "16:02"),
        (600, 0.5, 1, "16:12"),
        (600, 1.0, 1, "16:13"),
        (600, 0.5, 5, "16:10"),
        (10, 0.5, 5, "16:05"),
        (-60, 0.5, 5, "16:05"),
        (3600, 0.5, 1, "17:00"),
        (3600, 1.0, 1, "17:05"),
        (3 * 3600, 0.5, 1, "19:00"),
        (7 * 3600 + 900, 0.0, 1, "23:00"),
        (1e15, 0.5, 1, "-"),
    ],
)
def test_the_time_of_a_forecast_is_coarser_further_away_and_never_in_the_past(
    ahead: float, up: float, finest: int, said: str
) -> None:
    now = datetime.fromisoformat("2026-11-23T14:02:09+00:00").timestamp()
    assert durations.forecast_clock(now + ahead, now, up=up, finest=finest) == said


@pytest.mark.parametrize("at", [1e15, -1e15, float("inf"), float("nan")])
def test_a_moment_that_no_calendar_has_is_a_dash(at: float) -> None:
    assert durations.moment(at) == durations.clock_time(at, 0.0) == "-"
