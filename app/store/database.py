"""One base URL's part of the database file: a connection that writes, one that reads, and what to do about a bad file."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from app.store import jobs
from app.store.errors import DatabaseDamaged, DatabaseUnavailable
from app.store.recovery import (
    discard_log,
    identity,
    is_whole,
    log_files,
    open_database,
    recreate,
    rescue,
)
from app.store.schema import CHECKED, is_damage, prepare, read_database, store_error
from app.watch.storage import StoreError

_CLOSE_PATIENCE_SECONDS = 0.3

T = TypeVar("T")


class Database:
    """Both connections. Reads may come from any thread; `writer` and `renew` belong to the one that writes.

    Attributes:
        path: The file.
        notice: A sentence for people if the file was damaged, removed or replaced, or if nothing is kept; else empty.
        writer: In autocommit mode; another one after `renew` returned True.
        origin: The number of the base URL in every table.
        damaged: Whether the file was found not to be whole, and has to be rescued.
        generation: How many files there were before this one.
        in_memory: Whether the file cannot be used, and all that is written is lost in the end.
    """

    def __init__(
        self, path: Path, base_url: str, now: Callable[[], float], *, or_in_memory: bool = False
    ) -> None:
        """Open the file, creating it if it is missing.

        Args:
            path: The file.
            base_url: Whose jobs these are.
            now: The wall clock, in seconds since the epoch.
            or_in_memory: Whether to go on with a copy in memory if the file cannot be opened or written.

        Raises:
            StoreError: The file cannot be used.
        """
        self.path = path
        self.notice = ""
        self.damaged = False
        self.generation = 0
        self.in_memory = False
        self._base_url = base_url
        self._now = now
        self._read_lock = threading.Lock()
        try:
            self._connect()
        except DatabaseDamaged:  # in a place that opening alone does not look at
            self.notice = rescue(path, identity(path), now())
            self._connect()
        except DatabaseUnavailable as error:
            if not or_in_memory:
                raise
            self._copy_to_memory()
            self.notice = f"{str(error).rstrip('.')}; until then nothing is kept."

    def read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """What a function reads.

        Raises:
            DatabaseDamaged: It cannot be read, and `damaged` is set.
            StoreError: It cannot be read for another reason.
        """
        try:
            with self._read_lock:
                return read(self._reader)
        except sqlite3.Error as error:
            self.damaged = self.damaged or is_damage(error)
            raise store_error(error, self.path) from None

    def check(self) -> bool:
        """Look through a file that was too large for that when it was opened, at 3 ms a MiB; False if it is damaged."""
        with suppress(OSError):
            if not self.in_memory and self.path.stat().st_size > CHECKED and not is_whole(self.path):
                self.damaged = True
        return not self.damaged

    def needs_renewal(self) -> bool:
        """Whether the file is damaged, or is no longer the one that was opened."""
        return not self.in_memory and (self.damaged or identity(self.path) != self._file)

    def renew(self) -> None:
        """Rescue a damaged file, create a removed one again, or open one that has taken its place; `notice` says so.

        Meanwhile the old connections can be used, and they stay in use if this fails.

        Raises:
            StoreError: That is not possible now.
        """
        found = identity(self.path)
        if found is None:
            recreate(self.path, self.writer)
            notice = f"The database {self.path} was removed while it was open; it was created again with all that was in it."
        elif found != self._file:
            discard_log(self.path, self._log)
            notice = f"The database {self.path} was replaced by another file; the jobs that are watched here were added to that."
        else:
            notice = rescue(self.path, found, self._now())
        self.notice = notice
        self._connect()
        self.damaged = False
        self.generation += 1

    def close_reader(self) -> None:
        """Close what reads; to be called first, since only a connection that may write tidies up when it is the last."""
        if self.in_memory:  # the one connection there is still has to write
            return
        with suppress(sqlite3.Error):
            self._reader.interrupt()
        if self._read_lock.acquire(
            timeout=_CLOSE_PATIENCE_SECONDS
        ):  # a disk that does not answer is not waited for
            self._reader.close()
            self._read_lock.release()

    def close_writer(self) -> None:
        """Close what writes; for the thread that writes."""
        with suppress(sqlite3.Error):
            self.writer.close()

    def _connect(self) -> None:
        """Open the file; the connections there were are closed once there are new ones."""
        writer, notice = open_database(self.path, now=self._now())
        try:
            file = identity(self.path)
            origin = _origin(writer, self._base_url)
            reader = read_database(self.path)
        except (sqlite3.Error, StoreError) as error:
            writer.close()
            raise error if isinstance(error, StoreError) else store_error(error, self.path) from None
        assert reader is not None
        old = [getattr(self, "_reader", None), getattr(self, "writer", None)]
        with self._read_lock:
            self.writer, self._reader, self.origin, self._file = writer, reader, origin, file
        self._log = log_files(self.path)
        for connection in old:
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()
        self.notice = notice or self.notice

    def _copy_to_memory(self) -> None:
        """Work on a copy of what can be read of the file, which is lost in the end."""
        self.in_memory = True
        self.writer = self._reader = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False
        )
        with suppress(StoreError, sqlite3.Error):
            source = read_database(self.path)
            if source is not None:
                source.backup(self.writer)
                source.close()
        prepare(self.writer)
        self.origin = _origin(self.writer, self._base_url)


def _origin(writer: sqlite3.Connection, base_url: str) -> int:
    """The number of a base URL, which only its first use has to wait for other writers to set."""
    known = jobs.origin_key(writer, base_url)
    if known is not None:
        return known
    writer.execute("BEGIN IMMEDIATE")
    try:
        return jobs.make_origin(writer, base_url)
    finally:
        writer.execute("COMMIT")
