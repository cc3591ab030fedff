"""The unit of `percent_complete`, and when it is certain."""

import pytest

from app.deepwriter.progress_unit import ProgressReader, ProgressUnit

Reading = tuple[float | None, float | None]


@pytest.mark.parametrize(
    ("readings", "percents", "unit"),
    [
        ([(None, 0.42)], [42.0], ProgressUnit.ASSUMED_FRACTION),
        ([(42.0, 0.42)], [42.0], ProgressUnit.FRACTION),
        ([(0.0, 0.42)], [42.0], ProgressUnit.ASSUMED_FRACTION),
        ([(None, 0.005), (None, 0.6), (None, 1.0)], [0.5, 60.0, None], ProgressUnit.ASSUMED_FRACTION),
        ([(0.5, 0.005), (60.0, 0.6), (100.0, 1.0)], [0.5, 60.0, 100.0], ProgressUnit.FRACTION),
        ([(None, 0.7), (None, 1.4), (None, 0.7)], [70.0, 1.4, 0.7], ProgressUnit.PERCENT),
        ([(0.7, 0.7)], [0.7], ProgressUnit.PERCENT),
        ([(1.0, 1.0)], [1.0], ProgressUnit.PERCENT),
        ([(None, 1.0)], [None], ProgressUnit.UNKNOWN),
        ([(50.0, 0.5), (None, 1.0)], [50.0, 100.0], ProgressUnit.FRACTION),
        ([(None, 42.0), (None, 1.0)], [42.0, 1.0], ProgressUnit.PERCENT),
        ([(None, 0.0), (None, None), (7.0, None)], [0.0, None, 7.0], ProgressUnit.UNKNOWN),
        ([(-3.0, None), (140.0, 30.0)], [0.0, 100.0], ProgressUnit.PERCENT),
    ],
)
def test_readings_in_order(readings: list[Reading], percents: list[float | None], unit: ProgressUnit) -> None:
    reader = ProgressReader()
    found = [reader.read(*reading, in_progress=True) for reading in readings]
    assert found == [None if percent is None else pytest.approx(percent) for percent in percents]
    assert reader.unit == unit


def test_one_is_a_hundred_percent_where_the_job_has_ended() -> None:
    reader = ProgressReader()
    assert reader.read(None, 1.0, in_progress=False) == 100.0
    assert reader.unit == ProgressUnit.UNKNOWN


def test_a_change_says_whether_earlier_readings_were_wrong() -> None:
    reader = ProgressReader()
    wrong_before: list[bool] = []
    reader.on_change = wrong_before.append
    for value in (0.3, 0.4, 2.0, 3.0):
        reader.read(None, value, in_progress=True)
    assert wrong_before == [False, True]
    reader = ProgressReader()
    reader.restore(ProgressUnit.PERCENT)
    assert reader.read(None, 0.7, in_progress=True) == 0.7
