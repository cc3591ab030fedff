"""A forecast in words."""

import pytest

from app.watch.forecast.texts import about, range_of


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<1m"),
        (0, "<1m"),
        (59, "<1m"),
        (60, "~1m"),
        (14 * 60 + 10, "~14m"),
        (23 * 60, "~25m"),
        (57 * 60, "~55m"),
        (59 * 60, "~1h"),
        (61 * 60, "~1h"),
        (2 * 3600 + 9 * 60, "~2h 10m"),
        (9.9 * 3600, "~9h 50m"),
        (30 * 3600, "~30h"),
        (72 * 3600, "~3d"),
    ],
)
def test_a_time_left_is_rounded_as_a_forecast_should_be(seconds: float, text: str) -> None:
    assert about(seconds) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (12 * 60, 18 * 60, "12-18 min"),
        (12 * 60 + 59, 17 * 60 + 1, "12-18 min"),
        (20, 100, "up to 2 min"),
        (0, 10, "up to 1 min"),
        (3600, 3 * 3600, "1-3 h"),
        (2 * 86400, 3 * 86400, "2-3 d"),
        (-50, -20, "up to 1 min"),
        (2, 90 * 60 - 1, "<1-90 min"),
        (20 * 60, 2.4 * 3600, "20 min-2.5 h"),
        (2, 7200, "<1 min-2 h"),
        (5 * 3600, 3 * 86400, "5 h-3 d"),
    ],
)
def test_a_range_holds_both_ends(low: float, high: float, text: str) -> None:
    assert range_of(low, high) == text
