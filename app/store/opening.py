"""Opens the database file, and describes each failure in one sentence."""

import errno
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.store.schema import VERSION, migrate, origin_key
from app.watch.storage import StoreError

if TYPE_CHECKING:  # `status --tmux` opens the database without it
    from app.watch.history import HistoryLimits

ENGINE = f"SQLite {sqlite3.sqlite_version}"
"""The database engine and its version."""

BUSY_TIMEOUT_SECONDS = 10.0
"""How long to wait for another process that is writing."""

MAX_CHECKED_BYTES = 2 * 1024 * 1024
"""A file up to this size is checked for damage when it is opened, which takes about 8 ms. In a larger one, damage is
found where it is read."""

_TEXT_CHECK_BYTES = 64 * 1024
"""How much of a file is read to tell whether it is text, which has no zero bytes."""

_PAGE_BYTES = 4096

_DAMAGED = (
    "The database {} is damaged; open dwtop, which keeps it and copies what can be read, or name another file"
    " with --database."
)
_NOT_OURS = "{} is not a dwtop database and is left unchanged; name another file with --database."


class DatabaseDamaged(StoreError):
    """The file is not a complete database."""


class DatabaseUnavailable(StoreError):
    """The file cannot be opened, read or written where it is; dwtop can run without it, but saves nothing."""


class Connection(sqlite3.Connection):
    """A connection to a database file, in autocommit mode, with the values that every query needs."""

    origin = 0  # the base URL's key in every table; 0 matches no row
    revision: int | None = None  # marks the rows that the transaction changes; None before the first
    limits: "HistoryLimits"
    now: Callable[[], float]  # the wall clock, in seconds since the epoch


def open_file(path: Path, mode: str, timeout_seconds: float | None = None) -> Connection:
    """Open a file as it is. `mode` is the query of an SQLite URI, such as `mode=ro`."""
    if path.exists():
        if not path.is_file():  # opening a named pipe would wait for another program
            raise OSError(errno.EINVAL, "it is not a file")
        if not path.stat().st_size and _size_beside(path, "-wal"):
            # SQLite would delete the log of an empty file, although everything may be in the log.
            with path.open("ab") as file:  # appends, so nothing is lost if another process has just done this
                file.write(bytes(_PAGE_BYTES))
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
    )


def connect(path: Path) -> Connection:
    """Open the database for reading and writing, creating missing tables. Call within `store_errors`."""
    connection = open_file(path, "mode=rwc")
    try:
        version = _read_version(connection, path)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        _check_for_damage(connection, path)
        if version < VERSION:
            migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def open_read_only(
    path: Path, base_url: str, timeout_seconds: float | None = None
) -> Iterator[Connection | None]:
    """Open the database read-only; None if it does not exist, or has no tables yet. Raises `StoreError`."""
    with store_errors(path):
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            yield None
            return
        with closing(connect_untouched(path, timeout_seconds)) as connection:
            if not _read_version(connection, path):
                yield None
                return
            connection.origin = origin_key(connection, base_url)
            yield connection


def connect_untouched(path: Path, timeout_seconds: float | None = None) -> Connection:
    """Open a file for reading in any state, changing neither it nor the files beside it.

    If the log and the journal beside the file are empty or missing, no process is writing. SQLite then opens the file as
    `immutable` and does not create them, since the disk may be too full.
    """
    in_use = any(_size_beside(path, suffix) for suffix in ("-wal", "-journal"))
    return open_file(path, "mode=ro" if in_use else "immutable=1", timeout_seconds)


def log_files(path: Path) -> tuple[Path, Path]:
    """The log that SQLite keeps beside an open database, and the log's index."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def why_not_writable(path: Path) -> str:
    """Why the database cannot be written, in one sentence; "" if it can. Changes nothing."""
    from tempfile import TemporaryDirectory  # imported here because `status --tmux` does without it

    try:
        with store_errors(path):
            if path.exists():
                with closing(open_file(path, "mode=rw", timeout_seconds=1.0)) as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute("ROLLBACK")
            folder = next(folder for folder in path.absolute().parents if folder.exists())
            with TemporaryDirectory(prefix=".dwtop-", dir=folder) as trial:
                connect(Path(trial) / path.name).close()
    except StoreError as error:
        return str(error)
    return ""


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the operating system into a `StoreError` that says what to do."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise store_error(error, path) from None


def store_error(error: sqlite3.Error | OSError | UnicodeDecodeError, path: Path) -> StoreError:
    """The `StoreError` for an error of SQLite or the operating system."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_NOTADB" and _is_text(path):
        return StoreError(_NOT_OURS.format(path))
    if is_damage(error):
        return DatabaseDamaged(_DAMAGED.format(path))
    with suppress(OSError):  # the name may be too long
        if path.is_dir():
            return DatabaseUnavailable(f"The database {path} is a folder; name a file in it with --database.")
    text = str(error)
    elsewhere = "name another file with --database."
    no_room = getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT)
    if "database or disk is full" in text or no_room or name == "SQLITE_IOERR_SHMSIZE":  # the log's index
        sentence = f"The disk with {path} is full; make room, nothing that was saved is lost."
    elif "locked" in text or "busy" in text:
        sentence = f"The database {path} is locked by another program; stop it, or {elsewhere}"
    elif "I/O" in text or "protocol" in text:
        sentence = (
            f"The database {path} cannot be used: its disk or file system refuses what SQLite needs ({text}); name a"
            " file on a local disk with --database."
        )
    else:
        why = error.strerror if isinstance(error, OSError) else text
        sentence = f"The database {path} cannot be used ({why}); check its permissions or {elsewhere}"
    return DatabaseUnavailable(sentence)


def is_damage(error: Exception) -> bool:
    """Whether an error means that the file is damaged."""
    if isinstance(error, UnicodeDecodeError) or "Could not decode to UTF-8" in str(error):
        return True  # in a cell, or in SQLite's own message, which quotes the damaged schema
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _size_beside(path: Path, suffix: str) -> int:
    """The size of a file that SQLite keeps beside the database, links resolved; 0 if it is missing."""
    with suppress(FileNotFoundError):
        return Path(f"{path.resolve()}{suffix}").stat().st_size
    return 0


def _read_version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the tables; 0 if there are none. Refuses a file from another program or a newer dwtop."""
    version, tables = connection.execute(  # one statement, since another process may be creating the tables
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if tables and version < 1:
        raise StoreError(_NOT_OURS.format(path))
    if version > VERSION:
        raise StoreError(
            f"The database {path} was made by a newer dwtop; update this one, or name another file with --database."
        )
    return int(version)


def _check_for_damage(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `DatabaseDamaged` if the file is damaged; a large one is not checked."""
    small = path.stat().st_size <= MAX_CHECKED_BYTES
    if small and connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise DatabaseDamaged(_DAMAGED.format(path))


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log, so that writers and readers do not block each other.

    If several processes switch at once, SQLite lets one succeed and fails the others without waiting.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _is_text(path: Path) -> bool:
    """Whether the file is text. Unlike a damaged database, it is left alone: it was named by mistake."""
    with suppress(OSError), path.open("rb") as file:
        return b"\0" not in file.read(_TEXT_CHECK_BYTES)
    return False
