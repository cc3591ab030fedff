"""The history of each job, which holds only changes, and the event log.

Call the functions that write inside a transaction.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.job import Group
from app.store.opening import Connection, open_read_only
from app.store.schema import REAL, TEXT, read_cells
from app.watch.events import Event, EventKind
from app.watch.history import CLOCK_SET_BACK_SECONDS, Sample, add_sample

_KINDS, _GROUPS = frozenset(EventKind), frozenset(Group)

_SAMPLE = "at, status, progress, stage"
_SAMPLE_COLUMNS = (REAL, TEXT, REAL, TEXT)
_EVENT = "event.at, event.kind, event.text, job.id, event.before, event.after, event.grp"
_EVENT_COLUMNS = (REAL, *[TEXT] * 6)


def append_sample(db: Connection, job_id: str, sample: Sample) -> None:
    """Append a sample to a job's history, unless another process has just written the same one."""
    job = _key(db, job_id)
    if job is None:
        return
    latest = db.execute(
        f"SELECT {_SAMPLE} FROM sample WHERE job = ? ORDER BY at DESC LIMIT 1", (job,)
    ).fetchone()
    if latest is not None:
        if latest[1:] == sample[1:]:
            return
        count = db.execute("SELECT count(*) FROM sample WHERE job = ?", (job,)).fetchone()[0]
        if count >= db.limits.samples or sample.at < latest[0] - CLOCK_SET_BACK_SECONDS:
            _rewrite(db, job, add_sample(_samples(db, job), sample, db.limits.samples))
            return
    _insert(db, job, [sample])


def discard_all(db: Connection) -> None:
    """Delete the histories of all jobs."""
    db.execute("DELETE FROM sample WHERE job IN (SELECT key FROM job WHERE origin = ?)", (db.origin,))


def samples_of(db: Connection, job_id: str) -> list[Sample]:
    """A job's history, oldest first."""
    return _samples(db, _key(db, job_id))


def read_histories(path: Path, base_url: str, job_ids: Iterable[str]) -> dict[str, list[Sample]]:
    """The histories of jobs in a file that is left unchanged, oldest first; empty without one. Raises `StoreError`."""
    with open_read_only(path, base_url) as db:
        return {job_id: samples_of(db, job_id) if db else [] for job_id in job_ids}


def completed_histories(db: Connection, limit: int) -> list[tuple[list[Sample], str, str]]:
    """Histories of the latest completed jobs, oldest first, each with its writing and its reasoning model."""
    rows = db.execute(
        "SELECT key, coalesce(writing_model, ''), coalesce(reasoning_model, '') FROM job"
        " WHERE origin = ? AND status = 'completed' ORDER BY updated_at DESC LIMIT ?",
        (db.origin, limit),
    ).fetchall()
    return [(_samples(db, job), writing, reasoning) for job, writing, reasoning in reversed(rows)]


def add_event(db: Connection, event: Event) -> None:
    """Append to the event log, and delete its oldest entries beyond the limit."""
    at, kind, text, job_id, *change = event
    db.execute(
        "INSERT INTO event (origin, job, at, kind, text, before, after, grp) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (db.origin, _key(db, job_id), at, kind, text, *change),
    )
    db.execute("DELETE FROM event WHERE key <= (SELECT max(key) FROM event) - ?", (db.limits.events,))


def latest_events(db: Connection, job_id: str | None = None, limit: int = 200) -> list[Event]:
    """The latest events of one job or of all, newest first."""
    column, value = ("origin", db.origin) if job_id is None else ("job", _key(db, job_id))
    rows = db.execute(
        f"SELECT {_EVENT} FROM event LEFT JOIN job ON job.key = event.job"
        f" WHERE event.{column} = ? ORDER BY event.key DESC LIMIT ?",
        (value, limit),
    )
    return [_event(cells) for row in rows if None not in (cells := read_cells(row, _EVENT_COLUMNS))[:3]]


def prune(db: Connection, before: float) -> None:
    """Delete what is older than `before`, in seconds since the epoch. Takes up to a second for a million samples.

    The last sample of each watched job is kept, however old it is, since it holds the job's final state.
    """
    removed = "SELECT key FROM job WHERE watched = 0 AND max(added_at, coalesce(fetched_at, 0)) < ?"
    db.execute("DELETE FROM event WHERE at < ?", (before,))
    db.execute(f"UPDATE event SET job = NULL WHERE job IN ({removed})", (before,))
    db.execute(f"DELETE FROM sample WHERE job IN ({removed})", (before,))
    db.execute(f"DELETE FROM job WHERE key IN ({removed})", (before,))
    db.execute(
        "DELETE FROM sample WHERE at < ? AND NOT (at = (SELECT max(at) FROM sample AS s WHERE s.job = sample.job)"
        " AND job IN (SELECT key FROM job WHERE watched = 1))",
        (before,),
    )


def _key(db: Connection, job_id: str | None) -> int | None:
    """The key by which samples and events refer to a job; None if it has no row."""
    row = db.execute("SELECT key FROM job WHERE origin = ? AND id = ?", (db.origin, job_id)).fetchone()
    return int(row[0]) if row else None


def _samples(db: Connection, job: int | None) -> list[Sample]:
    rows = db.execute(f"SELECT {_SAMPLE} FROM sample WHERE job = ? ORDER BY at", (job,))
    return [Sample(*cells) for row in rows if None not in (cells := read_cells(row, _SAMPLE_COLUMNS))[:2]]


def _rewrite(db: Connection, job: int, samples: Iterable[Sample]) -> None:
    db.execute("DELETE FROM sample WHERE job = ?", (job,))
    _insert(db, job, samples)


def _insert(db: Connection, job: int, samples: Iterable[Sample]) -> None:
    # Two samples with the same time are of the same answer; another process has written the first.
    db.executemany(
        f"INSERT OR REPLACE INTO sample (job, {_SAMPLE}) VALUES (?, ?, ?, ?, ?)",
        [(job, *sample) for sample in samples],
    )


def _event(cells: Sequence[Any]) -> Event:
    at, kind, text, job_id, before, after, group = cells
    known = EventKind(kind) if kind in _KINDS else EventKind.OTHER
    return Event(at, known, text, job_id, before, after, Group(group) if group in _GROUPS else None)
