"""The watch list for those who only want to read it: nothing is made, nothing is changed."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from app.store import history, jobs
from app.store.schema import read_database, store_error
from app.watch.history import Sample
from app.watch.watched import Watched

ENGINE = f"SQLite {sqlite3.sqlite_version}"
"""What reads and writes the database."""


T = TypeVar("T")


def read_watch_list(path: Path, base_url: str) -> list[Watched]:
    """A base URL's watch list, in the order in which jobs were added; empty where there is no database.

    Raises:
        StoreError: The database cannot be read.
    """
    return _read(path, base_url, jobs.load) or []


def read_histories(path: Path, base_url: str, job_ids: Iterable[str]) -> dict[str, list[Sample]]:
    """The histories of these jobs, each oldest first; empty ones where there is no database.

    Raises:
        StoreError: The database cannot be read.
    """
    histories: dict[str, list[Sample]] = {job_id: [] for job_id in job_ids}

    def read(connection: sqlite3.Connection, origin: int) -> None:
        histories.update((job_id, history.samples_of(connection, origin, job_id)) for job_id in histories)

    _read(path, base_url, read)
    return histories


def _read(path: Path, base_url: str, read: Callable[[sqlite3.Connection, int], T]) -> T | None:
    connection = read_database(path)
    if connection is None:
        return None
    try:
        origin = jobs.origin_key(connection, base_url)
        return None if origin is None else read(connection, origin)
    except sqlite3.Error as error:
        raise store_error(error, path) from None
    finally:
        connection.close()
