"""What the dialogs share: they answer once, keep pastes to themselves, and fit small panes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget

from widgets import keys
from widgets.bindings import bindings
from widgets.keys import key_name

_ROOMY = Size(50, 16)
"""From this size on a dialog has a frame and blank lines; below, every cell counts."""

_LEAST_HEIGHT = 4
"""In fewer lines a dialog has neither title nor hint: what it is about needs them."""


class Dialog(ModalScreen[ScreenResultType]):
    """A question over the screen.

    The class `-small` is set on it while the pane is too small for frames, `-bare` while it is too small for anything
    but the content, `-ascii` where frames have to be ASCII.
    """

    CSS_PATH = (
        "../../styles/dialogs.tcss"  # read when the first dialog opens, not at the start of the program
    )

    def __init__(self, *, ascii: bool = False) -> None:
        super().__init__(classes="-ascii" if ascii else None)
        self._ascii = ascii
        self._answered = False

    @staticmethod
    def roomy(size: Size) -> bool:
        """Whether a pane of this size has room for frames and blank lines."""
        return size.width >= _ROOMY.width and size.height >= _ROOMY.height

    def answer(self, result: ScreenResultType) -> None:
        """Close with an answer. Only the first one counts, and only while nothing lies over the dialog."""
        if not self._answered and self.is_active:
            self._answered = True
            self.dismiss(result)

    def on_mount(self) -> None:
        """Take the focus as soon as there is something to take it: the next key may be here already."""
        if self.AUTO_FOCUS and (found := self.query(self.AUTO_FOCUS)):
            self.set_focus(found.first())
        self.show_keys()

    def show_keys(self) -> None:
        """Name the keys in force where the dialog mentions keys. The focus is set by now."""

    def key_of(self, *actions: str) -> str:
        """The first key of each of these actions, as people write it; nothing for one without a key here.

        Args:
            actions: Their IDs.
        """
        found: dict[str, str] = {}
        for key, active in self.active_bindings.items():
            found.setdefault(active.binding.id or "", key_name(key, plain=self._ascii))
        return " ".join(found[action] for action in actions if action in found)

    def on_screen_resume(self) -> None:
        """Start with the right amount of air."""
        self.fit_into(self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the right amount of air."""
        self.fit_into(event.size)

    def fit_into(self, size: Size) -> None:
        """Fit into a pane of this size."""
        self.set_class(not self.roomy(size), "-small")
        self.set_class(size.height < _LEAST_HEIGHT, "-bare")

    def on_paste(self, event: events.Paste) -> None:
        """Whatever was pasted is not for what lies behind the dialog."""
        event.stop()


class DialogButton(Widget, can_focus=True):
    """A button of one line.

    Args:
        label: What it does.
        deaf: Asked at every press of the mouse; while it says True the mouse neither presses nor focuses.
    """

    DEFAULT_CSS = """
    DialogButton { width: auto; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.PRESS)

    label: reactive[str] = reactive("", layout=True)
    """What it does, in words."""

    @dataclass
    class Pressed(Message):
        """It was pressed, by Enter or the mouse."""

        button: "DialogButton"

        @property
        def control(self) -> "DialogButton":
            """The button."""
            return self.button

    def __init__(
        self,
        label: str,
        *,
        deaf: Callable[[], bool] = lambda: False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(DialogButton.label, label)
        self._deaf = deaf
        self._press_began = False

    def render(self) -> RenderResult:
        """The label with a cell of air at both sides."""
        return Content(f"  {self.label}  ")

    def focus_on_click(self) -> bool:
        """Whether a press of the mouse moves the focus here."""
        return not self._deaf()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click counts only if it began while the button listened."""
        self._press_began = not self._deaf()

    def on_click(self, event: events.Click) -> None:
        """Press."""
        event.stop()
        began, self._press_began = self._press_began, False
        if began and not self._deaf():
            self.action_press()

    def action_press(self) -> None:
        """Press."""
        if not self.disabled:
            self.post_message(self.Pressed(self))
