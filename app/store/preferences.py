"""Texts that are kept for later runs, by name."""

from app.store.opening import Connection


def get(db: Connection, name: str) -> str | None:
    """The text stored under a name, or None."""
    row = db.execute("SELECT value FROM preference WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else None


def put(db: Connection, name: str, value: str) -> None:
    """Store a text under a name, inside a transaction."""
    db.execute("INSERT OR REPLACE INTO preference (name, value) VALUES (?, ?)", (name, value))
