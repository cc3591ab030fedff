"""The history of each job, which holds only changes, and the event log.

Every function takes an open connection; those that write are called inside a transaction.
"""

import sqlite3
from collections.abc import Iterable

from app.job import Group
from app.watch.events import Event, EventKind
from app.watch.history import CLOCK_SET_BACK_SECONDS, Sample, add_sample, thin

_PRUNE_BATCH_JOBS = 200  # takes about 10 ms

_KINDS, _GROUPS = frozenset(EventKind), frozenset(Group)

_SAMPLE = "at, status, progress, stage"
_EVENT = "event.at, event.kind, event.text, job.id, event.before, event.after, event.grp"


def add_samples(
    connection: sqlite3.Connection, origin: int, job_id: str, samples: Iterable[Sample], limit: int
) -> None:
    """Append samples to a job's history, skipping those that repeat its last one, which another process may have written.

    Args:
        connection: Inside a transaction.
        origin: The key of the base URL.
        job_id: The job; one without a row is skipped.
        samples: Oldest first.
        limit: How many samples of a job are kept.
    """
    row = connection.execute("SELECT key FROM job WHERE origin = ? AND id = ?", (origin, job_id)).fetchone()
    if row is None:
        return
    for new in samples:
        latest = connection.execute(
            f"SELECT {_SAMPLE} FROM sample WHERE job = ? ORDER BY at DESC LIMIT 1", row
        ).fetchone()
        if latest is not None:
            if latest[1:] == new[1:]:
                continue
            number = connection.execute("SELECT count(*) FROM sample WHERE job = ?", row).fetchone()[0]
            if number >= limit or new.at < latest[0] - CLOCK_SET_BACK_SECONDS:
                _rewrite(connection, row[0], add_sample(_samples(connection, row[0]), new, limit))
                continue
        _insert(connection, row[0], [new])


def discard(connection: sqlite3.Connection, origin: int) -> None:
    """Delete the histories of all jobs."""
    connection.execute("DELETE FROM sample WHERE job IN (SELECT key FROM job WHERE origin = ?)", (origin,))


def samples_of(connection: sqlite3.Connection, origin: int, job_id: str) -> list[Sample]:
    """A job's history, oldest first."""
    row = connection.execute("SELECT key FROM job WHERE origin = ? AND id = ?", (origin, job_id)).fetchone()
    return _samples(connection, row[0]) if row else []


def completed_histories(
    connection: sqlite3.Connection, origin: int, limit: int
) -> list[tuple[list[Sample], str, str]]:
    """Histories of the latest completed jobs, oldest first, each with its writing and reasoning model."""
    rows = connection.execute(
        "SELECT id, coalesce(writing_model, ''), coalesce(reasoning_model, '') FROM job"
        " WHERE origin = ? AND status = 'completed' ORDER BY updated_at DESC LIMIT ?",
        (origin, limit),
    ).fetchall()
    return [
        (samples_of(connection, origin, job_id), writing, reasoning)
        for job_id, writing, reasoning in rows[::-1]
    ]


def add_events(connection: sqlite3.Connection, origin: int, events: Iterable[Event], limit: int) -> None:
    """Append to the event log.

    Args:
        connection: Inside a transaction.
        origin: The key of the base URL.
        events: In the order in which they happened.
        limit: How many events are kept; the oldest are deleted.
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
        connection.execute("DELETE FROM event WHERE key <= (SELECT max(key) FROM event) - ?", (limit,))


def latest_events(connection: sqlite3.Connection, origin: int, job_id: str | None, limit: int) -> list[Event]:
    """The latest events of one job or of all, newest first."""
    where, values = (
        ("event.origin = ?", (origin,))
        if job_id is None
        else ("job.origin = ? AND job.id = ?", (origin, job_id))
    )
    rows = connection.execute(
        f"SELECT {_EVENT} FROM event LEFT JOIN job ON job.key = event.job WHERE {where} ORDER BY event.key DESC LIMIT ?",
        (*values, limit),
    )
    return [_event(row) for row in rows]


def prune(connection: sqlite3.Connection, before: float, limit: int, first: int = 0) -> int | None:
    """Delete old samples, events and removed jobs, and thin histories that are too long, one batch of jobs at a time.

    The last sample of each watched job is kept however old it is, since it holds the job's final state.

    Args:
        connection: Inside a transaction.
        before: Anything older is deleted; seconds since the epoch.
        limit: How many samples of a job are kept.
        first: The key of the first job of the batch; 0 to begin.

    Returns:
        The `first` of the next batch; None after the last.
    """
    if not first:
        connection.execute("DELETE FROM event WHERE at < ?", (before,))
    keys = connection.execute(
        "SELECT key FROM job WHERE key >= ? ORDER BY key LIMIT ?", (first, _PRUNE_BATCH_JOBS)
    ).fetchall()
    if not keys:
        return None
    span = (keys[0][0], keys[-1][0])
    removed = (
        "SELECT key FROM job WHERE key BETWEEN ? AND ? AND watched = 0"
        " AND max(added_at, coalesce(fetched_at, 0)) < ?"
    )
    connection.execute(f"UPDATE event SET job = NULL WHERE job IN ({removed})", (*span, before))
    connection.execute(f"DELETE FROM sample WHERE job IN ({removed})", (*span, before))
    connection.execute(f"DELETE FROM job WHERE key IN ({removed})", (*span, before))
    connection.execute(
        "DELETE FROM sample WHERE job BETWEEN ? AND ? AND at < ?"
        " AND NOT (at = (SELECT max(at) FROM sample AS s WHERE s.job = sample.job)"
        " AND job IN (SELECT key FROM job WHERE watched = 1))",
        (*span, before),
    )
    too_long = connection.execute(
        "SELECT job FROM sample WHERE job BETWEEN ? AND ? GROUP BY job HAVING count(*) > ?", (*span, limit)
    ).fetchall()
    for (key,) in too_long:
        _rewrite(connection, key, thin(_samples(connection, key), limit))
    return span[1] + 1 if len(keys) == _PRUNE_BATCH_JOBS else None


def _samples(connection: sqlite3.Connection, key: int) -> list[Sample]:
    rows = connection.execute(f"SELECT {_SAMPLE} FROM sample WHERE job = ? ORDER BY at", (key,))
    return [Sample(*row) for row in rows]


def _rewrite(connection: sqlite3.Connection, key: int, samples: Iterable[Sample]) -> None:
    connection.execute("DELETE FROM sample WHERE job = ?", (key,))
    _insert(connection, key, samples)


def _insert(connection: sqlite3.Connection, key: int, samples: Iterable[Sample]) -> None:
    # A sample with the same time comes from the same answer, and was written by another process.
    connection.executemany(
        f"INSERT OR REPLACE INTO sample (job, {_SAMPLE}) VALUES (?, ?, ?, ?, ?)",
        [(key, *sample) for sample in samples],
    )


def _event(row: tuple[float, str, str, str | None, str | None, str | None, str | None]) -> Event:
    at, kind, text, job_id, before, after, group = row
    known = EventKind(kind) if kind in _KINDS else EventKind.OTHER
    return Event(at, known, text, job_id, before, after, Group(group) if group in _GROUPS else None)
