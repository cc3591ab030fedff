"""Replaces a database file that is damaged or was removed.

A damaged file is renamed, never deleted, and what SQLite can still read of it is copied into a new one. A lock on
the folder keeps other processes from opening the file in the meantime.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.opening import connect, connect_untouched, is_damage, store_errors

Identity = tuple[int, int]
"""A file's device and inode: they stay the same when the file is renamed."""

_SIDECAR_SUFFIXES = ("-wal", "-shm")

_TABLES = {"origin": "key", "job": "key", "event": "key", "preference": "rowid", "sample": "job"}
"""The tables to copy, each with the column to sort by when reading it from either end."""


def identity(path: Path) -> Identity | None:
    """The identity of the file at a path; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def sidecar_files(path: Path) -> dict[Path, Identity | None]:
    """The files that SQLite keeps beside an open database, and their identities."""
    return {
        each: identity(each) for each in (path.with_name(path.name + suffix) for suffix in _SIDECAR_SUFFIXES)
    }


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


def replace_damaged(path: Path, damaged: Identity | None, now: float) -> str:
    """Rename a damaged database and put a new one in its place, with whatever is still readable.

    Args:
        path: The file.
        damaged: Its identity. If the file has another one by now, another process has replaced it.
        now: Seconds since the epoch, for the damaged file's new name.

    Returns:
        A sentence to show; "" if another process has replaced the file.

    Raises:
        StoreError: The new file cannot be written, or the damaged one cannot be renamed.
    """
    with store_errors(path), folder_lock(path):
        if identity(path) != damaged:
            return ""
        with _new_file(path) as new:
            jobs = _copy_readable(path, new)
            aside = _set_aside(path, now)
            new.replace(path)
    copied = (
        f"{jobs} {'job was' if jobs == 1 else 'jobs were'} copied into"
        if jobs
        else "nothing was readable for"
    )
    return f"The database {path} was damaged; it is kept as {aside.name}, and {copied} a new one."


def recreate_removed(path: Path, removed: sqlite3.Connection) -> None:
    """Recreate a database file that was removed while it was open.

    Args:
        path: The file, which does not exist, unless another process has created it by now.
        removed: A connection that was opened before, and still reads the removed file.

    Raises:
        StoreError: The new file cannot be written.
    """
    with store_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with folder_lock(path), _new_file(path) as new:
            if identity(path) is not None:
                return
            with closing(connect(new)) as target:
                try:
                    removed.execute(
                        "PRAGMA wal_checkpoint(TRUNCATE)"
                    )  # so that the file is complete if it was moved, not deleted
                    removed.backup(target)
                except sqlite3.DatabaseError as error:
                    if not is_damage(error):
                        raise
            for each in sidecar_files(path):  # SQLite would apply them to the new file
                each.unlink(missing_ok=True)
            new.replace(path)


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path on the same disk for the new database."""
    with TemporaryDirectory(prefix=f"{path.name}.new-", dir=path.parent) as folder:
        yield Path(folder) / path.name


def _set_aside(path: Path, now: float) -> Path:
    """Give the damaged file and its log another name. The old name stays until the new file replaces it."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    names = (path.with_name(f"{path.name}.damaged-{stamp}{f'-{n}' if n > 1 else ''}") for n in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        aside.hardlink_to(path)
    except OSError:  # the file system does not support hard links
        path.rename(aside)
    for suffix in _SIDECAR_SUFFIXES:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _copy_readable(path: Path, new: Path) -> int:
    """Copy the readable rows into a new database; returns the number of watched jobs among them."""
    with closing(connect(new)) as target, closing(connect_untouched(path)) as source:
        target.execute("BEGIN")
        for table, key in _TABLES.items():
            # A file from an older version has fewer columns.
            listed = _readable_rows(source, f"SELECT name FROM pragma_table_info('{table}') ORDER BY cid")
            columns = list(dict.fromkeys(str(row[0]) for row in listed))
            if not columns:
                continue
            target.executemany(
                f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                _readable_rows(
                    source, f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED ORDER BY {key}"
                ),
            )
        target.execute("DELETE FROM sample WHERE job NOT IN (SELECT key FROM job)")
        target.execute("UPDATE event SET job = NULL WHERE job NOT IN (SELECT key FROM job)")
        target.execute("UPDATE revision SET number = (SELECT coalesce(max(revision), 0) + 1 FROM job)")
        target.execute("COMMIT")
        return int(target.execute("SELECT count(*) FROM job WHERE watched = 1").fetchone()[0])


def _readable_rows(source: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...]]:
    """Yield the rows before the first damaged page, then those after the last, in reverse."""
    for direction in ("ASC", "DESC"):
        try:
            for row in source.execute(f"{query} {direction}"):
                if not any(isinstance(value, bytes) for value in row):
                    yield row
        except sqlite3.DatabaseError:
            continue
        return
