"""Reads progress: `percent_complete` is documented as 0 to 100, but some servers send 0 to 1."""

import math
from collections.abc import Callable
from enum import StrEnum


class ProgressUnit(StrEnum):
    """The unit of `percent_complete` at one base URL, known or assumed. A unit is only ever replaced by a later one."""

    UNKNOWN = "unknown"
    ASSUMED_FRACTION = "assumed fraction"
    """Values up to 1 were read as fractions, which is not confirmed yet."""
    FRACTION = "fraction"
    PERCENT = "percent"

    @property
    def later(self) -> tuple["ProgressUnit", ...]:
        """The units that may replace this one."""
        units = tuple(ProgressUnit)
        return units[units.index(self) + 1 :]


class ProgressReader:
    """Reads the two progress fields of a job, and learns the unit of `percent_complete`.

    `progress` is always 0 to 100. `percent_complete` is taken as a fraction until the API sends more than 1.
    If both fields are present, equal values mean percent, and a ratio of about 100 means fraction.

    Attributes:
        unit: The unit learned so far. Store it with the base URL, and `restore` it in the next run.
        on_change: Called after `unit` has changed. The argument says whether earlier readings were wrong: after a change
            from `ASSUMED_FRACTION` to `PERCENT`, they were up to 100 times too large.
    """

    def __init__(self) -> None:
        self.unit = ProgressUnit.UNKNOWN
        self.on_change: Callable[[bool], None] = lambda wrong_before: None

    def restore(self, unit: str | None) -> None:
        """Continue with the unit that an earlier run or another process has learned, if it replaces the one known here."""
        if unit in self.unit.later:
            self._change(ProgressUnit(unit))

    def read(
        self, progress: float | None, percent_complete: float | None, *, in_progress: bool
    ) -> float | None:
        """The larger of the two fields in percent, from 0 to 100; None if neither is usable.

        While a job is in progress, 1 may mean 1 % or 100 %, and is ignored until the unit is known.
        """
        self._learn(progress, percent_complete)
        if percent_complete is not None and 0 < percent_complete <= 1 and self.unit != ProgressUnit.PERCENT:
            if self.unit == ProgressUnit.FRACTION or percent_complete < 1:
                percent_complete *= 100.0
            elif in_progress:
                percent_complete = None
            else:
                percent_complete = 100.0
        known = [value for value in (progress, percent_complete) if value is not None]
        return min(max(0.0, *known), 100.0) if known else None

    def _learn(self, progress: float | None, percent_complete: float | None) -> None:
        if percent_complete is None or percent_complete <= 0 or self.unit == ProgressUnit.PERCENT:
            return
        progress = progress or 0.0
        if percent_complete > 1 or math.isclose(progress, percent_complete, rel_tol=1e-6):
            self._change(ProgressUnit.PERCENT)
        elif self.unit == ProgressUnit.FRACTION:
            return
        elif progress >= 1 and math.isclose(progress, 100 * percent_complete, rel_tol=0.05):
            self._change(ProgressUnit.FRACTION)
        elif percent_complete < 1:
            self._change(ProgressUnit.ASSUMED_FRACTION)

    def _change(self, unit: ProgressUnit) -> None:
        if unit != self.unit:
            was_assumed = self.unit == ProgressUnit.ASSUMED_FRACTION
            self.unit = unit
            self.on_change(was_assumed and unit == ProgressUnit.PERCENT)
