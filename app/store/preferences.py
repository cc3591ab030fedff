"""Small things to remember from one run to the next, such as how the list was sorted: names with a text each.

Every function takes an open connection, and one that writes is called inside a transaction.
"""

import sqlite3


def preference(connection: sqlite3.Connection, name: str) -> str | None:
    """What is remembered under a name, or None."""
    row = connection.execute("SELECT value FROM preference WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else None


def remember(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Remember a text under a name, in place of what was there."""
    connection.execute(
        "INSERT INTO preference (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
