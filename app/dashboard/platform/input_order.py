"""Keeps keys, pastes and clicks in order: each is dispatched only after the previous one has been handled.

Textual 8.2.8 dispatches input to the widget that has the focus, or is under the pointer, when it arrives. When a script or
a fast typist sends `/`, `f`, `o`, `o` at once, all four arrive before the first has opened the field for the others. A
paste right after `x` would go to the list instead of the dialog.
"""

from collections import deque
from functools import partial
from typing import Any

from textual import events
from textual.app import App
from textual.css.query import NoMatches
from textual.errors import NoWidget
from textual.events import Event
from textual.message import Message
from textual.message_pump import MessagePump

from app.dashboard.platform.textual_workarounds import focus_visible_widget

_CHECK_INTERVAL_SECONDS = 0.25
"""How often to check that the target of an input still exists; if it does not, `InputDone` never arrives."""

_INTERRUPT_KEY = "ctrl+c"

_MAX_INTERRUPT_WAIT_SECONDS = 2.0
"""How long Ctrl+C waits for its turn. After that it is dispatched at once, and the other waiting input is dropped."""

_Input = events.Key | events.Paste | events.MouseEvent


class InputDone(Message):
    """Follows an input through the same message queues, so it arrives once the input has been handled.

    It is posted twice: after the input itself, whose handling may run an action, and after the messages of that action.
    """

    def __init__(self, number: int, *, first_pass: bool) -> None:
        super().__init__()
        self.number = number
        self.first_pass = first_pass


class OrderedInputApp(App[str]):
    """An app that dispatches an input only after the previous one has been handled."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._waiting: deque[_Input] = deque()
        self._number = 0  # of the latest input that was dispatched
        self._busy = False

    async def on_event(self, event: Event) -> None:
        """Dispatch an event; input waits for its turn."""
        if not isinstance(event, _Input) or event.is_forwarded:
            await super().on_event(event)
        elif not self._busy:
            await self._dispatch(event)
        else:
            if (
                self._waiting
                and isinstance(self._waiting[-1], events.MouseMove)
                and isinstance(event, events.MouseMove)
            ):
                self._waiting.pop()  # only the latest position of the pointer matters
            self._waiting.append(event)
            if isinstance(event, events.Key) and event.key == _INTERRUPT_KEY:
                self.set_timer(_MAX_INTERRUPT_WAIT_SECONDS, partial(self._interrupt, event))

    async def _interrupt(self, event: events.Key) -> None:
        if event in self._waiting:
            self._waiting.clear()
            await super().on_event(event)

    async def on_input_done(self, message: InputDone) -> None:
        """Dispatch the next input once this one, and the messages it led to, have been handled."""
        if not self.screen_stack:
            return  # the app is closing
        if message.first_pass:
            second = InputDone(message.number, first_pass=False)
            if (self.focused or self.screen).post_message(second):
                return
        await self._dispatch_next(message.number)

    async def _dispatch(self, event: _Input) -> None:
        if isinstance(event, events.MouseMove | events.MouseScrollUp | events.MouseScrollDown):
            await super().on_event(event)  # frequent, and neither opens anything nor moves the focus
            return
        if isinstance(event, events.Key) and self.app_focus and self.focused is None:
            focus_visible_widget(self)  # none is left if the focused one was hidden before another appeared
        self._number += 1
        self._busy = True
        number, target = self._number, self._target(event)
        await super().on_event(event)
        if target.post_message(InputDone(number, first_pass=True)):
            self._check_later(number, target)
        else:
            await self._dispatch_next(number)

    def _target(self, event: _Input) -> MessagePump:
        if isinstance(event, events.MouseEvent):
            try:
                return self.mouse_captured or self.get_widget_at(event.x, event.y)[0]
            except (NoWidget, NoMatches):
                return self.screen
        return self.focused or self.screen

    def _check_later(self, number: int, target: MessagePump) -> None:
        async def check() -> None:
            if number != self._number or not self._busy:
                return
            if target.is_running and target.is_attached:
                self._check_later(number, target)
            else:
                await self._dispatch_next(number)

        self.set_timer(_CHECK_INTERVAL_SECONDS, check)

    async def _dispatch_next(self, number: int) -> None:
        if number != self._number:
            return  # its target went away, and later input has been dispatched since
        self._busy = False
        while self._waiting and not self._busy and self.screen_stack:
            await self._dispatch(self._waiting.popleft())
