"""A forecast in words."""

import pytest

from app.watch.forecast.texts import about


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
