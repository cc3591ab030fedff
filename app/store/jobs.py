"""The job table: the watch list, and the last known state of each job.

Call the functions that write inside a transaction. A job removed from the list keeps its row and its history: the
removal can be undone, and forecasts learn from the job.
"""

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from app.job import Job
from app.store.opening import Connection, open_read_only
from app.store.schema import FLAG, GROUP_OF_JOB, INTEGER, REAL, SHARED_TEXT, TEXT, Column, read_cells
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched

_COLUMN_OF: dict[Any, Column] = {
    str: SHARED_TEXT,
    str | None: SHARED_TEXT,
    float: REAL,
    float | None: REAL,
    bool | None: FLAG,
}
"""The column for a field of `Job`, by the field's type."""

_JOB_COLUMNS = {field.name: _COLUMN_OF[field.type] for field in fields(Job)[1:]}  # without `id`
_JOB_COLUMNS |= {"title": TEXT, "error_message": TEXT}
"""The columns named like the fields of `Job` that they hold, in the order of its constructor."""

_REQUIRED = sum(field.default is MISSING for field in fields(Job)) - 1
"""How many of these columns, counted from the first, are never NULL once a job has been fetched."""

_STATE_COLUMNS = {
    "fetched_at": REAL,
    "failed_at": REAL,
    "failure": TEXT,
    "misses": INTEGER,
    "cancel_at": REAL,
    "cancel_step": TEXT,
    "cancel_detail": TEXT,
    "finish": REAL,
    "finish_low": REAL,
    "finish_high": REAL,
    "still_since": REAL,
}

_SAVED_COLUMNS = _STATE_COLUMNS | _JOB_COLUMNS
_ENTRY_COLUMNS = {"id": TEXT, "added_at": REAL, "muted": INTEGER, "followed": INTEGER} | _SAVED_COLUMNS
_COLUMNS, _CELLS = ", ".join(_ENTRY_COLUMNS), tuple(_ENTRY_COLUMNS.values())
_SAVE = (
    f"UPDATE job SET {', '.join(f'{column} = ?' for column in _SAVED_COLUMNS)}, revision = ?"
    " WHERE origin = ? AND id = ?"
)

_job_values = attrgetter(*_JOB_COLUMNS)

_ADDED_AT_STEP_SECONDS = 1e-6  # four times the resolution of a float at today's timestamps

_KNOWN_STEPS = frozenset(CancelStep)  # a newer dwtop may write others


def data_version(db: Connection) -> int:
    """A number that changes with each commit through another connection, by this process or another."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def load(db: Connection, limit: int | None = None) -> list[Watched]:
    """The watch list, or at most `limit` entries by status, in the order in which jobs were added."""
    # Reading in table order (+ keeps SQLite from using an index) and sorting here is faster.
    query = f"SELECT {_COLUMNS} FROM job WHERE +origin = ? AND watched = 1"
    if limit is not None:  # what is done comes last, the other groups in alphabetical order
        query += f" ORDER BY {GROUP_OF_JOB} = 'done', {GROUP_OF_JOB}, added_at, key LIMIT {limit}"
    return _in_order(db.execute(query, (db.origin,)))


def read_watch_list(path: Path, base_url: str) -> list[Watched]:
    """The watch list in a file that is left unchanged, oldest entry first; empty without one. Raises `StoreError`."""
    with open_read_only(path, base_url) as db:
        return load(db) if db else []


def changed_since(db: Connection, revision: int) -> tuple[int, list[Watched], list[str]]:
    """Changes after a revision: the newest revision, the changed entries, and the IDs of removed jobs."""
    # Read first, so that the next call finds what is committed from now on.
    (newest,) = db.execute("SELECT coalesce(max(number), 0) FROM revision").fetchone()
    since = "FROM job WHERE origin = ? AND revision > ? AND watched ="
    changed = db.execute(f"SELECT {_COLUMNS} {since} 1", (db.origin, revision))
    removed = db.execute(f"SELECT id {since} 0", (db.origin, revision))
    return newest, _in_order(changed), [row[0] for row in removed]


def add(db: Connection, job_ids: Sequence[str], *, followed: bool = False) -> list[Watched]:
    """Put jobs on the watch list; returns the new entries. A job that was on it before keeps its last known state.

    Their times are a microsecond apart, which keeps their order. With `followed`, skips jobs that the user removed.
    """
    at = db.now()
    rows = [
        db.execute(
            "INSERT INTO job (origin, id, added_at, watched, followed, revision) VALUES (?, ?, ?, 1, ?, ?)"
            " ON CONFLICT (origin, id) DO UPDATE SET watched = 1, added_at = excluded.added_at, removed = 0,"
            " followed = excluded.followed, revision = excluded.revision"
            f" WHERE watched = 0 AND (removed = 0 OR NOT excluded.followed) RETURNING {_COLUMNS}",
            (db.origin, job_id, at + position * _ADDED_AT_STEP_SECONDS, followed, _revision(db)),
        ).fetchone()
        for position, job_id in enumerate(job_ids)
    ]
    return [entry for row in rows if row and (entry := _entry(row))]


def track(db: Connection, job_ids: Iterable[str]) -> None:
    """Create rows for jobs that are not on the watch list, so that answers about them are kept."""
    db.executemany(
        "INSERT INTO job (origin, id, added_at, watched, revision) VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
        [(db.origin, job_id, db.now(), _revision(db)) for job_id in job_ids],
    )


def remove(db: Connection, job_ids: Iterable[str]) -> list[str]:
    """Take jobs off the watch list; returns the IDs of those that were on it."""
    return [
        job_id
        for job_id in job_ids
        if db.execute(
            "UPDATE job SET watched = 0, removed = 1, revision = ? WHERE origin = ? AND id = ? AND watched = 1 RETURNING id",
            (_revision(db), db.origin, job_id),
        ).fetchone()
    ]


def restore(db: Connection, entries: Iterable[Watched]) -> None:
    """Put removed entries back where they were, even if their rows have been pruned since."""
    for entry in entries:
        db.execute(
            "INSERT INTO job (origin, id, added_at, watched, muted, revision) VALUES (?, ?, ?, 1, ?, ?)"
            " ON CONFLICT DO UPDATE SET watched = 1, removed = 0, added_at = excluded.added_at,"
            " revision = excluded.revision",
            (db.origin, entry.id, entry.added_at, entry.muted, _revision(db)),
        )
        save(db, entry)


def set_muted(db: Connection, job_id: str, *, muted: bool) -> None:
    """Mute or unmute a job."""
    db.execute(
        "UPDATE job SET muted = ?, revision = ? WHERE origin = ? AND id = ?",
        (muted, _revision(db), db.origin, job_id),
    )


def save(db: Connection, entry: Watched) -> None:
    """Save the state of a job, but not whether it is watched or muted, which only the user changes.

    Keeps what another process has saved and this one has not read yet: a later cancel, and that the job has finished.
    """
    query = f"SELECT {_COLUMNS} FROM job WHERE origin = ? AND id = ?"
    row = db.execute(query, (db.origin, entry.id)).fetchone()
    stored = _entry(row) if row else None
    if stored and stored.finished and not entry.finished:
        entry = entry.merged(stored, db.now())
    elif stored and stored.cancel:
        entry = entry.keeping_cancel(stored, db.now())
    db.execute(_SAVE, (*_values(entry), _revision(db), db.origin, entry.id))


def _revision(db: Connection) -> int:
    """The revision for the rows that this transaction changes; a new one for the first of them."""
    if db.revision is None:
        increment = (  # inserts the row again if it was lost to damage
            "INSERT INTO revision SELECT 1, coalesce(max(revision), 0) + 1 FROM job WHERE origin = ?"
            " ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number"
        )
        db.revision = int(db.execute(increment, (db.origin,)).fetchone()[0])
    return db.revision


def _in_order(rows: Iterable[Sequence[Any]]) -> list[Watched]:
    return sorted(filter(None, map(_entry, rows)), key=attrgetter("added_at"))


def _values(entry: Watched) -> tuple[object, ...]:
    """The values of `_SAVED_COLUMNS`."""
    failure, cancel, outlook = entry.failure, entry.cancel, entry.outlook
    return (
        entry.fetched_at,
        *(failure or (None, None)),
        entry.misses,
        *((cancel.at, cancel.step.value, cancel.detail) if cancel else (None, None, None)),
        *(outlook or (None, None, None, None)),
        *(_job_values(entry.job) if entry.job else (None,) * len(_JOB_COLUMNS)),
    )


def _entry(row: Sequence[Any]) -> Watched | None:
    """Build an entry from the readable cells of a row of `_COLUMNS`; None without an ID or a time."""
    cells = read_cells(row, _CELLS)
    job_id, added_at, muted, followed, fetched_at, failed_at, failure, misses = cells[:8]
    cancel_at, step, detail, finish, low, high, stalled_since, *job = cells[8:]
    if job_id is None or added_at is None:
        return None
    return Watched(
        job_id,
        added_at,
        Job(job_id, *job) if None not in job[:_REQUIRED] else None,
        fetched_at,
        None if failed_at is None else Failure(failed_at, failure or ""),
        misses or 0,
        Cancel(cancel_at, CancelStep(step), detail or "") if cancel_at and step in _KNOWN_STEPS else None,
        muted == 1,
        None if finish is None and stalled_since is None else Outlook(finish, low, high, stalled_since),
        followed == 1,
    )
