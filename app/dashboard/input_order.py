"""Keys that come faster than they are handled, each for whatever has the focus once the one before it is done.

Textual sends a key to the widget that has the focus when the key arrives. When a script or a fast hand sends
`/`, `f`, `o`, `o` at once, all four arrive before the first has opened the field that the others are for.
"""

from collections import deque

from textual import events
from textual.app import App
from textual.events import Event
from textual.message import Message

_PATIENCE = 0.25
"""Seconds after which a key counts as done all the same: what it went to may have gone away meanwhile."""


class KeyDone(Message):
    """Follows a key through the same queues, and so tells when it was handled there.

    It goes twice: behind the key itself, which ends in an action here, and behind what that action set off.
    """

    def __init__(self, number: int, again: bool) -> None:
        super().__init__()
        self.number = number
        self.again = again


class OrderedInputApp(App[str]):
    """An application that hands on a key only when the one before it is done."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Key] = deque()
        self._number = 0  # of the key that is under way, or was the last to be
        self._under_way = False

    async def on_event(self, event: Event) -> None:
        """Textual's own entry for events: keys wait for their turn here."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._under_way:
            self._waiting.append(event)
        else:
            await self._hand_on(event)

    async def on_key_done(self, message: KeyDone) -> None:
        """The key under way was handled; once what it set off is too, the next one may come."""
        if not self.screen_stack:
            return  # the end has begun, and nobody is there for more keys
        if not (message.again and (self.focused or self.screen).post_message(KeyDone(message.number, False))):
            await self._go_on(message.number)

    async def _hand_on(self, event: events.Key) -> None:
        self._number += 1
        self._under_way = True
        number, target = self._number, self.focused or self.screen
        await super().on_event(event)
        if target.post_message(KeyDone(number, True)):
            self.set_timer(_PATIENCE, lambda: self._go_on(number))
        else:
            await self._go_on(number)

    async def _go_on(self, number: int) -> None:
        if not self._under_way or number != self._number:
            return  # it was waited for long enough before
        self._under_way = False
        if self._waiting and self.screen_stack:
            await self._hand_on(self._waiting.popleft())
