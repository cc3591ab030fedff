"""Whether jobs shall really be cancelled: asked so that no slip of the hand says yes."""

import time
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.cancel_lines import CancelLines
from widgets.dialogs.count_field import CountField
from widgets.dialogs.dialog import Dialog, DialogButton
from widgets.drawing import MUTED, Drawing, cut
from widgets.model import CancelQuestion

DEAF_SECONDS = 0.4
"""For so long after the dialog opens, and after the terminal regains the focus, nothing can say yes."""

MOST_WITHOUT_COUNT = 5
"""Of more jobs than that the number has to be typed."""

_LEAST = Size(40, 8)


class CancelDialog(Dialog[bool]):
    """Answers True once if the jobs shall be cancelled, False if they shall keep running.

    The focus is on `Keep running`. Of more than five jobs the number has to be typed. Just after it opens,
    and just after the terminal regains the focus, keys and presses that lead to a yes are dropped: they
    were meant for something else. Where it no longer fits, it closes as `Keep running`.

    Args:
        question: The jobs. They are pinned: `update` brings news of the same ones.
        clock: Seconds that only go forward.
        ascii: Draw with ASCII characters alone.
    """

    AUTO_FOCUS = "CountField, #cancel-keep"

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.CANCEL)

    def __init__(
        self,
        question: CancelQuestion,
        *,
        clock: Callable[[], float] = time.monotonic,
        ascii: bool = False,
    ) -> None:
        super().__init__(ascii=ascii)
        self._question = question
        self._clock = clock
        self._deaf_until = clock() + DEAF_SECONDS
        self._title = Static(markup=False, classes="dialog-title")
        self._lines = CancelLines(question.lines, ascii=ascii)
        self._notes = _Notes(ascii=ascii)
        self._field = CountField(deaf=self._deaf) if question.count > MOST_WITHOUT_COUNT else None
        self._field_label = Static(markup=False, id="cancel-field-label")
        self._hint = Static(markup=False, id="cancel-hint")
        self._hint_above = Static(markup=False, id="cancel-hint-above")
        self._keep = DialogButton("Keep running", id="cancel-keep")
        self._send = DialogButton("", deaf=self._deaf, id="cancel-send", classes="-dangerous")
        self._say("")

    @staticmethod
    def fits(size: Size) -> bool:
        """Whether a pane of this size has room for title, number and both buttons: 40x8 at least."""
        return size.width >= _LEAST.width and size.height >= _LEAST.height

    @property
    def question(self) -> CancelQuestion:
        """What it asks now."""
        return self._question

    def update(self, question: CancelQuestion) -> None:
        """Show what is known now of the same jobs."""
        if question == self._question:
            return
        self._question = question
        self._lines.show(question.lines)
        self._say("")
        if self.is_mounted:
            self.fit_into(self.app.size)

    def compose(self) -> ComposeResult:
        """Title, jobs, what there is to know about them, and the answers."""
        with Vertical(id="cancel-box", classes="dialog-box"):
            yield self._title
            yield self._lines
            yield self._notes
            if self._field:
                with Horizontal(id="cancel-field"):
                    yield self._field_label
                    yield self._field
            yield self._hint_above
            with Horizontal(classes="dialog-buttons"):
                yield self._hint
                yield self._keep
                yield self._send

    def on_mount(self) -> None:
        """Notice when the terminal regains the focus."""
        self.watch(self.app, "app_focus", self._focus_changed, init=False)

    def show_keys(self) -> None:
        """Name the keys that cancel and keep running."""
        yes = "" if self._field else f"{self.key_of('cancel.send')} cancels, "
        for hint in (self._hint, self._hint_above):
            hint.update(f"{yes}{self.key_of('cancel.keep')} keeps running")

    def on_screen_resume(self) -> None:
        """Open, or come back from what lay over it."""
        self._be_deaf()
        self.call_after_refresh(self._be_deaf)

    def fit_into(self, size: Size) -> None:
        """Give the list the room that the rest leaves it; close where that is none."""
        if not self.fits(size):
            self.answer(False)
            return
        super().fit_into(size)
        around = 2 if self._field else 1
        around += len(self._notes.texts) + 1
        if self.roomy(size):
            around += 6 + bool(self._notes.texts) + bool(self._field)
        # In small panes the buttons fill their line; the keys are named above them where a line is left over.
        self._hint_above.display = size.height - around > self._lines.height_wanted and not self.roomy(size)
        self._lines.styles.height = max(min(self._lines.height_wanted, size.height - around), 1)

    def action_keep(self) -> None:
        """Let them run."""
        self.answer(False)

    def action_send(self) -> None:
        """Cancel them, unless the number has to be typed."""
        if not self._field:
            self._agree()

    def action_step(self, steps: int) -> None:
        """Move the focus to another answer."""
        if self._deaf():
            return
        if steps > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def action_scroll_by(self, lines: int) -> None:
        """Scroll the jobs by some lines."""
        self._lines.scroll_relative(y=lines, animate=False)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll the jobs by some pages."""
        self._lines.scroll_relative(y=pages * self._lines.size.height, animate=False)

    @on(DialogButton.Pressed, "#cancel-keep")
    def _keep_pressed(self) -> None:
        self.answer(False)

    @on(DialogButton.Pressed, "#cancel-send")
    def _send_pressed(self) -> None:
        self._agree_if_counted()

    def on_count_field_submitted(self) -> None:
        """Enter in the field."""
        self._agree_if_counted()

    def on_count_field_changed(self) -> None:
        """What was said about an earlier number is over."""
        self._say("")

    def _agree_if_counted(self) -> None:
        """Cancel them if the number is right, where it has to be typed."""
        if self._deaf():
            return
        if not self._field:
            self._agree()
            return
        typed, self._field.value = self._field.value, ""
        self._field.focus()
        if not self._question.count:
            return
        if typed and int(typed) == self._question.count:
            self._agree()
        elif typed:
            self._say(f"{typed} is not the number: nothing was sent.")
        else:
            self._say("No number was typed: nothing was sent.")

    def _agree(self) -> None:
        if not self._deaf() and self._question.count:
            self.answer(True)

    def _deaf(self) -> bool:
        """Whether what leads to a yes is dropped now."""
        return self._clock() < self._deaf_until

    def _be_deaf(self) -> None:
        self._deaf_until = self._clock() + DEAF_SECONDS

    def _focus_changed(self, focused: bool) -> None:
        """The terminal lost or regained the focus."""
        if not focused:
            return
        self._be_deaf()
        if self.focused is None:
            (self._field or self._keep).focus()

    def _say(self, answer: str) -> None:
        """Put everything that depends on the question into words, and an answer to what was typed."""
        question, count = self._question, self._question.count
        alone = len(question.lines) == 1
        jobs = "1 job" if count == 1 else f"{count} jobs"
        if not count:
            self._title.update("Nothing to cancel")
        else:
            self._title.update("Cancel this job?" if alone else f"Cancel {jobs}?")
        self._send.label = "Cancel job" if count <= 1 else f"Cancel {jobs}"
        self._send.disabled = not count
        if not count and self._send.has_focus:
            self._keep.focus()
        texts = []
        if question.hidden:
            which = "It" if alone else f"{question.hidden} of these"
            texts.append(f"{which} {'is' if question.hidden == 1 else 'are'} hidden by the filter")
        if not count:
            texts.append("It can no longer be cancelled." if alone else "None of these can be cancelled now.")
        elif count < len(question.lines):
            texts.append(f"{len(question.lines) - count} of these can no longer be cancelled")
        if question.note:
            texts.append(question.note)
        self._notes.show(texts)
        self._field_label.update(answer or (f"Type {count} and Enter to cancel {jobs}:" if count else ""))


class _Notes(Drawing):
    """Short facts, a line each."""

    texts: tuple[str, ...] = ()

    def show(self, texts: list[str]) -> None:
        self.texts = tuple(texts)
        self.display = bool(texts)
        self.renew()

    def draw(self, width: int) -> list[Content]:
        return [Content.styled(cut(text, width, ascii=self.ascii), MUTED) for text in self.texts]
