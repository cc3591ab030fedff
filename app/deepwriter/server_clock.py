"""How far the API's clock is from this machine's, according to the `Date` of its answers.

The API's timestamps are moved by that much as they arrive, so nothing behind the client has to think of it: ages, elapsed
times and forecasts compare them with this machine's clock.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime

from app.deepwriter.payloads import within_calendar
from app.job import Job, ListedJob

_TOLERANCE_SECONDS = 5.0
"""A smaller difference is not corrected, which also keeps a job's times the same from answer to answer."""


class ServerClock:
    """The difference between the two clocks, as steady as the answers allow.

    Attributes:
        offset: Seconds to add to the API's times to have this machine's; None before any answer has said.
    """

    def __init__(self) -> None:
        self.offset: float | None = None

    def note(self, headers: Mapping[str, str], sent_at: float, received_at: float) -> None:
        """Take an answer into account.

        Args:
            headers: The answer's headers, found by name in lower case.
            sent_at: When its request went out, by this machine's clock.
            received_at: When its head arrived, likewise.
        """
        date = http_date(headers.get("date", ""))
        if date is None:
            return
        if (age := headers.get("age", "").strip()).isdecimal() and age.isascii():
            date += float(age[:9])  # a cache has kept the answer for that long (RFC 9111, section 5.1)
        # The date has whole seconds, and was set while the request was under way.
        least, most = sent_at - date - 1.0 - _TOLERANCE_SECONDS, received_at - date + _TOLERANCE_SECONDS
        if least <= 0.0 <= most:
            self.offset = 0.0
        elif self.offset is None or not least <= self.offset <= most:
            self.offset = (least + most) / 2.0

    def to_local(self, job: Job) -> Job:
        """The job with its times by this machine's clock."""
        if not self.offset:
            return job
        return replace(
            job, created_at=self._to_local(job.created_at), updated_at=self._to_local(job.updated_at)
        )

    def to_local_listed(self, job: ListedJob) -> ListedJob:
        """The same for a job in a list."""
        if not self.offset or job.created_at is None:
            return job
        return replace(job, created_at=self._to_local(job.created_at))

    def _to_local(self, moment: float) -> float:
        return within_calendar(moment + (self.offset or 0.0))


def http_date(text: str) -> float | None:
    """An HTTP date in seconds since the epoch; None if it is not one."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
