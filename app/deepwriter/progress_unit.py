"""How an API writes progress: `percent_complete` is documented as 0 to 100, and some servers send 0 to 1."""

import math
from collections.abc import Callable
from enum import StrEnum


class ProgressUnit(StrEnum):
    """What is known of the unit of `percent_complete` at one base URL."""

    UNKNOWN = "unknown"
    ASSUMED_FRACTION = "assumed fraction"
    """Values up to 1 were read as fractions, and nothing has proved that right or wrong yet."""
    FRACTION = "fraction"
    PERCENT = "percent"


class ProgressReader:
    """Reads the two fields that say how far a job is, and learns the unit of one of them.

    `progress` is always 0 to 100. `percent_complete` is a fraction as long as it is at most 1 and this API has never
    sent more than 1. Two things decide: both fields present and equal means percent; one about 100 times the other
    means fraction.

    Attributes:
        unit: What is known by now. Keep it with the base URL, and hand it in at the next start.
        on_change: Called when `unit` has changed, with whether earlier readings were wrong: after a change from
            `ASSUMED_FRACTION` to `PERCENT` they were up to 100 times too large.
    """

    def __init__(self, unit: str = ProgressUnit.UNKNOWN) -> None:
        self.unit: str = unit
        self.on_change: Callable[[bool], None] = lambda wrong_before: None

    def restore(self, unit: str | None) -> None:
        """Continue from what was known at the end of an earlier run."""
        if unit in list(ProgressUnit):
            self.unit = unit

    def read(
        self, progress: float | None, percent_complete: float | None, *, in_progress: bool
    ) -> float | None:
        """The larger of the two fields in percent, from 0 to 100; None if neither says anything.

        Args:
            progress: The field of that name.
            percent_complete: Likewise.
            in_progress: Whether the job is in progress. Then 1 may mean 1 % or 100 %, and says nothing until the unit
                is certain.
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
        both = progress if progress is not None and progress > 0 else None
        if percent_complete > 1 or (both and math.isclose(both, percent_complete, rel_tol=1e-6)):
            self._change(ProgressUnit.PERCENT)
        elif self.unit == ProgressUnit.FRACTION:
            return
        elif both and both >= 1 and math.isclose(both, 100 * percent_complete, rel_tol=0.05):
            self._change(ProgressUnit.FRACTION)
        elif percent_complete < 1:
            self._change(ProgressUnit.ASSUMED_FRACTION)

    def _change(self, unit: ProgressUnit) -> None:
        if unit != self.unit:
            before, self.unit = self.unit, unit
            self.on_change((before, unit) == (ProgressUnit.ASSUMED_FRACTION, ProgressUnit.PERCENT))
