"""The watch list and what is known of its jobs, as rows.

Every function takes an open connection, and one that writes is called inside a transaction. A job that is
removed from the list keeps its row and its past, so that a removal can be undone, and forecasts can learn.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from app.job import Group, Job, Status, status_facts
from app.text import shared
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched

_COLUMNS = (
    "id, added_at, muted, user_id, project_id, status, created_at, updated_at, progress, stage, title, error_message,"
    " writing_model, reasoning_model, function_model, is_byok, is_starred, fetched_at, failed_at, failure, misses,"
    " cancel_at, cancel_step, cancel_detail, finish, finish_low, finish_high, still_since,"
    " followed"
)
_Row = tuple[  # one row of _COLUMNS
    str,
    float,
    int,
    str | None,
    str | None,
    str | None,
    float | None,
    float | None,
    float | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    int | None,
    int | None,
    float | None,
    float | None,
    str | None,
    int,
    float | None,
    str | None,
    str | None,
    float | None,
    float | None,
    float | None,
    float | None,
    int,
]

_APART = 1e-6  # seconds; four times what a float tells apart in our days

_FIRST = (Group.ATTENTION, Group.RUNNING, Group.WAITING, Group.DONE)

# The place of a job's group among these, as `Watched.group` has it.
_RANK = (
    f"CASE WHEN misses > 1 THEN {_FIRST.index(Group.ATTENTION)} "
    + " ".join(
        f"WHEN status = '{status}' THEN {_FIRST.index(status_facts(status).group)}" for status in Status
    )
    + f" ELSE {_FIRST.index(Group.WAITING)} END"
)

_STEPS = frozenset(CancelStep)

_SAVE = """
UPDATE job SET user_id = ?, project_id = ?, status = ?, created_at = ?, updated_at = ?, progress = ?, stage = ?,
    title = ?, error_message = ?, writing_model = ?, reasoning_model = ?, function_model = ?, is_byok = ?,
    is_starred = ?, fetched_at = ?, failed_at = ?, failure = ?, misses = ?, cancel_at = ?, cancel_step = ?,
    cancel_detail = ?, finish = ?, finish_low = ?, finish_high = ?, still_since = ?, revision = ?
WHERE origin = ? AND id = ?
"""


def origin_key(connection: sqlite3.Connection, base_url: str) -> int | None:
    """The number that stands for a base URL in every other table; None if it was never used."""
    row = connection.execute("SELECT key FROM origin WHERE base_url = ?", (base_url,)).fetchone()
    return int(row[0]) if row else None


def make_origin(connection: sqlite3.Connection, base_url: str) -> int:
    """The number that stands for a base URL, made where there is none."""
    connection.execute("INSERT OR IGNORE INTO origin (base_url) VALUES (?)", (base_url,))
    key = origin_key(connection, base_url)
    assert key is not None
    return key


def next_revision(connection: sqlite3.Connection) -> int:
    """A number higher than that of every row written so far, for the rows that are about to be."""
    row = connection.execute("UPDATE revision SET number = number + 1 RETURNING number").fetchone()
    return int(row[0])


def newest_revision(connection: sqlite3.Connection) -> int:
    """The highest number of a row written so far."""
    return int(connection.execute("SELECT number FROM revision").fetchone()[0])


def load(connection: sqlite3.Connection, origin: int) -> list[Watched]:
    """The whole watch list, in the order in which jobs were added."""
    # In the order of the table (an index would give another one), and sorted here, which takes less than there.
    rows = connection.execute(f"SELECT {_COLUMNS} FROM job WHERE +origin = ? AND watched = 1", (origin,))
    return _in_order(_entry(row) for row in rows)


def load_first(connection: sqlite3.Connection, origin: int, most: int) -> list[Watched]:
    """What comes first when the list is sorted by status, at most so many; in the order in which they were added."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM job WHERE origin = ? AND watched = 1 ORDER BY {_RANK}, added_at, key LIMIT ?",
        (origin, most),
    )
    return _in_order(_entry(row) for row in rows)


def changed_since(
    connection: sqlite3.Connection, origin: int, revision: int
) -> tuple[int, list[Watched], list[str]]:
    """What was written after a revision: the newest revision, entries of the list, and IDs no longer on it."""
    newest = newest_revision(connection)
    if newest == revision:
        return newest, [], []
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM job WHERE origin = ? AND revision > ? AND watched = 1 ORDER BY added_at, key",
        (origin, revision),
    )
    entries = [_entry(row) for row in rows]
    gone = connection.execute(
        "SELECT id FROM job WHERE origin = ? AND revision > ? AND watched = 0", (origin, revision)
    )
    return newest, entries, [row[0] for row in gone]


def find(connection: sqlite3.Connection, origin: int, job_ids: Iterable[str]) -> list[Watched]:
    """The entries of these jobs, in the order given, watched or not; those never seen are left out."""
    found = []
    for job_id in job_ids:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM job WHERE origin = ? AND id = ?",
            (origin, job_id),
        ).fetchone()
        if row:
            found.append(_entry(row))
    return found


def add(connection: sqlite3.Connection, origin: int, job_ids: Sequence[str], now: float) -> list[str]:
    """Put jobs on the watch list; the ones that were not on it. One watched before keeps what is known of it.

    Their times lie a microsecond apart, so that each keeps its place among those added with it.
    """
    revision = next_revision(connection)
    return [
        job_id
        for place, job_id in enumerate(job_ids)
        if connection.execute(
            "INSERT INTO job (origin, id, added_at, watched, revision) VALUES (?, ?, ?, 1, ?)"
            " ON CONFLICT (origin, id) DO UPDATE SET watched = 1, added_at = excluded.added_at,"
            " revision = excluded.revision, followed = 0, removed = 0 WHERE watched = 0 RETURNING id",
            (origin, job_id, now + place * _APART, revision),
        ).fetchone()
    ]


def follow(connection: sqlite3.Connection, origin: int, job_ids: Sequence[str], now: float) -> list[str]:
    """Like `add`, but jobs that a person removed stay off the list, and the others are marked as followed."""
    removed = {
        row[0] for row in connection.execute("SELECT id FROM job WHERE origin = ? AND removed = 1", (origin,))
    }
    added = add(connection, origin, [job_id for job_id in job_ids if job_id not in removed], now)
    connection.executemany(
        "UPDATE job SET followed = 1 WHERE origin = ? AND id = ?", [(origin, job_id) for job_id in added]
    )
    return added


def know(connection: sqlite3.Connection, origin: int, job_ids: Iterable[str], now: float) -> None:
    """Make room for what is heard of these jobs, without putting any of them on the watch list."""
    revision = next_revision(connection)
    connection.executemany(
        "INSERT INTO job (origin, id, added_at, watched, revision) VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
        [(origin, job_id, now, revision) for job_id in job_ids],
    )


def remove(connection: sqlite3.Connection, origin: int, job_ids: Iterable[str]) -> list[str]:
    """Take jobs off the watch list; the ones that were on it."""
    revision = next_revision(connection)
    return [
        job_id
        for job_id in job_ids
        if connection.execute(
            "UPDATE job SET watched = 0, removed = 1, revision = ? WHERE origin = ? AND id = ? AND watched = 1 RETURNING id",
            (revision, origin, job_id),
        ).fetchone()
    ]


def restore(connection: sqlite3.Connection, origin: int, entries: Iterable[Watched]) -> None:
    """Put removed jobs back where they stood, with what was known of them even if that was forgotten since."""
    revision = next_revision(connection)
    forgotten = []
    for entry in entries:
        found = connection.execute(
            "UPDATE job SET watched = 1, removed = 0, added_at = ?, revision = ? WHERE origin = ? AND id = ?",
            (entry.added_at, revision, origin, entry.id),
        )
        if not found.rowcount:
            connection.execute(
                "INSERT INTO job (origin, id, added_at, watched, muted, revision) VALUES (?, ?, ?, 1, ?, ?)",
                (origin, entry.id, entry.added_at, entry.muted, revision),
            )
            forgotten.append(entry)
    if forgotten:
        save(connection, origin, forgotten)


def mute(connection: sqlite3.Connection, origin: int, job_id: str, muted: bool) -> None:
    """Have a job draw no attention, or some again."""
    connection.execute(
        "UPDATE job SET muted = ?, revision = ? WHERE origin = ? AND id = ?",
        (muted, next_revision(connection), origin, job_id),
    )


def save(connection: sqlite3.Connection, origin: int, entries: Iterable[Watched]) -> None:
    """Write what is known of jobs; what a person decides, to watch or to mute one, is left as it is."""
    revision = next_revision(connection)
    connection.executemany(_SAVE, [(*_values(entry), revision, origin, entry.id) for entry in entries])


def _in_order(entries: Iterable[Watched]) -> list[Watched]:
    return sorted(entries, key=lambda entry: entry.added_at)


def _values(entry: Watched) -> tuple[object, ...]:
    job, failure, cancel, outlook = entry.job, entry.failure, entry.cancel, entry.outlook
    known: tuple[object, ...] = (None,) * 14
    if job:
        known = (
            job.user_id,
            job.project_id,
            job.status,
            job.created_at,
            job.updated_at,
            job.progress,
            job.stage,
            job.title,
            job.error_message,
            job.writing_model,
            job.reasoning_model,
            job.function_model,
            job.is_byok,
            job.is_starred,
        )
    return (
        *known,
        entry.fetched_at,
        failure.at if failure else None,
        failure.reason if failure else None,
        entry.misses,
        cancel.at if cancel else None,
        cancel.step.value if cancel else None,
        cancel.detail if cancel else None,
        outlook.finish if outlook else None,
        outlook.low if outlook else None,
        outlook.high if outlook else None,
        outlook.stalled_since if outlook else None,
    )


def _entry(row: _Row) -> Watched:
    (
        job_id,
        added_at,
        muted,
        user_id,
        project_id,
        status,
        created_at,
        updated_at,
        progress,
        stage,
        title,
        error_message,
        writing_model,
        reasoning_model,
        function_model,
        is_byok,
        is_starred,
        fetched_at,
        failed_at,
        failure,
        misses,
        cancel_at,
        cancel_step,
        cancel_detail,
        finish,
        low,
        high,
        still_since,
        followed,
    ) = row
    job = None
    if status is not None:
        job = Job(
            job_id,
            shared(user_id) or "",
            shared(project_id) or "",
            shared(status) or status,
            created_at or 0.0,
            updated_at or 0.0,
            progress,
            shared(stage),
            title,
            error_message,
            shared(writing_model),
            shared(reasoning_model),
            shared(function_model),
            None if is_byok is None else bool(is_byok),
            None if is_starred is None else bool(is_starred),
        )
    return Watched(
        job_id,
        added_at,
        job,
        fetched_at,
        Failure(failed_at, failure or "") if failed_at is not None else None,
        misses,
        None if cancel_at is None else _cancel(cancel_at, cancel_step, cancel_detail),
        bool(muted),
        None if finish is None and still_since is None else Outlook(finish, low, high, still_since),
        bool(followed),
    )


def _cancel(at: float, step: str | None, detail: str | None) -> Cancel | None:
    """A cancel; None for one whose step only a newer version knows."""
    return Cancel(at, CancelStep(step), detail or "") if step in _STEPS else None
