"""A forecast in words."""

import pytest

from app.watch.forecast.eta import Forecast
from app.watch.forecast.standing import Standing, stand
from app.watch.forecast.texts import about, eta_text, quiet_text, range_text
from app.watch.history import Sample


def standing() -> Standing:
    found = stand([Sample(0.0, "in_progress", 10.0, None)])
    assert found is not None
    return found


def made(finish: float, low: float, high: float, *, shown: bool = True) -> Forecast:
    return Forecast(0.0, finish, low, high, 0.0, 9, shown, standing())


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
def test_a_time_is_as_coarse_as_a_forecast(seconds: float, text: str) -> None:
    assert about(seconds) == text


def test_an_eta_counts_from_now() -> None:
    assert eta_text(made(900, 700, 1200), 0.0) == "~15m"
    assert eta_text(made(900, 700, 1200), 300.0) == "~10m"
    assert eta_text(made(900, 700, 1200), 5000.0) == "<1m"


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
    ],
)
def test_a_range_holds_both_ends(low: float, high: float, text: str) -> None:
    assert range_text(made((low + high) / 2, low, high), 0.0) == text


def test_what_is_not_worth_showing_is_not_shown() -> None:
    assert eta_text(None, 0.0) == range_text(None, 0.0) == ""
    assert (
        eta_text(made(900, 10, 9000, shown=False), 0.0)
        == range_text(made(900, 10, 9000, shown=False), 0.0)
        == ""
    )


def test_a_quiet_time_in_words() -> None:
    assert quiet_text(0.0, 9 * 60 + 40) == "no change 9m"
    assert quiet_text(0.0, 7300) == "no change 2h"
    assert quiet_text(0.0, 3 * 86400) == "no change 3d"
    assert quiet_text(100.0, 0.0) == "no change 0m"
