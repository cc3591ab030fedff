"""What lies behind: the change-only history of each job, and the event log.

Every function takes an open connection, and one that writes is called inside a transaction.
"""

import sqlite3
from collections.abc import Iterable

from app.job import Group
from app.watch.events import Event, EventKind
from app.watch.history import Sample

_EVENT = "event.at, event.kind, event.text, job.id, event.before, event.after, event.grp"


def add_samples(connection: sqlite3.Connection, origin: int, samples: Iterable[tuple[str, Sample]]) -> None:
    """Append to jobs' histories what differs from their last sample; another process may have seen the same."""
    connection.executemany(
        "INSERT OR REPLACE INTO sample (job, at, status, progress, stage)"
        " SELECT key, ?1, ?2, ?3, ?4 FROM job WHERE origin = ?5 AND id = ?6 AND NOT EXISTS ("
        "SELECT 1 FROM (SELECT * FROM sample WHERE sample.job = job.key ORDER BY at DESC LIMIT 1) AS last"
        " WHERE last.status = ?2 AND last.progress IS ?3 AND last.stage IS ?4)",
        [(s.at, s.status, s.progress, s.stage, origin, job_id) for job_id, s in samples],
    )


def samples_of(connection: sqlite3.Connection, origin: int, job_id: str) -> list[Sample]:
    """One job's history, oldest first."""
    rows = connection.execute(
        "SELECT at, sample.status, sample.progress, sample.stage FROM sample JOIN job ON job.key = sample.job"
        " WHERE job.origin = ? AND job.id = ? ORDER BY at",
        (origin, job_id),
    )
    return [Sample(*row) for row in rows]


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


def add_events(connection: sqlite3.Connection, origin: int, events: Iterable[Event]) -> None:
    """Append to the event log."""
    connection.executemany(
        "INSERT INTO event (origin, job, at, kind, text, before, after, grp)"
        " VALUES (?, (SELECT key FROM job WHERE origin = ? AND id = ?), ?, ?, ?, ?, ?, ?)",
        [(origin, origin, e.job_id, e.at, e.kind.value, e.text, e.before, e.after, e.group) for e in events],
    )


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


def forget(connection: sqlite3.Connection, before: float) -> None:
    """Delete what is older than a moment: samples and events, and jobs removed from the list and done with.

    The last sample of each watched job stays, however old: it says what the job was.

    Args:
        connection: Inside a transaction.
        before: Seconds since the epoch.
    """
    connection.execute("DELETE FROM event WHERE at < ?", (before,))
    connection.execute(
        "DELETE FROM sample WHERE at < ? AND NOT (at = (SELECT max(at) FROM sample AS s WHERE s.job = sample.job)"
        " AND job IN (SELECT key FROM job WHERE watched = 1))",
        (before,),
    )
    gone = "SELECT key FROM job WHERE watched = 0 AND max(added_at, coalesce(fetched_at, 0)) < ?"
    connection.execute(f"UPDATE event SET job = NULL WHERE job IN ({gone})", (before,))
    connection.execute(f"DELETE FROM sample WHERE job IN ({gone})", (before,))
    connection.execute(f"DELETE FROM job WHERE key IN ({gone})", (before,))


def _event(row: tuple[float, str, str, str | None, str | None, str | None, str | None]) -> Event:
    at, kind, text, job_id, before, after, group = row
    return Event(at, EventKind(kind), text, job_id, before, after, Group(group) if group else None)
