"""Replaces a damaged or removed database with a new file that holds everything that SQLite can still read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from glob import escape
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from app.store.opening import connect, log_files

_TABLES = {"origin": "key", "job": "key", "event": "key", "preference": "rowid", "sample": "job"}
"""The tables to copy, each with the integer column that orders its rows."""

_MAX_KEY = 2**30
"""No key is higher, unless it is damaged."""


def replace(path: Path, source: sqlite3.Connection) -> str:
    """Rename the file, if there is one, and put a new one in its place; returns a sentence to show.

    `source` is a connection to the old file. Call with the folder locked.
    """
    for unfinished in path.parent.glob(f"{escape(path.name)}.new-*"):  # left by a process that was killed
        rmtree(unfinished, ignore_errors=True)
    with TemporaryDirectory(prefix=f"{path.name}.new-", dir=path.parent) as folder:
        new = Path(folder) / path.name
        jobs = _copy_readable(source, new)
        aside = _set_aside(path) if path.exists() else None
        for log in log_files(path):  # SQLite would apply it to the new file
            log.unlink(missing_ok=True)
        new.replace(path)
    if aside is None:
        return f"The database {path} was removed while it was open; it was created again with all that was in it."
    copied = f"{jobs or 'no'} {'job was' if jobs == 1 else 'jobs were'} copied into a new one."
    return f"The database {path} was damaged; it is kept as {aside.name}, and {copied}"


def _set_aside(path: Path) -> Path:
    """Give the file and its log another name. The old name stays until the new file replaces it."""
    candidates = (path.with_name(f"{path.name}.damaged-{n}") for n in count(1))
    aside = next(candidate for candidate in candidates if not candidate.exists())
    try:
        aside.hardlink_to(path)
    except OSError:  # the file system does not support hard links
        path.rename(aside)
    with suppress(FileNotFoundError):
        log_files(path)[0].rename(log_files(aside)[0])
    return aside


def _copy_readable(source: sqlite3.Connection, new: Path) -> int:
    """Copy the readable rows into a new database; returns the number of watched jobs among them."""
    with closing(connect(new)) as target:
        source.execute("PRAGMA writable_schema = ON")  # so that SQLite skips damaged parts of the schema
        source.text_factory = partial(str, encoding="utf-8", errors="replace")
        target.execute("BEGIN")
        for table, key in _TABLES.items():
            # A file from an older version has fewer columns, and one with a damaged schema may have others.
            info = f"pragma_table_info('{table}')"
            readable = {row[1] for row in _readable_rows(source, info, "cid", "name")}
            names = [name for (name,) in target.execute(f"SELECT name FROM {info}") if name in readable]
            if names:
                columns = ", ".join(names)
                target.executemany(
                    f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({', '.join('?' * len(names))})",
                    (row[1:] for row in _readable_rows(source, f"{table} NOT INDEXED", key, columns)),
                )
        target.execute("DELETE FROM sample WHERE job NOT IN (SELECT key FROM job)")
        target.execute("UPDATE event SET job = NULL WHERE job NOT IN (SELECT key FROM job)")
        target.execute("UPDATE revision SET number = (SELECT coalesce(max(revision), 0) + 1 FROM job)")
        target.execute("COMMIT")
        return int(target.execute("SELECT count(*) FROM job WHERE watched = 1").fetchone()[0])


def _readable_rows(
    source: sqlite3.Connection, table: str, key: str, columns: str
) -> Iterator[tuple[object, ...]]:
    """Yield each row that can be read, beginning with its key; skip damaged pages and rows."""
    query = f"SELECT {key}, {columns} FROM {table} WHERE {key} >= ? ORDER BY {key}"
    start, step = 0, 1.0
    while start <= _MAX_KEY:
        try:
            for row in source.execute(query, (start,)):
                if bytes in map(type, row):  # no column holds bytes, so the row is damaged
                    continue
                if isinstance(row[0], int) and start <= row[0] < _MAX_KEY:
                    start, step = row[0] + 1, 1.0
                yield row
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            start += int(step)  # towards the next page, whose first key is unknown
            step *= 1.1
        else:
            return
