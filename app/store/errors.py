"""What can go wrong with the database."""

from app.watch.storage import StoreError


class DatabaseDamaged(StoreError):
    """The database is not whole."""


class DatabaseUnavailable(StoreError):
    """The file cannot be opened, read or written where it is; without it, dwtop can work but keep nothing."""
