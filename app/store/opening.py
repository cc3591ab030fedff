"""Opens the database file, read-write or read-only, and turns failures into one sentence each."""

import errno
import os
import sqlite3
import time
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.schema import VERSION, migrate
from app.watch.storage import StoreError

BUSY_TIMEOUT_SECONDS = 10.0
"""How long to wait for another process that is writing."""

MAX_CHECKED_ON_OPEN_BYTES = 2 * 1024 * 1024
"""A file up to this size is checked for damage when it is opened, which takes about 8 ms; a larger one later."""

_VERSION_AND_TABLES = "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
"""One statement, since another process may be creating the tables."""

_TEXT_CHECK_BYTES = 64 * 1024
"""How much of a file is read to tell whether it is text."""

_DAMAGE_CODES = ("NOTADB", "CORRUPT", "CORRUPT_INDEX", "CORRUPT_SEQUENCE", "CORRUPT_VTAB")

_DAMAGED = (
    "The database {} is damaged; open dwtop, which keeps it and takes over what can be read, or name another file"
    " with --database."
)
_NOT_OURS = "{} is not a dwtop database and is left unchanged; name another file with --database."


class DatabaseDamaged(StoreError):
    """The file is not a complete database."""


class DatabaseUnavailable(StoreError):
    """The file cannot be opened, read or written where it is; dwtop can run without it, but saves nothing."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for reading and writing, in autocommit mode, and create its tables if there are none.

    Call it inside `store_errors`. A small file is checked for damage.

    Raises:
        sqlite3.Error: The file cannot be used.
        StoreError: It belongs to a newer dwtop or to another program.
    """
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        version, tables = connection.execute(_VERSION_AND_TABLES).fetchone()
        refuse_unknown(version, tables, path)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        if version and path.stat().st_size <= MAX_CHECKED_ON_OPEN_BYTES:
            _check(connection, path)
        if version < VERSION:
            migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_read_only(path: Path) -> sqlite3.Connection | None:
    """Open the database read-only; None if it does not exist. Creates nothing.

    Raises:
        DatabaseDamaged: The file is damaged.
        DatabaseUnavailable: It cannot be opened or read.
        StoreError: It belongs to a newer dwtop or to another program.
    """
    with store_errors(path):
        if not path.exists():
            return None
        try:
            connection, version = _open_read_only(path, "mode=ro")
        except sqlite3.OperationalError:
            # A reader normally creates the -wal file. In a read-only folder without one, no other process can be writing.
            if _sidecar(path, "-wal").exists() or os.access(path.parent, os.W_OK):
                raise
            connection, version = _open_read_only(path, "immutable=1")
    if version == 0:
        connection.close()
        return None
    return connection


def is_intact(path: Path) -> bool:
    """Whether the whole file is free of damage; takes 3 ms a MiB. A file that cannot be opened counts as intact."""
    try:
        with closing(connect_untouched(path)) as connection:
            return _passes_check(connection)
    except sqlite3.Error as error:
        return not is_damage(error)


def connect_untouched(path: Path) -> sqlite3.Connection:
    """Open a file for reading in any state, without changing it or its sidecar files."""
    mode = "mode=ro" if _sidecar(path, "-wal").exists() else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)


def why_not_writable(path: Path) -> str:
    """Explain in one sentence why the database cannot be written; "" if it can. Changes nothing.

    Args:
        path: The file, which need not exist.
    """
    try:
        with store_errors(path):
            if path.exists():
                address = f"{path.absolute().as_uri()}?mode=rw"
                with closing(
                    sqlite3.connect(address, uri=True, timeout=1.0, isolation_level=None)
                ) as connection:
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
    """Turn SQLite and operating system errors into a `StoreError` whose one sentence says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
            _refuse_text(path)
        raise store_error(error, path) from None
    except OSError as error:
        raise store_error(error, path) from None


def store_error(error: sqlite3.Error | OSError, path: Path) -> StoreError:
    """The `StoreError` for a SQLite or operating system error."""
    if is_damage(error):
        return DatabaseDamaged(_DAMAGED.format(path))
    if path.is_dir():
        return DatabaseUnavailable(f"{path} is a folder; name a file in it with --database.")
    text = str(error)
    elsewhere = "name another file with --database."
    if "database or disk is full" in text or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
        sentence = f"The disk with {path} is full; make room, nothing that was saved is lost."
    elif isinstance(error, OSError):
        sentence = (
            f"The database {path} cannot be used ({error.strerror}); check its permissions or {elsewhere}"
        )
    elif any(part in text for part in ("readonly", "read-only", "unable to open", "permission")):
        sentence = f"The database {path} cannot be written; check its permissions or {elsewhere}"
    elif "locked" in text or "busy" in text:
        sentence = f"The database {path} is held by another program; end that or {elsewhere}"
    elif "I/O" in text or "protocol" in text:
        sentence = (
            f"The database {path} cannot be used: its disk or file system refuses what SQLite needs ({text}); name a"
            " file on a local disk with --database."
        )
    else:
        sentence = f"The database {path} cannot be used ({text}); {elsewhere}"
    return DatabaseUnavailable(sentence)


def is_damage(error: Exception) -> bool:
    """Whether an error means that the file is damaged."""
    return getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_") in _DAMAGE_CODES


def _open_read_only(path: Path, mode: str) -> tuple[sqlite3.Connection, int]:
    """A read-only connection, and the schema version of the file."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False
    )
    try:
        # The list is read once, so a page cache would only take memory.
        connection.execute("PRAGMA cache_size = -256")
        version, tables = connection.execute(_VERSION_AND_TABLES).fetchone()
        refuse_unknown(version, tables, path)
    except BaseException:
        connection.close()
        raise
    return connection, version


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log, so that writers and readers do not block each other.

    If several processes switch at once, SQLite fails all but one of them without waiting.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


def _passes_check(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if not _passes_check(connection):
        raise DatabaseDamaged(_DAMAGED.format(path))


def refuse_unknown(version: int, tables: int, path: Path) -> None:
    """Refuse a file that another program or a newer dwtop made.

    Args:
        version: Its `user_version`.
        tables: How many tables, indexes and views it has; 0 to skip that check.
        path: The file.

    Raises:
        StoreError: The file is not one that this version can use.
    """
    if tables and not version:
        raise StoreError(_NOT_OURS.format(path))
    if version > VERSION:
        raise StoreError(
            f"The database {path} was made by a newer dwtop; update this one, or name another file with --database."
        )


def _refuse_text(path: Path) -> None:
    """Refuse a text file named by mistake, so that it is not renamed as if it were a damaged database."""
    with suppress(OSError, UnicodeDecodeError), path.open("rb") as file:
        beginning = file.read(_TEXT_CHECK_BYTES)
        if b"\0" not in beginning:
            getincrementaldecoder("utf-8")().decode(
                beginning
            )  # incremental, since the sample may end in the middle of a character
            raise StoreError(_NOT_OURS.format(path)) from None


def _sidecar(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
