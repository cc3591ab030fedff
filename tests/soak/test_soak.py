"""The soaks as tests, which take minutes."""

import pytest

from tests.soak import real, simulated


@pytest.mark.long
def test_thirty_days_leave_nothing_behind() -> None:
    simulated.assert_steady(simulated.soak())


@pytest.mark.long
def test_two_minutes_on_a_terminal_leave_nothing_behind() -> None:
    real.assert_steady(real.soak(seconds=120))
