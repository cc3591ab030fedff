"""Keys, pastes and clicks that come faster than they are handled: each waits until the one before it is done.

Textual sends input to the widget that has the focus, or is under the pointer, when it arrives. When a script or a
fast hand sends `/`, `f`, `o`, `o` at once, all four arrive before the first has opened the field that the others
are for; and a paste right behind `x` would go to the list instead of to the dialog.
"""

from collections import deque

from textual import events
from textual.app import App
from textual.css.query import NoMatches
from textual.errors import NoWidget
from textual.events import Event
from textual.message import Message
from textual.message_pump import MessagePump

_LOOK_SECONDS = 0.25
"""How often it is seen to that what an input went to is still there, and able to say that it is done."""

_LONGEST_SECONDS = 2.0
"""After so long an input counts as done even where its target still works on it: Ctrl+C must get through."""

_Input = events.Key | events.Paste | events.MouseEvent


class InputDone(Message):
    """Follows an input through the same queues, and so tells when it was handled there.

    It goes twice: behind the input itself, which ends in an action here, and behind what that action set off.
    """

    def __init__(self, number: int, again: bool) -> None:
        super().__init__()
        self.number = number
        self.again = again


class OrderedInputApp(App[str]):
    """An application that hands on an input only when the one before it is done."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[_Input] = deque()
        self._number = 0  # of the input that is under way, or was the last to be
        self._under_way = False

    async def on_event(self, event: Event) -> None:
        """Textual's own entry for events: input waits for its turn here."""
        if not isinstance(event, _Input) or event.is_forwarded:
            await super().on_event(event)
        elif not self._under_way:
            await self._hand_on(event)
        else:
            if (
                self._waiting
                and isinstance(self._waiting[-1], events.MouseMove)
                and isinstance(event, events.MouseMove)
            ):
                self._waiting.pop()  # only where the pointer is now matters
            self._waiting.append(event)

    async def on_input_done(self, message: InputDone) -> None:
        """The input under way was handled; once what it set off is too, the next one may come."""
        if not self.screen_stack:
            return  # the end has begun, and nobody is there for more input
        if not (
            message.again and (self.focused or self.screen).post_message(InputDone(message.number, False))
        ):
            await self._go_on(message.number)

    async def _hand_on(self, event: _Input) -> None:
        if isinstance(event, events.MouseMove | events.MouseScrollUp | events.MouseScrollDown):
            await super().on_event(event)  # opens nothing and moves no focus, and comes in great numbers
            return
        self._number += 1
        self._under_way = True
        number, target = self._number, self._target(event)
        await super().on_event(event)
        if target.post_message(InputDone(number, True)):
            self._look_later(number, target, _LONGEST_SECONDS)
        else:
            await self._go_on(number)

    def _target(self, event: _Input) -> MessagePump:
        if isinstance(event, events.MouseEvent):
            try:
                return self.mouse_captured or self.get_widget_at(event.x, event.y)[0]
            except (NoWidget, NoMatches):
                return self.screen
        return self.focused or self.screen

    def _look_later(self, number: int, target: MessagePump, left: float) -> None:
        async def look() -> None:
            if number != self._number or not self._under_way:
                return
            if left > 0 and target.is_running and target.is_attached:
                self._look_later(number, target, left - _LOOK_SECONDS)
            else:
                await self._go_on(number)

        self.set_timer(_LOOK_SECONDS, look)

    async def _go_on(self, number: int) -> None:
        if number != self._number:
            return  # it was waited for long enough before
        self._under_way = False
        while self._waiting and not self._under_way and self.screen_stack:
            await self._hand_on(self._waiting.popleft())
