"""Reads the watch list for commands that change nothing. Creates no database."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from app.store import history, jobs
from app.store.opening import Connection, open_read_only
from app.store.schema import origin_key
from app.watch.history import Sample
from app.watch.watched import Watched

ENGINE = f"SQLite {sqlite3.sqlite_version}"
"""The database engine and its version."""

T = TypeVar("T")


def read_watch_list(path: Path, base_url: str) -> list[Watched]:
    """A base URL's watch list, in the order in which jobs were added; empty without a database. Raises `StoreError`."""
    return _read(path, base_url, jobs.load) or []


def read_histories(path: Path, base_url: str, job_ids: Iterable[str]) -> dict[str, list[Sample]]:
    """The histories of jobs by ID, each oldest first; empty without a database. Raises `StoreError`."""
    ids = list(job_ids)
    found = _read(path, base_url, lambda db: {job_id: history.samples_of(db, job_id) for job_id in ids})
    return found or {job_id: [] for job_id in ids}


def _read(path: Path, base_url: str, read: Callable[[Connection], T]) -> T | None:
    with open_read_only(path) as connection:
        if connection is None:
            return None
        connection.origin = origin_key(connection, base_url)
        return read(connection)
