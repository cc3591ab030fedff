"""One base URL's part of the database file: a connection that writes, one that reads, and a damaged file's rescue."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from app.watch.store import jobs
from app.watch.store.errors import DatabaseDamaged, StoreError
from app.watch.store.rescue import identity, is_whole, open_database, rescue
from app.watch.store.schema import CHECKED, is_damage, read_database, store_error

T = TypeVar("T")


class Database:
    """Both connections. Reads may come from any thread; `writer` and `keep_up` belong to the one that writes.

    Attributes:
        path: The file.
        notice: A sentence for people where the file was out of order; else empty.
        writer: In autocommit mode; another one after `keep_up` has said so.
        origin: The number of the base URL in every table.
        damaged: Whether it was found not to be whole, and has to be rescued.
    """

    def __init__(self, path: Path, base_url: str, now: Callable[[], float]) -> None:
        """Open the file, making it where there is none.

        Args:
            path: The file.
            base_url: Whose jobs these are.
            now: The wall clock, in seconds since the epoch.

        Raises:
            StoreError: The file cannot be used.
        """
        self.path = path
        self.notice = ""
        self.damaged = False
        self._base_url = base_url
        self._now = now
        self._read_lock = threading.Lock()
        try:
            self._connect()
        except DatabaseDamaged:  # in a place that opening alone does not look at
            self.notice = rescue(path, identity(path), now())
            self._connect()

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
            if self.path.stat().st_size > CHECKED and not is_whole(self.path):
                self.damaged = True
        return not self.damaged

    def keep_up(self) -> bool:
        """Rescue the file if it was found damaged, and take the new one where another process has done so.

        Returns:
            Whether there is a new file. Then `notice` tells of it, if it was this process that made it.

        Raises:
            StoreError: That is not possible now.
        """
        replaced = identity(self.path) not in (None, self._file)
        if not (self.damaged or replaced):
            return False
        with self._read_lock:
            self._reader.close()
            self.writer.close()
            self.notice = "" if replaced else rescue(self.path, self._file, self._now())
            self._connect()
            self.damaged = False
        return True

    def close_reader(self) -> None:
        """Close what reads; to be called first, for only a connection that may write tidies up when it is the last."""
        with self._read_lock:
            self._reader.close()

    def close_writer(self) -> None:
        """Close what writes; for the thread that writes."""
        with suppress(sqlite3.Error):
            self.writer.close()

    def _connect(self) -> None:
        self.writer, notice = open_database(self.path, now=self._now())
        self._file = identity(self.path)
        try:
            self.origin = self._begin()
            reader = read_database(self.path)
        except (sqlite3.Error, StoreError) as error:
            self.writer.close()
            raise error if isinstance(error, StoreError) else store_error(error, self.path) from None
        assert reader is not None
        self._reader = reader
        self.notice = notice or self.notice

    def _begin(self) -> int:
        self.writer.execute("BEGIN IMMEDIATE")
        try:
            return jobs.make_origin(self.writer, self._base_url)
        finally:
            self.writer.execute("COMMIT")
