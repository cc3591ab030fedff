"""The dialog to sign in: a token is typed or pasted into a field that hides it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from textual import events, on
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog
from widgets.fields import Field

_PASTE_GAP_SECONDS = 0.2
"""The longest pause between two characters of a paste."""


@dataclass(frozen=True, slots=True)
class Login:
    """What the user entered."""

    token: str = field(repr=False)  # as typed or pasted, with anything around the token itself
    api_key: bool  # rather than a bearer token
    keep: bool  # whether to remember it for later runs


class LoginDialog(Dialog[Login | None]):
    """Asks for a token. Returns what was entered, or None to change nothing.

    `problem` is called with the text and whether it is an API key; it returns why that cannot be used, or an empty text.
    """

    AUTO_FOCUS = "Input"
    HEADING = "Sign in"
    KEYS = (("login.accept", "sign in"), ("login.close", "close"))

    BINDINGS = bindings(keys.LOGIN)

    def __init__(self, problem: Callable[[str, bool], str], reason: str = "", warning: str = "") -> None:
        super().__init__()
        self._problem = problem
        self._api_key = self._keep = False
        self._field = TokenField()
        self._error = Static(markup=False, classes="login-error")
        self._error.display = False
        self._choices = Static(markup=False, classes="login-line")
        first = [Static(Content(reason), classes="login-reason")] if reason else []
        last = [Static(Content(warning), classes="login-line login-warning")] if warning else []
        self.content = (*first, self._field, self._error, self._choices, *last)

    def show_keys(self) -> None:
        """Show the keys in the frame and beside the choices."""
        super().show_keys()
        self._show_choices()

    def action_switch_kind(self) -> None:
        """Switch between token and API key."""
        self._api_key = not self._api_key
        self._show_choices()

    def action_switch_keep(self) -> None:
        """Switch whether to remember it for later runs."""
        self._keep = not self._keep
        self._show_choices()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if not message.value.strip():
            return
        if problem := self._problem(message.value, self._api_key):
            self._error.update(Content(problem))
            self._error.display = True
            self._field.select_all()  # so that the next paste replaces it, since hidden text cannot be corrected
        else:
            self.answer(Login(message.value, self._api_key, self._keep))

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        message.stop()
        self._error.display = False

    def on_paste(self, event: events.Paste) -> None:
        """Use a paste anywhere in the dialog as the token."""
        event.stop()
        self._field.select_all()
        self._field.paste(event.text)

    def _show_choices(self) -> None:
        keys = self.key_of("login.kind"), self.key_of("login.keep")
        width = max(map(len, keys))
        token, api_key = (" ", "x") if self._api_key else ("x", " ")
        self._choices.update(
            Content.assemble(
                (f"{keys[0]:<{width}}", "bold $dw-accent"),
                f"  ({token}) token  ({api_key}) API key\n",
                (f"{keys[1]:<{width}}", "bold $dw-accent"),
                f"  [{'x' if self._keep else ' '}] remember it on this machine",
            )
        )


class TokenField(Field):
    """A field that hides its content and accepts a paste of several lines.

    A terminal without bracketed paste sends a line break in a paste as Enter. Enter submits only if no text follows
    immediately, so that no part of a token is sent.
    """

    BINDINGS = bindings(keys.LOGIN_FIELD)

    def __init__(self) -> None:
        super().__init__(password=True, placeholder="paste your token here", compact=True)
        self._submitting: Timer | None = None
        self._pastes_are_marked = False  # unknown until the first paste event

    async def action_submit(self) -> None:
        """Submit, unless this is a line break within a paste."""
        if self._pastes_are_marked:
            self._submit()
            return
        self._continue_paste()
        self._submitting = self.set_timer(_PASTE_GAP_SECONDS, self._submit)

    def on_key(self, event: events.Key) -> None:
        """Treat text that immediately follows Enter as the next line of a paste."""
        if event.is_printable:
            self._continue_paste()

    def _continue_paste(self) -> None:
        if self._submitting:
            self._submitting.stop()
            self._submitting = None
            self.insert_text_at_cursor("\n")

    def _submit(self) -> None:
        self._submitting = None
        self.post_message(self.Submitted(self, self.value))

    def paste(self, text: str) -> None:
        """Insert all lines as they are, in place of the selection."""
        self._pastes_are_marked = True
        self.replace(text.strip(), *self.selection)
