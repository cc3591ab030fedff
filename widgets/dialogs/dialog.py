"""The base class of all dialogs: a box with its title and keys in the frame, and a single answer."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult, RenderResult
from textual.color import Color
from textual.containers import Vertical
from textual.content import Content, ContentText
from textual.geometry import Size
from textual.reactive import reactive
from textual.screen import ModalScreen, ScreenResultType
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Button

from widgets import keys
from widgets.bindings import bindings
from widgets.drawing import draws_ascii
from widgets.keys import key_name
from widgets.scrolling import ScrollActions

_FRAMED_SIZE = Size(50, 16)
"""In a pane of at least this size, a dialog has a frame and blank lines."""

_TITLE_MIN_LINES = 4
"""In a pane with fewer lines, a dialog shows neither title nor keys."""

_FRAME_LINES = 4  # two edges and two blank lines
_FRAMELESS_LINES = 2  # the title and the keys
_EDGE_CELLS = 2  # of the frame's lower edge that hold no text


class Dialog(ScrollActions, ModalScreen[ScreenResultType]):
    """A question over the main screen. Subclasses set the content of the box and its keys.

    The screen has the class `-small` while the pane is too small for frames, `-bare` while it is too small for
    anything but the content.
    """

    CSS_PATH = "../../styles/dialogs.tcss"  # read when the first dialog opens, not when the program starts

    BINDINGS = bindings(keys.APP)  # a modal screen hides the bindings of the app

    HEADING: ClassVar[str] = ""
    """The title in the frame, for dialogs whose title never changes."""

    KEYS: ClassVar[Sequence[tuple[str, str]]] = ()
    """The keys in the lower edge of the frame, the most important first: IDs of actions, separated by spaces, and what
    they do."""

    def __init__(self) -> None:
        super().__init__()
        self.content: Sequence[Widget] = ()
        """What is in the box, from top to bottom."""
        self._box = Vertical(classes="dialog-box")
        self.set_heading(self.HEADING)

    def compose(self) -> ComposeResult:
        """Put the content into the box."""
        with self._box:
            yield from self.content

    def keys_shown(self) -> Sequence[tuple[str, str]]:
        """The keys that are shown now, as in `KEYS`."""
        return self.KEYS

    def set_heading(self, heading: str) -> None:
        """Set the title in the upper edge of the frame."""
        self._box.border_title = Content(heading)

    def show_keys(self) -> None:
        """Show the current keys in the lower edge of the frame, as many of them as fit."""
        pairs = [(self.key_of(*actions.split()), does) for actions, does in self.keys_shown()]
        room = self._box.outer_size.width - _EDGE_CELLS
        line = key_pairs(self.app, pairs)
        while len(pairs) > 1 and 0 < room < line.cell_length:
            pairs.pop()
            line = key_pairs(self.app, pairs)
        self._box.border_subtitle = line

    @staticmethod
    def has_frame(size: Size) -> bool:
        """Whether a pane of this size has room for frames and blank lines."""
        return size.width >= _FRAMED_SIZE.width and size.height >= _FRAMED_SIZE.height

    def content_lines(self, size: Size) -> int:
        """The maximum number of lines of content in a pane of this size, at least 1."""
        if self.has_frame(size):
            return size.height - _FRAME_LINES
        return max(size.height - (_FRAMELESS_LINES if size.height >= _TITLE_MIN_LINES else 0), 1)

    def answer(self, result: ScreenResultType | None) -> None:
        """Close with an answer. Only the first one counts, and only while nothing covers the dialog."""
        if self.is_active:
            self.dismiss(result)

    def on_mount(self) -> None:
        """Take the focus at once, since the next key may have arrived already."""
        if self.AUTO_FOCUS and (found := self.query(self.AUTO_FOCUS)):
            self.set_focus(found.first())
        self.show_keys()

    def key_of(self, *actions: str) -> str:
        """The display name of the first key of each action that has one in this dialog, joined with spaces."""
        found: dict[str, str] = {}
        plain = draws_ascii(self)
        for key, active in self.active_bindings.items():
            found.setdefault(active.binding.id or "", key_name(key, plain=plain))
        return " ".join(found[action] for action in actions if action in found)

    def on_screen_resume(self) -> None:
        """Adapt to the current pane, which may have been resized since."""
        self.fit_into(self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        """Adapt to the new size."""
        self.fit_into(event.size)

    def fit_into(self, size: Size) -> None:
        """Adapt the frame, the title and the keys to a pane of this size."""
        self.set_class(not self.has_frame(size), "-small")
        self.set_class(size.height < _TITLE_MIN_LINES, "-bare")
        self.call_after_refresh(self.show_keys)  # for the new width

    def action_close(self) -> None:
        """Close without an answer."""
        self.answer(None)

    def on_paste(self, event: events.Paste) -> None:
        """Keep a paste from reaching the screen behind the dialog."""
        event.stop()


def key_pairs(app: App[Any], pairs: Iterable[tuple[str, str]]) -> Content:
    """Keys and what they do, for the lower edge of a frame; a key may be empty."""
    # The text in a frame cannot use variables of the theme.
    key_style = Style(foreground=Color.parse(app.theme_variables["dw-accent"]), bold=True)
    return Content("   ").join(
        [Content.assemble((key, key_style), f" {does}") if key else Content(does) for key, does in pairs]
    )


class DialogButton(Button, inherit_css=False, inherit_bindings=False):
    """A button of one line. While it is guarded, the mouse neither presses nor focuses it."""

    DEFAULT_CSS = """
    DialogButton { width: auto; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    BINDINGS = bindings(keys.PRESS)

    label = reactive[ContentText](Content(), layout=True)
    """What it does. Textual's own attribute does not adapt the width."""

    def __init__(
        self, label: str, *, guarded: Callable[[], bool] = lambda: False, id: str, classes: str | None = None
    ) -> None:
        super().__init__(label, id=id, classes=classes)
        self.active_effect_duration = 0.0
        self._guarded = guarded
        self._press_began = False

    def render(self) -> RenderResult:
        """The label with two spaces on either side."""
        return Content(f"  {self.label}  ")

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """The width of the label with these spaces."""
        return super().get_content_width(container, viewport) + 2

    def focus_on_click(self) -> bool:
        """Whether a press of the mouse moves the focus here."""
        return not self._guarded()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Note whether the press began while the button was not guarded; the click counts only then."""
        self._press_began = not self._guarded()

    def on_click(self, event: events.Click) -> None:
        """Drop a click that does not count."""
        if self._guarded() or not self._press_began:
            event.stop()
            event.prevent_default()
        self._press_began = False
