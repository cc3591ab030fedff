"""Counts the jobs of the watch list by status, for a status line that is redrawn every few seconds.

The statuses are repeated here, since importing `app.job` would take longer than everything else.
"""

from pathlib import Path
from typing import NamedTuple

from app.store.opening import open_read_only

ATTENTION = ("failed", "moderated")
"""The statuses that need attention, as in `app.job`. So does a job that was not found twice in a row."""

DONE = ("completed", "cancelled")
"""The other final statuses."""

RUNNING = ("in_progress",)
"""The statuses in which a job runs; in all others it is waiting."""

_BUSY_TIMEOUT_SECONDS = 1.0  # short, since tmux waits for the line

_COUNT = """
SELECT status, misses > 1, count(*), count(progress), total(min(max(progress, 0.0), 100.0)),
       max(iif(fetched_at BETWEEN 0 AND 1e12, fetched_at, NULL)), max(iif(finish BETWEEN 0 AND 1e12, finish, NULL))
FROM job NOT INDEXED
WHERE origin = ? AND watched = 1 GROUP BY 1, 2
"""
# For 10,000 jobs, grouping by two plain columns without an index takes half the time of grouping by a CASE expression.
# BETWEEN also excludes text that another program wrote in place of a time: SQLite orders text after numbers.


class JobCounts(NamedTuple):
    """The number of jobs in each group of a watch list, and their progress. Times are in seconds since the epoch."""

    running: int = 0
    waiting: int = 0  # or never polled
    attention: int = 0
    done: int = 0
    fraction: float | None = None  # the mean progress of the running and waiting jobs, 0.0 to 1.0
    fetched_at: float | None = None  # when the newest answer about an unfinished job arrived
    finish: float | None = None  # when the last running job is expected to finish

    @property
    def jobs(self) -> int:
        """The number of watched jobs."""
        return self.running + self.waiting + self.attention + self.done


def count_jobs(path: Path, base_url: str) -> JobCounts:
    """Count the jobs of a base URL's watch list; all counts are 0 without a database. Raises `StoreError`."""
    running = waiting = attention = done = known = 0
    points = 0.0
    newest, last_finish = None, None
    with open_read_only(path, base_url, _BUSY_TIMEOUT_SECONDS) as db:
        rows = db.execute(_COUNT, (db.origin,)).fetchall() if db else []
    for status, missing, number, with_progress, progress, fetched_at, finish in rows:
        if missing or status in ATTENTION:
            attention += number
        elif status in DONE:
            done += number
        else:
            points += progress
            known += with_progress
            if status in RUNNING:
                running += number
                last_finish = finish
            else:
                waiting += number
            if fetched_at is not None:
                newest = max(fetched_at, newest or fetched_at)
    fraction = points / 100.0 / (running + waiting) if known else None
    return JobCounts(running, waiting, attention, done, fraction, newest, last_finish)
