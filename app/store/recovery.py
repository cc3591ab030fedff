"""Opening the database file, and replacing one that is damaged or was removed.

A damaged file is renamed, never deleted, and what SQLite still reads of it is copied into a new one. A lock on the
folder keeps processes from opening a file while another one replaces it.
"""

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.errors import DatabaseUnavailable
from app.store.schema import connect, explain, is_damage, store_error
from app.watch.storage import StoreError

_PARTS = ("-wal", "-shm")
_TABLES = {"origin": "key", "job": "key", "event": "key", "preference": "rowid", "sample": "job"}
"""The tables to copy, and the column by which each is read from one end or the other."""


def open_database(path: Path, *, now: float | None = None) -> tuple[sqlite3.Connection, str]:
    """Open the database for reading and writing; create it if it is missing, rescue it if it is damaged.

    Args:
        path: The file; its folder is created too.
        now: Seconds since the epoch, for the name of a damaged file.

    Returns:
        The connection, in autocommit mode, and a sentence for people if the file was damaged.

    Raises:
        StoreError: It cannot be opened or written, or a newer program made it.
    """
    _make_folder(path)
    found = identity(path)
    try:
        try:
            with _folder_lock(path, fcntl.LOCK_SH):
                return connect(path), ""
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        notice = rescue(path, found, time.time() if now is None else now)
        with _folder_lock(path, fcntl.LOCK_SH):
            return connect(path), notice
    except sqlite3.DatabaseError as error:
        raise store_error(error, path) from None
    except OSError as error:
        raise DatabaseUnavailable(
            f"The database {path} cannot be opened ({error.strerror}); name another file with --database."
        ) from None


def identity(path: Path) -> tuple[int, int] | None:
    """What identifies the file under this name while anybody has it open; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_whole(path: Path) -> bool:
    """Read the whole file once, for damage in the middle of it that would show up much later.

    Takes 3 ms a MiB. A file that cannot be opened is not judged.
    """
    try:
        with closing(_open_to_read(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError as error:
        return not is_damage(error)


def rescue(path: Path, damaged: tuple[int, int] | None, now: float) -> str:
    """Set a damaged database aside and put a new one in its place, with what SQLite can still read.

    Args:
        path: The file.
        damaged: Its identity; if the file is another one by now, another process has replaced it.
        now: Seconds since the epoch, for the name that the damaged file gets.

    Returns:
        A sentence for people; empty if another process has replaced the file.

    Raises:
        StoreError: The new file cannot be written, or the damaged one cannot be renamed.
    """
    with _folder_lock(path, fcntl.LOCK_EX):
        if identity(path) != damaged:
            return ""
        with _new_file(path) as fresh:
            jobs = _copy(path, fresh)
            aside = _set_aside(path, now)
            fresh.replace(path)
    taken = (
        f"{jobs} {'job was' if jobs == 1 else 'jobs were'} taken over into"
        if jobs
        else "nothing of it could be read for"
    )
    return f"The database {path} was damaged; it is kept as {aside.name}, and {taken} a new one."


def recreate(path: Path, removed: sqlite3.Connection) -> None:
    """Create a database that was removed while it was open again, from the connection that still reads it.

    Raises:
        StoreError: The new file cannot be written.
    """
    _make_folder(path)
    with _folder_lock(path, fcntl.LOCK_EX):
        if identity(path) is not None:
            return
        with _new_file(path) as fresh:
            with closing(connect(fresh)) as target:
                try:
                    removed.execute(
                        "PRAGMA wal_checkpoint(TRUNCATE)"
                    )  # a file that was moved away is whole, too
                    removed.backup(target)
                except sqlite3.DatabaseError as error:
                    if not is_damage(error):
                        raise
            for part in _PARTS:  # they belong to the removed file, and would be taken for the new one's
                path.with_name(path.name + part).unlink(missing_ok=True)
            fresh.replace(path)


def log_files(path: Path) -> dict[Path, tuple[int, int] | None]:
    """The files that SQLite keeps beside an open database, and what identifies them."""
    return {part: identity(part) for part in (path.with_name(path.name + ending) for ending in _PARTS)}


def discard_log(path: Path, log: dict[Path, tuple[int, int] | None]) -> None:
    """Delete what belongs to the file that was replaced, before SQLite takes it for the log of the new one."""
    with _folder_lock(path, fcntl.LOCK_EX):
        for part, known in log.items():
            if known is not None and identity(part) == known:
                part.unlink(missing_ok=True)


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """A name beside the database for its successor; nothing stays under that name."""
    fresh = path.with_name(f"{path.name}.new-{os.getpid()}")
    try:
        yield fresh
    except OSError as error:
        raise DatabaseUnavailable(
            f"The database {path} cannot be replaced ({error.strerror}); move it away, or name another file with"
            " --database."
        ) from None
    except sqlite3.Error as error:
        raise store_error(error, path) from None
    finally:
        for part in ("", *_PARTS):
            with suppress(OSError):
                fresh.with_name(fresh.name + part).unlink(missing_ok=True)


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DatabaseUnavailable(
            f"Cannot make the folder {path.parent} for the database ({error.strerror}); name another file with --database."
        ) from None


@contextmanager
def _folder_lock(path: Path, kind: int) -> Iterator[None]:
    """Hold a lock on the folder; do without on file systems that have no locks."""
    folder = -1
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        fcntl.flock(folder, kind)
    try:
        yield
    finally:
        if folder >= 0:
            os.close(folder)


def _set_aside(path: Path, now: float) -> Path:
    """Rename the damaged file and its log; its own name stays taken until the new file replaces it."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    names = (path.with_name(f"{path.name}.damaged-{stamp}{f'-{n}' if n > 1 else ''}") for n in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        os.link(path, aside)
    except OSError:  # a file system without links
        path.rename(aside)
    for part in _PARTS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + part).rename(aside.with_name(aside.name + part))
    return aside


def _open_to_read(path: Path) -> sqlite3.Connection:
    """Open for reading, so that not even the files beside it change."""
    mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)


def _copy(path: Path, fresh: Path) -> int:
    """Copy what can be read into a new database; returns how many watched jobs that is."""
    with closing(connect(fresh)) as target, closing(_open_to_read(path)) as source:
        target.execute("BEGIN")
        for table, key in _TABLES.items():
            columns = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
            target.executemany(
                f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(columns))})",
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
    """The rows before the first damaged page, and those behind the last."""
    for direction in ("ASC", "DESC"):
        try:
            for row in source.execute(f"{query} {direction}"):
                if not any(isinstance(value, bytes) for value in row):
                    yield row
        except sqlite3.DatabaseError:
            continue
        return


def try_writing(path: Path) -> str:
    """Try what keeping a watch list takes, without changing anything that is there.

    Args:
        path: The database file, which need not exist.

    Returns:
        Why it cannot be written, in one sentence; empty if it can.
    """
    try:
        if path.exists():
            address = f"{path.absolute().as_uri()}?mode=rw"
            with closing(sqlite3.connect(address, uri=True, timeout=1.0, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        folder = next(folder for folder in path.absolute().parents if folder.exists())
        with TemporaryDirectory(prefix=".dwtop-", dir=folder) as trial:
            connect(Path(trial) / "trial.db").close()
    except sqlite3.Error as error:
        return explain(error, path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"The disk with {path} is full; make room, nothing that was saved is lost."
        return f"The database {path} cannot be written ({error.strerror}); name another file with --database."
    except StoreError as error:
        return str(error)
    return ""
