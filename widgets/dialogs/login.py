"""A token, typed or pasted where nobody can read it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog

_PASTE_GAP_SECONDS = 0.2
"""The longest pause between the characters of a paste."""


@dataclass(frozen=True, slots=True)
class Login:
    """What was given.

    Attributes:
        token: As it was typed or pasted, with whatever surrounds the token itself.
        api_key: Whether it is an API key rather than a bearer token.
        keep: Whether it is to be kept for later runs.
    """

    token: str
    api_key: bool
    keep: bool

    def __repr__(self) -> str:
        return f"Login(token=hidden, api_key={self.api_key}, keep={self.keep})"


class LoginDialog(Dialog[Login | None]):
    """Answers with what was given, or None if nothing was.

    Args:
        problem: Why a text cannot be used as a token, in one sentence, or empty if it can. It gets the text, and
            whether it is an API key.
        reason: Why it is asked for; empty for no reason.
        warning: What would win at the next start over a token that is kept; empty for nothing.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "Input"

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.LOGIN)

    def __init__(
        self,
        problem: Callable[[str, bool], str],
        reason: str = "",
        warning: str = "",
        *,
        ascii: bool = False,
    ) -> None:
        super().__init__(ascii=ascii)
        self._problem = problem
        self._reason, self._warning = reason, warning
        self._api_key = self._keep = False
        self._field = TokenField()
        self._error = Static(markup=False, classes="login-error")
        self._error.display = False
        self._choices = Static(markup=False, classes="login-line")
        self._hint = Static(markup=False, classes="dialog-hint")

    def compose(self) -> ComposeResult:
        """Title, reason, field, choices, warning and keys."""
        with Vertical(id="login-box", classes="dialog-box"):
            yield Static("Sign in", markup=False, classes="dialog-title")
            if self._reason:
                yield Static(Content(self._reason))
            yield self._field
            yield self._error
            yield self._choices
            if self._warning:
                yield Static(Content(self._warning), classes="login-line")
            yield self._hint

    def show_keys(self) -> None:
        """Name the keys beside the choices, and those that sign in and close."""
        self._hint.update(f"{self.key_of('login.accept')} signs in, {self.key_of('login.close')} closes")
        self._tell()

    def action_switch_kind(self) -> None:
        """Take it for an API key, or for a token."""
        self._api_key = not self._api_key
        self._tell()

    def action_switch_keep(self) -> None:
        """Keep it for later runs, or for this one only."""
        self._keep = not self._keep
        self._tell()

    def action_close(self) -> None:
        """Change nothing."""
        self.answer(None)

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if not message.value.strip():
            return
        if problem := self._problem(message.value, self._api_key):
            self._error.update(Content(problem))
            self._error.display = True
            self._field.select_all()  # so that the next paste replaces it: nobody can see what to correct
        else:
            self.answer(Login(message.value, self._api_key, self._keep))

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        message.stop()
        self._error.display = False

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere in the dialog is the token."""
        event.stop()
        self._field.select_all()
        self._field.take(event.text)

    def _tell(self) -> None:
        kind = "API key (x-api-key)" if self._api_key else "token (Bearer)"
        keep = "kept for later runs" if self._keep else "for this run only"
        names = self.key_of("login.kind"), self.key_of("login.keep")
        width = max(map(len, names))
        self._choices.update(Content(f"{names[0]:<{width}}  sent as: {kind}\n{names[1]:<{width}}  {keep}"))


class TokenField(Input):
    """A field whose content cannot be read. It takes a pasted text whole, line ends included.

    From a terminal that does not mark pastes, a line end in a paste comes as Enter. It submits only if no text follows
    at once: a part of a token must not be sent.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.LOGIN_FIELD)

    def __init__(self) -> None:
        super().__init__(password=True, placeholder="paste your token here", compact=True)
        self.cursor_blink = False
        self._submitting: Timer | None = None
        self._pastes_are_marked = False  # as far as is known

    async def action_submit(self) -> None:
        """Submit, unless this is a line end within a paste."""
        if self._pastes_are_marked:
            self._submit()
            return
        self._continue_paste()
        self._submitting = self.set_timer(_PASTE_GAP_SECONDS, self._submit)

    def on_key(self, event: events.Key) -> None:
        """Take what follows Enter at once as the next line of a paste."""
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

    def on_paste(self, event: events.Paste) -> None:
        """Take all of it; Textual's own field takes the first line and drops the rest."""
        event.prevent_default()
        event.stop()
        self.take(event.text)

    def take(self, text: str) -> None:
        """Put a pasted text in place of the selection, or at the cursor."""
        self._pastes_are_marked = True
        self.replace(text.strip(), *self.selection)
