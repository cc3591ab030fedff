"""The tables that the soaks print."""

from collections.abc import Iterable


def table_row(values: Iterable[object]) -> str:
    """One line of a table: its names, or the figures of a moment."""
    return "".join(f"{value!s:>14}" for value in values)
