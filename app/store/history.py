"""What lies behind: the change-only history of each job, and the event log.

Every function takes an open connection, and one that writes is called inside a transaction.
"""

import sqlite3
from collections.abc import Iterable

from app.job import Group
from app.watch.events import Event, EventKind
from app.watch.history import CLOCK_SET_BACK_SECONDS, Sample, add_sample, thin

_AT_A_TIME = 200
"""So many jobs are tidied up in one go, which takes some 10 ms."""

_KINDS, _GROUPS = frozenset(EventKind), frozenset(Group)

_SAMPLE = "at, status, progress, stage"
_EVENT = "event.at, event.kind, event.text, job.id, event.before, event.after, event.grp"


def add_samples(
    connection: sqlite3.Connection, origin: int, samples: Iterable[tuple[str, Sample]], most: int
) -> None:
    """Append to jobs' histories what differs from their last sample; another process may have seen the same.

    Args:
        connection: Inside a transaction.
        origin: The base URL's number.
        samples: Each with its job's ID.
        most: How many samples of a job are kept.
    """
    for job_id, new in samples:
        row = connection.execute(
            "SELECT key FROM job WHERE origin = ? AND id = ?", (origin, job_id)
        ).fetchone()
        if row is None:
            continue
        latest = connection.execute(
            f"SELECT {_SAMPLE} FROM sample WHERE job = ? ORDER BY at DESC LIMIT 1", row
        ).fetchone()
        if latest is not None:
            if latest[1:] == new[1:]:
                continue
            number = connection.execute("SELECT count(*) FROM sample WHERE job = ?", row).fetchone()[0]
            if number >= most or new.at < latest[0] - CLOCK_SET_BACK_SECONDS:
                _rewrite(connection, row[0], add_sample(_samples(connection, row[0]), new, most))
                continue
        # One at the same moment is the same look at the job, by another process.
        connection.execute(
            "INSERT OR REPLACE INTO sample (job, at, status, progress, stage) VALUES (?, ?, ?, ?, ?)",
            (*row, *new),
        )


def discard(connection: sqlite3.Connection, origin: int) -> None:
    """Delete the histories of all jobs."""
    connection.execute("DELETE FROM sample WHERE job IN (SELECT key FROM job WHERE origin = ?)", (origin,))


def samples_of(connection: sqlite3.Connection, origin: int, job_id: str) -> list[Sample]:
    """One job's history, oldest first."""
    row = connection.execute("SELECT key FROM job WHERE origin = ? AND id = ?", (origin, job_id)).fetchone()
    return _samples(connection, row[0]) if row else []


def completed(connection: sqlite3.Connection, origin: int, limit: int) -> list[tuple[list[Sample], str, str]]:
    """The histories of the jobs that completed last, at most `limit`, oldest first, with their two main models."""
    rows = connection.execute(
        "SELECT id, coalesce(writing_model, ''), coalesce(reasoning_model, '') FROM job"
        " WHERE origin = ? AND status = 'completed' ORDER BY updated_at DESC LIMIT ?",
        (origin, limit),
    ).fetchall()
    return [
        (samples_of(connection, origin, job_id), writing, reasoning)
        for job_id, writing, reasoning in rows[::-1]
    ]


def add_events(connection: sqlite3.Connection, origin: int, events: Iterable[Event], most: int) -> None:
    """Append to the event log.

    Args:
        connection: Inside a transaction.
        origin: The base URL's number.
        events: In the order in which they happened.
        most: How many are kept; the oldest go.
    """
    rows = [
        (origin, origin, e.job_id, e.at, e.kind.value, e.text, e.before, e.after, e.group) for e in events
    ]
    if rows:
        connection.executemany(
            "INSERT INTO event (origin, job, at, kind, text, before, after, grp)"
            " VALUES (?, (SELECT key FROM job WHERE origin = ? AND id = ?), ?, ?, ?, ?, ?, ?)",
            rows,
        )
        connection.execute("DELETE FROM event WHERE key <= (SELECT max(key) FROM event) - ?", (most,))


def events_of(connection: sqlite3.Connection, origin: int, job_id: str, limit: int) -> list[Event]:
    """One job's events, newest first, at most `limit`."""
    rows = connection.execute(
        f"SELECT {_EVENT} FROM job JOIN event ON event.job = job.key"
        " WHERE job.origin = ? AND job.id = ? ORDER BY event.key DESC LIMIT ?",
        (origin, job_id, limit),
    )
    return [_event(row) for row in rows]


def latest_events(connection: sqlite3.Connection, origin: int, limit: int) -> list[Event]:
    """The newest events of all jobs, newest first, at most `limit`."""
    rows = connection.execute(
        f"SELECT {_EVENT} FROM event LEFT JOIN job ON job.key = event.job"
        " WHERE event.origin = ? ORDER BY event.key DESC LIMIT ?",
        (origin, limit),
    )
    return [_event(row) for row in rows]


def forget(connection: sqlite3.Connection, before: float, most: int, first: int = 0) -> int | None:
    """Delete of a few hundred jobs what is older than a moment, and what they have too much of.

    Samples go, and events, and jobs removed from the list and done with. The last sample of each watched job
    stays, however old: it says what the job was.

    Args:
        connection: Inside a transaction.
        before: Seconds since the epoch.
        most: How many samples of a job are kept.
        first: The number of the job to begin with.

    Returns:
        The number of the job to go on with; None if this was the last.
    """
    if not first:
        connection.execute("DELETE FROM event WHERE at < ?", (before,))
    keys = connection.execute(
        "SELECT key FROM job WHERE key >= ? ORDER BY key LIMIT ?", (first, _AT_A_TIME)
    ).fetchall()
    if not keys:
        return None
    span = (keys[0][0], keys[-1][0])
    gone = (
        "SELECT key FROM job WHERE key BETWEEN ? AND ? AND watched = 0"
        " AND max(added_at, coalesce(fetched_at, 0)) < ?"
    )
    connection.execute(f"UPDATE event SET job = NULL WHERE job IN ({gone})", (*span, before))
    connection.execute(f"DELETE FROM sample WHERE job IN ({gone})", (*span, before))
    connection.execute(f"DELETE FROM job WHERE key IN ({gone})", (*span, before))
    connection.execute(
        "DELETE FROM sample WHERE job BETWEEN ? AND ? AND at < ?"
        " AND NOT (at = (SELECT max(at) FROM sample AS s WHERE s.job = sample.job)"
        " AND job IN (SELECT key FROM job WHERE watched = 1))",
        (*span, before),
    )
    too_long = connection.execute(
        "SELECT job FROM sample WHERE job BETWEEN ? AND ? GROUP BY job HAVING count(*) > ?", (*span, most)
    ).fetchall()
    for (key,) in too_long:
        _rewrite(connection, key, thin(_samples(connection, key), most))
    return span[1] + 1 if len(keys) == _AT_A_TIME else None


def _samples(connection: sqlite3.Connection, key: int) -> list[Sample]:
    rows = connection.execute(f"SELECT {_SAMPLE} FROM sample WHERE job = ? ORDER BY at", (key,))
    return [Sample(*row) for row in rows]


def _rewrite(connection: sqlite3.Connection, key: int, samples: Iterable[Sample]) -> None:
    connection.execute("DELETE FROM sample WHERE job = ?", (key,))
    connection.executemany(
        "INSERT OR REPLACE INTO sample (job, at, status, progress, stage) VALUES (?, ?, ?, ?, ?)",
        [(key, *one) for one in samples],
    )


def _event(row: tuple[float, str, str, str | None, str | None, str | None, str | None]) -> Event:
    at, kind, text, job_id, before, after, group = row
    known = EventKind(kind) if kind in _KINDS else EventKind.OTHER
    return Event(at, known, text, job_id, before, after, Group(group) if group in _GROUPS else None)
