"""Reads the watch list for commands that change nothing. Creates no database."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from app.store import history, jobs
from app.store.opening import open_read_only
from app.watch.history import Sample
from app.watch.watched import Watched

ENGINE = f"SQLite {sqlite3.sqlite_version}"
"""The database engine and its version."""


def read_watch_list(path: Path, base_url: str) -> list[Watched]:
    """The watch list of a base URL, oldest entry first; empty without a database. Raises `StoreError`."""
    with open_read_only(path, base_url) as db:
        return jobs.load(db) if db else []


def read_histories(path: Path, base_url: str, job_ids: Iterable[str]) -> dict[str, list[Sample]]:
    """The histories of jobs by ID, each oldest first; empty without a database. Raises `StoreError`."""
    with open_read_only(path, base_url) as db:
        return {job_id: history.samples_of(db, job_id) if db else [] for job_id in job_ids}
