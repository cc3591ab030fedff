"""The database file: how it is opened, what its tables are, and how an older one is brought up to date."""

import os
import sqlite3
import time
from codecs import getincrementaldecoder
from contextlib import suppress
from pathlib import Path

from app.store.errors import DatabaseDamaged, DatabaseUnavailable
from app.watch.storage import StoreError

VERSION = 2
"""The schema this program writes, kept in the file's `user_version`."""

BUSY_PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""

CHECKED = 2 * 1024 * 1024  # bytes
"""A file up to this size is read whole when it is opened, in some 8 ms; a larger one later, behind the screen."""

_LOOKED_AT = 64 * 1024  # bytes that must be text in a file that is taken for one

_V1 = """
CREATE TABLE origin (
    key      INTEGER PRIMARY KEY,
    base_url TEXT NOT NULL UNIQUE
);
CREATE TABLE revision (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    number INTEGER NOT NULL
);
INSERT INTO revision VALUES (1, 0);
CREATE TABLE job (
    key             INTEGER PRIMARY KEY,
    origin          INTEGER NOT NULL REFERENCES origin (key),
    id              TEXT NOT NULL,
    added_at        REAL NOT NULL,
    watched         INTEGER NOT NULL,
    muted           INTEGER NOT NULL DEFAULT 0,
    user_id         TEXT,
    project_id      TEXT,
    status          TEXT,
    created_at      REAL,
    updated_at      REAL,
    progress        REAL,
    stage           TEXT,
    title           TEXT,
    error_message   TEXT,
    writing_model   TEXT,
    reasoning_model TEXT,
    function_model  TEXT,
    is_byok         INTEGER,
    is_starred      INTEGER,
    fetched_at      REAL,
    failed_at       REAL,
    failure         TEXT,
    misses          INTEGER NOT NULL DEFAULT 0,
    cancel_at       REAL,
    cancel_step     TEXT,
    cancel_detail   TEXT,
    finish          REAL,
    finish_low      REAL,
    finish_high     REAL,
    still_since     REAL,
    revision        INTEGER NOT NULL,
    UNIQUE (origin, id)
);
CREATE INDEX job_by_revision ON job (origin, revision);
CREATE TABLE sample (
    job      INTEGER NOT NULL REFERENCES job (key),
    at       REAL NOT NULL,
    status   TEXT NOT NULL,
    progress REAL,
    stage    TEXT,
    PRIMARY KEY (job, at)
) WITHOUT ROWID;
CREATE TABLE event (
    key    INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL REFERENCES origin (key),
    job    INTEGER REFERENCES job (key),
    at     REAL NOT NULL,
    kind   TEXT NOT NULL,
    text   TEXT NOT NULL,
    before TEXT,
    after  TEXT,
    grp    TEXT
);
CREATE INDEX event_by_job ON event (job, key);
CREATE TABLE lease (
    origin  INTEGER PRIMARY KEY REFERENCES origin (key),
    holder  TEXT,
    sign_in TEXT NOT NULL,
    refused INTEGER NOT NULL,
    expires REAL NOT NULL,
    link    TEXT NOT NULL,
    reason  TEXT NOT NULL,
    until   REAL
);
CREATE TABLE pane (
    id      TEXT PRIMARY KEY,
    origin  INTEGER NOT NULL REFERENCES origin (key),
    sign_in TEXT NOT NULL,
    seen    REAL NOT NULL,
    fast    REAL NOT NULL,
    medium  REAL NOT NULL,
    slow    REAL NOT NULL,
    exact   INTEGER NOT NULL
);
CREATE TABLE preference (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
"""

_AT_FIRST_SIGHT = "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
"""Both at the same moment, since another process may be making the tables."""

_V2 = """
ALTER TABLE job ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
"""

_MIGRATIONS = {0: _V1, 1: _V2}
"""What to run on a file of each older version to reach the next."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for reading and writing, in autocommit mode, making its tables where there are none.

    A small file is read whole, for damage in the middle of it that would show up much later.

    Raises:
        sqlite3.DatabaseError: It cannot be used; `is_damage` tells whether because it is not whole.
        StoreError: A newer program made it, or quite another one.
    """
    connection = sqlite3.connect(path, timeout=BUSY_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        version, tables = connection.execute(_AT_FIRST_SIGHT).fetchone()
        _refuse_theirs(version, tables, path)
        refuse_newer(version, path)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        if version < VERSION:
            prepare(connection)
        elif path.stat().st_size <= CHECKED:
            _check(connection)
    except BaseException as error:
        connection.close()
        refuse_text(path, error)
        raise
    return connection


def read_database(path: Path) -> sqlite3.Connection | None:
    """Open the database for reading alone; None where there is none yet, and nothing is made.

    Raises:
        StoreError: It cannot be read, or a newer program made it, or quite another one.
    """
    try:
        if not path.exists():
            return None
    except OSError as error:  # a folder that may not be entered
        raise DatabaseUnavailable(
            f"The database {path} cannot be read ({error.strerror}); check its permissions or name another file with"
            " --database."
        ) from None
    try:
        try:
            connection, version = _open_to_read(path, "mode=ro")
        except sqlite3.OperationalError:
            # Even a reader makes files beside it. Where that is not allowed and there is none, nobody writes.
            if path.with_name(f"{path.name}-wal").exists() or os.access(path.parent, os.W_OK):
                raise
            connection, version = _open_to_read(path, "immutable=1")
    except sqlite3.DatabaseError as error:
        refuse_text(path, error)
        raise store_error(error, path) from None
    if version == 0:
        connection.close()
        return None
    return connection


def _open_to_read(path: Path, how: str) -> tuple[sqlite3.Connection, int]:
    """A connection that reads alone, and the version of the file."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_PATIENCE, check_same_thread=False
    )
    try:
        # A list is read once, so that pages kept for a second time would only be in the way.
        connection.execute("PRAGMA cache_size = -256")
        version, tables = connection.execute(_AT_FIRST_SIGHT).fetchone()
        _refuse_theirs(version, tables, path)
        refuse_newer(version, path)
    except BaseException:
        connection.close()
        raise
    return connection, version


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """The same as an error for the rest of the program, with one sentence for people."""
    return (DatabaseDamaged if is_damage(error) else DatabaseUnavailable)(explain(error, path))


def explain(error: sqlite3.Error, path: Path) -> str:
    """One sentence for an error of the database, that says what to do.

    Args:
        error: What SQLite said.
        path: The database file.
    """
    text = str(error)
    if path.is_dir():
        return f"{path} is a folder; name a file in it with --database."
    if is_damage(error):
        return (
            f"The database {path} is damaged; open dwtop, which keeps it and takes over what can be read, or name"
            " another file with --database."
        )
    if "full" in text:
        return f"The disk with {path} is full; make room, nothing that was saved is lost."
    if "readonly" in text or "read-only" in text or "unable to open" in text or "permission" in text.lower():
        return f"The database {path} cannot be written; check its permissions or name another file with --database."
    if "locked" in text or "busy" in text:
        return (
            f"The database {path} is held by another program; end that or name another file with --database."
        )
    if "I/O" in text or "protocol" in text:
        return (
            f"The database {path} cannot be used: its disk or file system refuses what SQLite needs ({text}); name a"
            " file on a local disk with --database."
        )
    return f"The database {path} cannot be used ({text}); name another file with --database."


def _use_wal(connection: sqlite3.Connection) -> None:
    """Have writers and readers not wait for each other.

    Where several processes want that at once, SQLite turns all but one away without waiting; we do the waiting.
    """
    give_up = time.monotonic() + BUSY_PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _check(connection: sqlite3.Connection) -> None:
    """Read the whole file once, for damage in the middle of it that would show up much later."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _Damaged(found)


def refuse_text(path: Path, error: BaseException) -> None:
    """Leave alone what somebody wrote, and named as a database by mistake; a damaged one is no text.

    Only where SQLite does not take it for a database: to open and close one would end the locks that this process
    holds on it.

    Raises:
        StoreError: It is a text.
    """
    if getattr(error, "sqlite_errorname", "") != "SQLITE_NOTADB":
        return
    with suppress(OSError, UnicodeDecodeError), path.open("rb") as file:
        beginning = file.read(_LOOKED_AT)
        if b"\0" not in beginning:
            getincrementaldecoder("utf-8")().decode(beginning)  # which may end within a character
            raise _not_ours(path) from None


def _refuse_theirs(version: int, tables: int, path: Path) -> None:
    if tables and not version:
        raise _not_ours(path)


def _not_ours(path: Path) -> StoreError:
    return StoreError(
        f"{path} is no database of dwtop's and is left as it is; name another file with --database."
    )


def refuse_newer(version: int, path: Path) -> None:
    """Leave alone what only a newer program understands.

    Raises:
        StoreError: The version of the file is above ours.
    """
    if version > VERSION:
        raise StoreError(
            f"The database {path} was made by a newer dwtop; update this one, or name another file with --database."
        )


def prepare(connection: sqlite3.Connection) -> None:
    """Bring the file up to date in one transaction; another process may be doing the same."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        while version < VERSION:
            for statement in _MIGRATIONS[version].split(";"):
                connection.execute(statement)
            version += 1
        connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


class _Damaged(sqlite3.DatabaseError):
    """The file can be opened, and is not whole."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether it says that the file is not whole."""
    return isinstance(error, _Damaged) or getattr(error, "sqlite_errorname", "") in (
        "SQLITE_NOTADB",
        "SQLITE_CORRUPT",
        "SQLITE_CORRUPT_INDEX",
        "SQLITE_CORRUPT_SEQUENCE",
        "SQLITE_CORRUPT_VTAB",
    )
