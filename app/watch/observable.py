"""A value that notifies its subscribers when it changes."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Observable(Generic[T]):
    """Holds a value and calls its subscribers with each new one. Used in one thread."""

    def __init__(self, value: T) -> None:
        """Start with a value, without calling anyone."""
        self.value = value
        self._listeners: list[Callable[[T], object]] = []

    def set(self, value: T) -> None:
        """Replace the value, and call the subscribers if it differs."""
        if value != self.value:
            self.value = value
            for listener in tuple(self._listeners):
                listener(value)

    def subscribe(self, listener: Callable[[T], object]) -> Callable[[], None]:
        """Call a function with each new value; returns a function that unsubscribes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
