"""The cancel dialog: lists the jobs with their current state, and guards against accidental confirmation."""

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.widgets import Input, Static

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.cancel_jobs import OneJob, SeveralJobs
from widgets.dialogs.dialog import Dialog, DialogButton
from widgets.dialogs.model import CancelQuestion
from widgets.fields import Field

GUARD_SECONDS = 0.4
"""How long confirming is blocked after the dialog opens, and after the terminal regains the focus."""

MAX_JOBS_WITHOUT_COUNT = 5
"""To cancel more jobs than this, the user must type the count."""

_MIN_SIZE = Size(40, 8)


class CancelDialog(Dialog[tuple[str, ...]]):
    """Asks whether to cancel jobs. Returns the IDs to cancel; empty if the jobs keep running.

    `Keep running` has the focus. To cancel more than five jobs, the user must type the count. Just after the dialog opens, and
    just after the terminal regains the focus, keys and clicks that confirm are dropped: they were meant for something
    else. When the pane becomes too small, the dialog closes as `Keep running`. The clock is monotonic, in seconds.
    """

    AUTO_FOCUS = "CountField, #cancel-keep"

    BINDINGS = bindings(keys.CANCEL)

    def __init__(self, question: CancelQuestion, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.question = question
        """Its current content."""
        self._clock = clock
        self._guarded_until = clock() + GUARD_SECONDS
        self._single = len(question.lines) == 1
        self._objection = ""  # to the number that was typed
        self._jobs = (OneJob if self._single else SeveralJobs)(question.lines)
        self.set_class(not self._single, "-many")
        self.scrolled = self._jobs
        self._notes = Static(markup=False, id="cancel-notes")
        asks_count = question.number > MAX_JOBS_WITHOUT_COUNT
        self._field = CountField(guarded=self.is_guarded) if asks_count else None
        self._field_label = Static(markup=False, id="cancel-field-label")
        self._keep = DialogButton("Keep running", id="cancel-keep")
        self._send = DialogButton("", guarded=self.is_guarded, id="cancel-send", classes="-dangerous")
        field = [Horizontal(self._field_label, self._field, id="cancel-field")] if self._field else []
        buttons = Horizontal(self._keep, self._send, classes="dialog-buttons")
        self.content = (self._jobs, self._notes, *field, buttons)
        self._show_question()

    @staticmethod
    def fits(size: Size) -> bool:
        """Whether a pane of this size has room for title, count and both buttons: at least 40x8."""
        return size.width >= _MIN_SIZE.width and size.height >= _MIN_SIZE.height

    def update(self, question: CancelQuestion) -> None:
        """Show the current state of the same jobs."""
        if question == self.question:
            return
        if question.number != self.question.number:
            self._objection = ""
        self.question = question
        self._jobs.show(question.lines)
        self._show_question()
        if self.is_mounted:
            self.fit_into(self.app.size)

    def on_mount(self) -> None:
        """Watch for the terminal to regain the focus."""
        self.watch(self.app, "app_focus", self._focus_changed, init=False)

    def keys_shown(self) -> list[tuple[str, str]]:
        """The keys that cancel and that keep the jobs running."""
        them = "it" if self._single else "them"
        keep = ("cancel.keep", f"keep {them} running")
        return [keep] if self._field else [("cancel.send", f"cancel {them}"), keep]

    def on_screen_resume(self) -> None:
        """Drop keys already typed when the dialog opens, or when a dialog above it closes."""
        self._guard()
        self.call_after_refresh(self._guard)

    def fit_into(self, size: Size) -> None:
        """Give the jobs the remaining lines; close as `Keep running` in a pane that is too small."""
        if not self.fits(size):
            self.answer(())
            return
        super().fit_into(size)
        notes = self._note_texts()
        rest = 1 + len(notes) + bool(self._field)
        if self.has_frame(size):
            rest += 1 + bool(notes) + bool(self._field)  # a blank line above each
        self._jobs.set_max_lines(max(self.content_lines(size) - rest, 1))

    @on(DialogButton.Pressed, "#cancel-keep")
    def action_keep(self) -> None:
        """Keep the jobs running."""
        self.answer(())

    def action_send(self) -> None:
        """Cancel the jobs, unless the count must be typed."""
        if not self._field:
            self._confirm()

    def action_step(self, steps: int) -> None:
        """Move the focus to the next or the previous control."""
        if self.is_guarded():
            return
        if steps > 0:
            self.focus_next()
        else:
            self.focus_previous()

    @on(Input.Changed)
    def _number_changed(self) -> None:
        """Remove the message about an earlier number."""
        self._objection = ""
        self._show_question()

    @on(Input.Submitted)
    @on(DialogButton.Pressed, "#cancel-send")
    def _confirm(self) -> None:
        """Cancel the jobs, if the count was typed correctly or need not be typed."""
        count = self.question.number
        if self.is_guarded() or not count:
            return
        if self._field:
            typed = self._field.value
            with self.prevent(Input.Changed):
                self._field.clear()
            self._field.focus()
            if not typed or int(typed) != count:
                why = f"That is not {count}." if typed else "Type the number first."
                self._objection = f"{why} Nothing was cancelled."
                self._show_question()
                return
        self.answer(tuple(line.id for line in self.question.lines if line.cancellable))

    def is_guarded(self) -> bool:
        """Whether keys and clicks that confirm are currently dropped."""
        return self._clock() < self._guarded_until

    def _guard(self) -> None:
        self._guarded_until = self._clock() + GUARD_SECONDS

    def _focus_changed(self, focused: bool) -> None:
        """Guard again when the terminal regains the focus."""
        if not focused:
            return
        self._guard()
        if self.focused is None:
            (self._field or self._keep).focus()

    def _show_question(self) -> None:
        """Show everything that depends on the question; an objection to the typed number is shown in place of its label."""
        count = self.question.number
        jobs = "1 job" if count == 1 else f"{count} jobs"
        heading = "Cancel this job?" if self._single else f"Cancel {jobs}?"
        if self.question.marked:
            heading = f"Cancel {count} of {self.question.marked} marked jobs?"
        self.set_heading(heading if count else "Nothing to cancel")
        self._send.label = "Cancel job" if count <= 1 else f"Cancel {jobs}"
        self._send.disabled = not count
        if not count and self._send.has_focus:
            self._keep.focus()
        notes = self._note_texts()
        self._notes.update("\n".join(notes))
        self._notes.display = bool(notes)
        them = "it" if count == 1 else "all of them"
        prompt = f"Type {count} to cancel {them}:" if count else ""
        self._field_label.update(self._objection or prompt)
        self._field_label.set_class(bool(self._objection), "-objection")

    def _note_texts(self) -> list[str]:
        """The notes about the jobs, one sentence each."""
        question, ended = self.question, len(self.question.lines) - self.question.number
        texts = []
        if question.hidden:
            verb = "is" if question.hidden == 1 else "are"
            hidden = f"{question.hidden} of these {verb} hidden by the filter."
            texts.append("The filter hides this job." if self._single else hidden)
        if not question.number:
            texts.append("This job has ended." if self._single else "All of these have ended.")
        elif ended:
            texts.append(f"{ended} of these {'has' if ended == 1 else 'have'} ended.")
        return [*texts, question.note] if question.note else texts


class CountField(Field, inherit_bindings=False):
    """A field for a number of at most six digits. It drops all other characters, pastes, and digits while guarded."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(keys.PRESS),
        Binding("backspace", "delete_left", show=False),
    ]

    def __init__(self, *, guarded: Callable[[], bool]) -> None:
        super().__init__(restrict="[0-9]*", max_length=6, compact=True)
        self._guarded = guarded

    def on_key(self, event: events.Key) -> None:
        """Drop digits while guarded."""
        if event.is_printable and self._guarded():
            event.stop()
            event.prevent_default()

    def paste(self, text: str) -> None:
        """Drop a paste."""

    def restricted(self) -> None:
        """Do nothing; Textual would ring the bell."""

    async def action_press(self) -> None:
        """Enter the number."""
        await self.action_submit()
