"""The tables of the database file, and the migrations from older versions."""

import sqlite3
import sys
from collections.abc import Callable, Sequence
from typing import Any

_MIGRATIONS = (
    """
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
""",
    """
ALTER TABLE job ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
""",
    """
ALTER TABLE pane ADD COLUMN wait_until REAL;
""",
)
"""The statements that migrate a file from each version to the next, starting from an empty file."""

VERSION = len(_MIGRATIONS)
"""The version of the tables that this program writes, stored in the file's `user_version`."""

GROUP_OF_JOB = """
CASE WHEN misses > 1 OR status IN ('failed', 'moderated') THEN 'attention'
     WHEN status IN ('completed', 'cancelled') THEN 'done'
     WHEN status = 'in_progress' THEN 'running'
     ELSE 'waiting' END"""
"""The group that a job is counted in, as in `app.job`, which takes longer to import than a status line may take."""

Column = tuple[tuple[type, ...], Callable[[Any], object] | None]
"""The types that a column's cells may have, and the function that converts them, for `read_cells`."""

INTEGER: Column = (int,), None
FLAG: Column = (int,), bool
TEXT: Column = (str,), None
SHARED_TEXT: Column = (str,), sys.intern  # saves memory, since many jobs have the same stages and models
REAL: Column = (float, int), None  # `RETURNING` gives whole numbers as `int` even for a REAL column


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate the file to `VERSION` in one transaction, unless another process just has. If this fails, close the connection."""
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for statement in ";".join(_MIGRATIONS[version:]).split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def read_cells(row: Sequence[object], columns: Sequence[Column]) -> list[Any]:
    """The cells of a row, None where the type is wrong: SQLite lets other programs write any type anywhere."""
    return [
        None if cell is None or type(cell) not in types else convert(cell) if convert else cell
        for cell, (types, convert) in zip(row, columns, strict=True)
    ]


def origin_key(connection: sqlite3.Connection, base_url: str) -> int:
    """The key of a base URL in the other tables; 0 if it was never used."""
    row = connection.execute("SELECT key FROM origin WHERE base_url = ?", (base_url,)).fetchone()
    return int(row[0]) if row else 0


def add_origin(connection: sqlite3.Connection, base_url: str) -> int:
    """The key of a base URL, added on its first use. Only adding waits for other writers."""
    if not origin_key(connection, base_url):
        connection.execute("INSERT OR IGNORE INTO origin (base_url) VALUES (?)", (base_url,))
    return origin_key(connection, base_url)
