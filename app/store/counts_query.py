"""The watch list in five numbers, for a status line that is drawn anew every few seconds.

It reads the database and changes nothing, not even the files beside it, and it imports next to nothing: what
a status may be is written down here once more, since `app.job` takes longer to import than all the rest takes
to run.
"""

import os
import sqlite3

from app.watch.storage import StoreError

ATTENTION = ("failed", "moderated")
"""The statuses that need a look, as `app.job` has it; so does a job not found twice in a row."""

DONE = ("completed", "cancelled")
"""The other final statuses."""

RUNNING = ("in_progress",)
"""The statuses in which a job runs; in all that are left it waits."""

_PATIENCE = 1.0  # seconds; a status line would rather be late than hold up its terminal

_COUNT = """
SELECT status, misses > 1, count(*), count(progress), total(min(max(progress, 0.0), 100.0)), max(fetched_at), max(finish)
FROM job NOT INDEXED
WHERE origin = (SELECT key FROM origin WHERE base_url = ?) AND watched = 1 GROUP BY 1, 2
"""
# By two plain values and without an index, for which nearly every row would be looked up anyway: of 10,000 jobs
# this takes half the time that it takes to group them by what they count as.


class JobCounts:
    """What one look at the database brought.

    Attributes:
        running: How many jobs run.
        waiting: How many wait for their turn, or were never asked for.
        attention: How many need a look.
        done: How many are completed or cancelled.
        fraction: The mean progress of all that run or wait, 0.0 to 1.0; None where nothing is known of any.
        fetched_at: When the newest answer about an unfinished job came, in seconds since the epoch; None for never.
        finish: When the last of those that run is expected to be done, likewise; None where nobody knows.
    """

    __slots__ = ("attention", "done", "fetched_at", "finish", "fraction", "running", "waiting")

    def __init__(self) -> None:
        self.running = self.waiting = self.attention = self.done = 0
        self.fraction: float | None = None
        self.fetched_at: float | None = None
        self.finish: float | None = None

    @property
    def jobs(self) -> int:
        """How many jobs are watched."""
        return self.running + self.waiting + self.attention + self.done


def count_jobs(path: str, base_url: str) -> JobCounts | None:
    """Look at a base URL's watch list.

    Args:
        path: The database file.
        base_url: As the database has it.

    Returns:
        None where there is no database.

    Raises:
        StoreError: It cannot be read, or is of a form that this program does not know.
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
                _look(connection, base_url) if version else JobCounts()
            )  # made a moment ago, and still empty
        finally:
            connection.close()
    except sqlite3.Error:
        from pathlib import Path  # these only here, for they take longer to import than all the rest to run

        from app.store.opening import refuse_unknown, store_errors

        with store_errors(Path(path)):
            refuse_unknown(version, 0, Path(path))
            raise


def _open(path: str) -> sqlite3.Connection:
    """Open it for reading alone.

    Without a log beside the file nobody is writing; then SQLite is told so, for else it would make a log of its own.
    """
    address = "file:" + os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    mode = "mode=ro" if os.path.exists(f"{path}-wal") else "immutable=1"
    return sqlite3.connect(f"{address}?{mode}", uri=True, timeout=_PATIENCE)


def _look(connection: sqlite3.Connection, base_url: str) -> JobCounts:
    found = JobCounts()
    points, known = 0.0, 0
    for row in connection.execute(_COUNT, (base_url,)):
        status, missing, number, with_progress, progress, fetched_at, finish = row
        if missing or status in ATTENTION:
            found.attention += number
        elif status in DONE:
            found.done += number
        else:
            points += progress
            known += with_progress
            if status in RUNNING:
                found.running += number
                found.finish = finish
            else:
                found.waiting += number
            if fetched_at is not None:
                found.fetched_at = max(fetched_at, found.fetched_at or fetched_at)
    if known:
        found.fraction = points / 100.0 / (found.running + found.waiting)
    return found
