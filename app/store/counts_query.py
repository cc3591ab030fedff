"""Counts the jobs of the watch list by status, for a status line that is redrawn every few seconds.

It creates and changes no file, and imports next to nothing: the statuses are repeated here, since importing
`app.job` would take longer than everything else.
"""

import os
import sqlite3

from app.watch.storage import StoreError

ATTENTION = ("failed", "moderated")
"""The statuses that need attention, as in `app.job`. A job not found twice in a row does, too."""

DONE = ("completed", "cancelled")
"""The other final statuses."""

RUNNING = ("in_progress",)
"""The statuses in which a job runs; in all others it is waiting."""

_BUSY_TIMEOUT_SECONDS = 1.0  # short, since tmux waits for the line

_COUNT = """
SELECT status, misses > 1, count(*), count(progress), total(min(max(progress, 0.0), 100.0)), max(fetched_at), max(finish)
FROM job NOT INDEXED
WHERE origin = (SELECT key FROM origin WHERE base_url = ?) AND watched = 1 GROUP BY 1, 2
"""
# For 10,000 jobs, grouping by two plain columns without an index takes half the time of grouping by a CASE expression.


class JobCounts:
    """The number of jobs in each group of a watch list, and their progress.

    Attributes:
        running: Jobs that run.
        waiting: Jobs that are waiting to run, or were never polled.
        attention: Jobs that need attention.
        done: Jobs that are completed or cancelled.
        fraction: The mean progress of the running and waiting jobs, 0.0 to 1.0; None if it is unknown for all of them.
        fetched_at: When the newest answer about an unfinished job arrived, in seconds since the epoch; None without one.
        finish: When the last running job is expected to finish, likewise; None if that is unknown.
    """

    __slots__ = ("attention", "done", "fetched_at", "finish", "fraction", "running", "waiting")

    def __init__(self) -> None:
        self.running = self.waiting = self.attention = self.done = 0
        self.fraction: float | None = None
        self.fetched_at: float | None = None
        self.finish: float | None = None

    @property
    def jobs(self) -> int:
        """The number of watched jobs."""
        return self.running + self.waiting + self.attention + self.done


def count_jobs(path: str, base_url: str) -> JobCounts | None:
    """Count the jobs of a base URL's watch list.

    Args:
        path: The database file.
        base_url: Whose jobs to count.

    Returns:
        None if there is no database.

    Raises:
        StoreError: It cannot be read, or another program or a newer dwtop made it.
    """
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise StoreError(
            f"The database {path} cannot be read ({getattr(error, 'strerror', error)}); check its permissions or name another file with --database."
        ) from None
    version = 0
    try:
        connection = _open(path)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            return (
                _count(connection, base_url) if version else JobCounts()
            )  # just created, and still without tables
        finally:
            connection.close()
    except sqlite3.Error:
        from pathlib import Path  # imported for errors only: it takes longer than the query

        from app.store.opening import refuse_unknown, store_errors

        with store_errors(Path(path)):
            refuse_unknown(version, 0, Path(path))
            raise


def _open(path: str) -> sqlite3.Connection:
    """Open the database read-only.

    Without a log beside the file no process is writing. `immutable` keeps SQLite from creating one.
    """
    address = "file:" + os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    mode = "mode=ro" if os.path.exists(f"{path}-wal") else "immutable=1"
    return sqlite3.connect(f"{address}?{mode}", uri=True, timeout=_BUSY_TIMEOUT_SECONDS)


def _count(connection: sqlite3.Connection, base_url: str) -> JobCounts:
    counts = JobCounts()
    points, known = 0.0, 0
    for row in connection.execute(_COUNT, (base_url,)):
        status, missing, number, with_progress, progress, fetched_at, finish = row
        if missing or status in ATTENTION:
            counts.attention += number
        elif status in DONE:
            counts.done += number
        else:
            points += progress
            known += with_progress
            if status in RUNNING:
                counts.running += number
                counts.finish = finish
            else:
                counts.waiting += number
            if fetched_at is not None:
                counts.fetched_at = max(fetched_at, counts.fetched_at or fetched_at)
    if known:
        counts.fraction = points / 100.0 / (counts.running + counts.waiting)
    return counts
