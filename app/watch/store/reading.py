"""The watch list for those who only want to read it: nothing is made, nothing is changed."""

import sqlite3
from pathlib import Path

from app.watch.store import jobs
from app.watch.store.errors import StoreError
from app.watch.store.schema import explain, read_database
from app.watch.watched import Watched

ENGINE = f"SQLite {sqlite3.sqlite_version}"
"""What reads and writes the database."""


def read_watch_list(path: Path, base_url: str) -> list[Watched]:
    """A base URL's watch list, in the order in which jobs were added; empty where there is no database.

    Raises:
        StoreError: The database cannot be read.
    """
    connection = read_database(path)
    if connection is None:
        return []
    try:
        origin = jobs.origin_key(connection, base_url)
        return [] if origin is None else jobs.load(connection, origin)
    except sqlite3.Error as error:
        raise StoreError(explain(error, path)) from None
    finally:
        connection.close()
