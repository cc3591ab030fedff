"""A small program for the pane to show: it writes down what reaches it."""

import sys
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static


class EchoApp(App[None]):
    """Shows its size, the last key, what was pasted or clicked, and rings on `b`."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "leave"), ("b", "bell")]
    AUTO_FOCUS = None

    def compose(self) -> ComposeResult:
        yield Static("ready", id="last")
        yield Static("", id="size")

    def tell(self, what: str) -> None:
        self.query_one("#last", Static).update(what)

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#size", Static).update(f"{event.size.width}x{event.size.height}")

    def on_key(self, event: events.Key) -> None:
        self.tell(f"key {event.key}")

    def on_paste(self, event: events.Paste) -> None:
        self.tell(f"pasted {event.text!r}")

    def on_click(self, event: events.Click) -> None:
        self.tell(f"click {event.screen_x},{event.screen_y}")

    def on_app_blur(self) -> None:
        self.tell("blurred")

    def action_leave(self) -> None:
        self.exit(return_code=7, message="good bye")


if __name__ == "__main__":
    app = EchoApp()
    app.run()
    sys.exit(app.return_code)
