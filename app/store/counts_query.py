"""Counts the jobs of the watch list by status, for a status line that is redrawn every few seconds."""

from pathlib import Path
from typing import NamedTuple

from app.store.opening import open_read_only
from app.store.schema import GROUP_OF_JOB

_BUSY_TIMEOUT_SECONDS = 1.0  # short, since tmux waits for the line

_COUNT = f"""
SELECT count(*) FILTER (WHERE grp = 'running'), count(*) FILTER (WHERE grp = 'waiting'),
       count(*) FILTER (WHERE grp = 'attention'), count(*) FILTER (WHERE grp = 'done'),
       iif(count(progress) FILTER (WHERE unfinished), avg(percent) FILTER (WHERE unfinished) / 100.0, NULL),
       max(fetched_at) FILTER (WHERE unfinished AND fetched_at BETWEEN 0 AND 1e12),
       max(finish) FILTER (WHERE grp = 'running' AND finish BETWEEN 0 AND 1e12)
FROM (
    SELECT *, min(max(coalesce(progress, 0.0), 0.0), 100.0) AS percent, grp IN ('running', 'waiting') AS unfinished
    FROM (
        SELECT progress, fetched_at, finish, {GROUP_OF_JOB} AS grp
        FROM job NOT INDEXED WHERE origin = ? AND watched = 1
    )
)
"""
# Reading the table in its own order is faster than through an index.
# BETWEEN also excludes text that another program wrote in place of a time: SQLite orders text after numbers.


class JobCounts(NamedTuple):
    """The number of jobs in each group of a watch list, and their progress. Times are in seconds since the epoch."""

    running: int = 0
    waiting: int = 0  # including jobs that were never polled
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
    with open_read_only(path, base_url, _BUSY_TIMEOUT_SECONDS) as db:
        return JobCounts(*db.execute(_COUNT, (db.origin,)).fetchone()) if db else JobCounts()
