"""A value that others watch."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Observable(Generic[T]):
    """Holds a value and calls its subscribers with each new one. Used in one thread."""

    def __init__(self, value: T) -> None:
        """Hold a first value; nobody is called for it."""
        self.value = value
        self._listeners: list[Callable[[T], None]] = []

    def set(self, value: T) -> None:
        """Replace the value; subscribers are called if it differs."""
        if value != self.value:
            self.value = value
            for listener in tuple(self._listeners):
                listener(value)

    def subscribe(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Call a function with each new value from now on; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
