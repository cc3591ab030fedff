"""What can go wrong with the database."""


class StoreError(Exception):
    """The database cannot be used; the message is one sentence that says what to do."""


class DatabaseDamaged(StoreError):
    """The database is not whole."""


class DatabaseUnavailable(StoreError):
    """The file cannot be opened, read or written where it is; without it, dwtop can work but keep nothing."""
