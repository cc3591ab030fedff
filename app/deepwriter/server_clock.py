"""Estimates the offset between the API's clock and this machine's, from the `Date` of answers.

The client shifts the API's timestamps by that offset, so that ages, elapsed times and forecasts can compare them with
this machine's clock.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from app.job import Job, ListedJob

_TOLERANCE_SECONDS = 5.0
"""A smaller offset is ignored, which also keeps a job's times from varying between answers."""

J = TypeVar("J", Job, ListedJob)


class ServerClock:
    """The offset between the two clocks. It changes only if an answer contradicts it."""

    offset: float | None = None  # seconds to add to the API's times; None before the first answer with a date

    def note(self, headers: Mapping[str, str], sent_at: float, received_at: float) -> None:
        """Update the offset from an answer. `sent_at` and `received_at` are times of this machine's clock."""
        date = http_date(headers.get("date", ""))
        if date is None:
            return
        if (age := headers.get("age", "").strip()).isdecimal() and age.isascii():
            date += float(age[:9])  # a cache has kept the answer for that long (RFC 9111, section 5.1)
        # The date is in whole seconds, and was set while the request was in flight.
        low, high = sent_at - date - 1.0 - _TOLERANCE_SECONDS, received_at - date + _TOLERANCE_SECONDS
        if low <= 0.0 <= high:
            self.offset = 0.0
        elif self.offset is None or not low <= self.offset <= high:
            self.offset = (low + high) / 2.0

    def to_local(self, job: J) -> J:
        """The job with its times converted to this machine's clock."""
        if not self.offset:
            return job
        local: dict[str, Any] = {
            name: moment + self.offset
            for name in ("created_at", "updated_at")
            if (moment := getattr(job, name, None)) is not None
        }
        return replace(job, **local)


def http_date(text: str) -> float | None:
    """An HTTP date in seconds since the epoch; None if it is not valid."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
