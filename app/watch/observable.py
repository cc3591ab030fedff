"""A value that notifies its subscribers when it changes."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Observable(Generic[T]):
    """Holds a value and calls its subscribers with each new one."""

    def __init__(self, value: T) -> None:
        self.value = value
        self._listeners: list[Callable[[T], object]] = []

    def set(self, value: T) -> None:
        """Replace the value, and call the subscribers if it differs."""
        if value != self.value:
            self.value = value
            for listener in tuple(self._listeners):
                listener(value)

    def subscribe(self, listener: Callable[[T], object]) -> None:
        """Call a function with each new value, in the thread that sets it."""
        self._listeners.append(listener)
