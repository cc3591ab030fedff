"""The two connections to the database file, one for writing and one for reading. Replaces a damaged file."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from app.store.opening import (
    Connection,
    DatabaseDamaged,
    DatabaseUnavailable,
    connect,
    connect_untouched,
    log_files,
    open_file,
    open_read_only,
    store_errors,
)
from app.store.recovery import replace
from app.store.schema import add_origin, migrate, origin_key
from app.watch.history import HistoryLimits
from app.watch.storage import StoreError

_CLOSE_TIMEOUT_SECONDS = 0.3

T = TypeVar("T")

_Identity = tuple[int, int]
"""A file's device and inode: they stay the same when the file is renamed."""


class Database:
    """The two connections to a database file, for one base URL. `read` is safe to call from any thread.

    Attributes:
        repair_notice: A sentence to show once if the file was damaged when it was opened, and was replaced; else "".
        unsaved_notice: A sentence to show if nothing is saved because the file cannot be used; else "".
        writer: The writing connection; a new one after `reopen`.
    """

    def __init__(
        self,
        path: Path | None,
        base_url: str,
        limits: HistoryLimits,
        now: Callable[[], float],
        *,
        or_in_memory: bool,
    ) -> None:
        """Open the file, or with `or_in_memory` a copy in memory if it cannot be written. Raises `StoreError`.

        Without a path, start with an empty database in memory.
        """
        self.path = path or Path(":memory:")
        self.repair_notice = ""
        self.unsaved_notice = ""
        self.damaged = False  # whether a read or write has found damage; the writer then calls `reopen`
        self._base_url = base_url
        self._limits = limits
        self._now = now
        self._read_lock = threading.Lock()
        if path is None:
            self._use_memory()
            return
        try:
            with store_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.repair_notice = self._connect()
        except DatabaseUnavailable as error:
            if not or_in_memory:
                raise
            self._use_memory(copy=True)
            why = str(error)
            self.unsaved_notice = f"Nothing is saved: {why[0].lower()}{why[1:]}"

    def read(self, query: Callable[[Connection], T]) -> T:
        """Call a function with the reading connection. Raises `StoreError`; `DatabaseDamaged` also sets `damaged`."""
        try:
            with store_errors(self.path), self._read_lock:
                return query(self._reader)
        except DatabaseDamaged:
            self.damaged = True
            raise

    def needs_reopening(self) -> bool:
        """Whether the file is damaged, or no longer the one that was opened."""
        in_memory = self._reader is self.writer
        return not in_memory and (self.damaged or _identity(self.path) != self._file)

    def reopen(self) -> str:
        """Replace a damaged file, recreate a removed one, or open the one that took its place.

        Until that succeeds, and if it fails with a `StoreError`, the old connections stay in use. Returns a sentence to
        show.
        """
        old = self.writer, self._reader
        current = _identity(self.path)
        if current is None:
            with suppress(sqlite3.Error):  # completes a file that was moved, not deleted
                self.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        notice = ""
        if current in (None, self._file):
            notice = self._replace(current, self.writer)
        else:
            self._delete_old_log()
        replaced_by_another = (
            f"The database {self.path} was replaced by another file; the jobs watched here were added to it."
        )
        notice = self._connect() or notice or replaced_by_another
        self.damaged = False
        for connection in old:
            with suppress(sqlite3.Error):
                connection.close()
        return notice

    def add_base_url(self) -> None:
        """Add the base URL, if it is new to the file, in its own transaction."""
        if not self.writer.origin:
            self.writer.origin = self._reader.origin = add_origin(self.writer, self._base_url)

    def close(self) -> None:
        """Close both connections, in the writer's thread: the log is removed only if the writing one is closed last."""
        with suppress(sqlite3.Error):
            self._reader.interrupt()
            if self._read_lock.acquire(timeout=_CLOSE_TIMEOUT_SECONDS):
                self._reader.close()
                self._read_lock.release()
        with suppress(sqlite3.Error):
            self.writer.close()

    def _connect(self) -> str:
        """Open both connections; if the file is damaged, replace it first, and return a notice."""
        notice = ""
        identity = _identity(self.path)  # before opening it: another process may replace it in the meantime
        try:
            self._open_both()
        except DatabaseDamaged:
            with store_errors(self.path), closing(connect_untouched(self.path)) as source:
                notice = self._replace(identity, source)
            self._open_both()
        return notice

    def _replace(self, expected: _Identity | None, source: sqlite3.Connection) -> str:
        """Replace the file, and return a notice; "" if another process has already replaced the `expected` file."""
        with store_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _folder_lock(self.path):
                return replace(self.path, source) if _identity(self.path) == expected else ""

    def _open_both(self) -> None:
        with store_errors(self.path):
            with _folder_lock(self.path, fcntl.LOCK_SH):
                writer = connect(self.path)
            try:
                file = _identity(self.path)
                writer.origin = origin_key(writer, self._base_url)
                reader = open_file(self.path, "mode=ro")
                # Whole tables are read rarely, so larger page caches would waste memory.
                writer.execute("PRAGMA cache_size = -256")
                reader.execute("PRAGMA cache_size = -256")
            except BaseException:
                writer.close()
                raise
        self._use(writer, reader)
        self._file = file
        self._logs = {log: _identity(log) for log in log_files(self.path)}

    def _use(self, writer: Connection, reader: Connection) -> None:
        reader.origin = writer.origin
        writer.limits, writer.now = self._limits, self._now
        with self._read_lock:
            self.writer, self._reader = writer, reader

    def _delete_old_log(self) -> None:
        """Delete the log of the replaced file, which SQLite would apply to the new one."""
        with store_errors(self.path), _folder_lock(self.path):
            for log, known in self._logs.items():
                if known is not None and _identity(log) == known:
                    log.unlink(missing_ok=True)

    def _use_memory(self, *, copy: bool = False) -> None:
        """Open a database in memory, which is empty or a copy of what can be read from the file."""
        memory = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, factory=Connection
        )
        if copy:
            with suppress(StoreError, sqlite3.Error), open_read_only(self.path, self._base_url) as source:
                if source:
                    source.backup(memory)
        migrate(memory)
        memory.origin = add_origin(memory, self._base_url)
        self._use(memory, memory)


def _identity(path: Path) -> _Identity | None:
    """The identity of the file at a path; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def _folder_lock(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Keep other processes from replacing the file, or from opening it, if the file system supports locks."""
    folder = -1
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        fcntl.flock(folder, kind)
    try:
        yield
    finally:
        if folder >= 0:
            os.close(folder)
