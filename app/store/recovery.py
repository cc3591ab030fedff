"""Replaces a database file that is damaged or was removed.

A damaged file is renamed, never deleted, and what SQLite can still read is copied into a new one. A lock on
the folder keeps other processes from opening the file in the meantime.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.opening import connect, store_errors

Identity = tuple[int, int]
"""A file's device and inode: they stay the same when the file is renamed."""

_TABLES = {"origin": "key", "job": "key", "event": "key", "preference": "rowid", "sample": "job"}
"""The tables to copy, each with the whole number that its rows are sorted by."""

_MAX_KEY = 2**30
"""No key is higher, unless it is damaged."""


def identity(path: Path) -> Identity | None:
    """The identity of the file at a path; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def logs(path: Path) -> tuple[Path, Path]:
    """The files that SQLite keeps beside an open database."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


@contextmanager
def folder_lock(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold a lock on the database's folder, if its file system supports locks."""
    folder = -1
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        fcntl.flock(folder, kind)
    try:
        yield
    finally:
        if folder >= 0:
            os.close(folder)


def replace(path: Path, found: Identity | None, source: sqlite3.Connection, now: float) -> str:
    """Put a new file in place of a damaged or removed one, with what can still be read. Raises `StoreError`.

    `found` is the identity of the damaged file, None if it was removed; `source` is a connection to it. Returns a
    sentence to show; "" if another process has replaced the file in the meantime.
    """
    with store_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (
            folder_lock(path),
            TemporaryDirectory(prefix=f"{path.name}.new-", dir=path.parent) as folder,
        ):
            if identity(path) != found:
                return ""
            new = Path(folder) / path.name
            jobs = _copy_readable(source, new)
            aside = _set_aside(path, now) if found else None
            for log in logs(path):  # SQLite would apply it to the new file
                log.unlink(missing_ok=True)
            new.replace(path)
    if aside is None:
        return f"The database {path} was removed while it was open; it was created again with all that was in it."
    copied = f"{jobs} {'job was' if jobs == 1 else 'jobs were'} copied into"
    copied = copied if jobs else "nothing was readable for"
    return f"The database {path} was damaged; it is kept as {aside.name}, and {copied} a new one."


def _set_aside(path: Path, now: float) -> Path:
    """Give the damaged file and its log another name. The old name stays until the new file replaces it."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    names = (path.with_name(f"{path.name}.damaged-{stamp}{f'-{n}' if n > 1 else ''}") for n in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        aside.hardlink_to(path)
    except OSError:  # the file system does not support hard links
        path.rename(aside)
    for log, renamed in zip(logs(path), logs(aside), strict=True):
        with suppress(FileNotFoundError):
            log.rename(renamed)
    return aside


def _copy_readable(source: sqlite3.Connection, new: Path) -> int:
    """Copy the readable rows into a new database; returns the number of watched jobs among them."""
    with closing(connect(new)) as target:
        source.execute("PRAGMA writable_schema = ON")  # so that SQLite skips what is damaged of the schema
        source.text_factory = partial(str, encoding="utf-8", errors="replace")
        target.execute("BEGIN")
        for table, key in _TABLES.items():
            # A file from an older version has fewer columns, and one with a damaged schema may have others.
            found = {
                name for _, name in _readable_rows(source, f"pragma_table_info('{table}')", "cid", "name")
            }
            names = [row[1] for row in target.execute(f"PRAGMA table_info({table})") if row[1] in found]
            if not names:
                continue
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
    """Yield each row that can be read, beginning with its key; skip damaged pages."""
    query = f"SELECT {key}, {columns} FROM {table} WHERE {key} >= ? ORDER BY {key}"
    start, step = 0, 1.0
    while start <= _MAX_KEY:
        try:
            for row in source.execute(query, (start,)):
                if any(isinstance(value, bytes) for value in row):
                    continue
                if isinstance(row[0], int) and start <= row[0] < _MAX_KEY:
                    start, step = row[0] + 1, 1.0
                yield row
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            start += int(step)  # towards the next page, whose first key is not known
            step *= 1.1
        else:
            return
