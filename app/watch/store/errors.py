"""What can go wrong with the database."""


class StoreError(Exception):
    """The database cannot be used; the message is one sentence that says what to do."""


class DatabaseDamaged(StoreError):
    """The database is not whole."""
