"""The soaks as tests, which take minutes."""

import pytest

from tests.soak import fuzz, real


@pytest.mark.long
def test_two_minutes_on_a_terminal_leave_nothing_behind() -> None:
    real.assert_steady(real.soak(seconds=120))


def test_any_answer_and_any_settings_file_is_a_value_or_one_sentence() -> None:
    fuzz.check(0, examples=40)
