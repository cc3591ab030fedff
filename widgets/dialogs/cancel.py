"""The cancel dialog: lists the jobs with their current state, and guards against accidental confirmation."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual
from textual.widgets import Static

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog, DialogButton
from widgets.drawing import TONE_STYLES, Drawing, bar, wrap
from widgets.fitting import cut, fill
from widgets.model import CancelLine, CancelQuestion

GUARD_SECONDS = 0.4
"""How long confirming is blocked after the dialog opens, and after the terminal regains the focus."""

MAX_JOBS_WITHOUT_COUNT = 5
"""To cancel more jobs than this, the user must type the count."""

_MIN_SIZE = Size(40, 8)


class CancelDialog(Dialog[tuple[str, ...]]):
    """Asks whether to cancel jobs. Returns the IDs to cancel; empty if the jobs keep running.

    `Keep running` has the focus. To cancel more than five jobs you type the count. Just after the dialog opens, and
    just after the terminal regains the focus, keys and clicks that confirm are dropped: they were meant for something
    else. When the pane becomes too small, the dialog closes as `Keep running`.

    Args:
        question: The jobs. `update` changes their state, but never which jobs they are.
        clock: Monotonic time in seconds.
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
        self._guarded_until = clock() + GUARD_SECONDS
        self._jobs: _OneJob | _JobList
        if len(question.lines) == 1:
            self._jobs = _OneJob(question.lines, ascii=ascii)
        else:
            self._jobs = _JobList(question.lines, ascii=ascii)
            self.add_class("-many")
        self.scrolled = self._jobs
        self._notes = _Notes(ascii=ascii)
        asks_count = question.count > MAX_JOBS_WITHOUT_COUNT
        self._field = CountField(guarded=self.is_guarded) if asks_count else None
        self._field_label = Static(markup=False, id="cancel-field-label")
        self._keep = DialogButton("Keep running", id="cancel-keep")
        self._send = DialogButton("", guarded=self.is_guarded, id="cancel-send", classes="-dangerous")
        self._show_question()

    @staticmethod
    def fits(size: Size) -> bool:
        """Whether a pane of this size has room for title, count and both buttons: at least 40x8."""
        return size.width >= _MIN_SIZE.width and size.height >= _MIN_SIZE.height

    @property
    def question(self) -> CancelQuestion:
        """The current question."""
        return self._question

    def update(self, question: CancelQuestion) -> None:
        """Show the current state of the same jobs."""
        if question == self._question:
            return
        self._question = question
        self._jobs.show(question.lines)
        self._show_question()
        if self.is_mounted:
            self.fit_into(self.app.size)

    def compose_content(self) -> ComposeResult:
        """The jobs, notes about them, the field for the count, and the buttons."""
        yield self._jobs
        yield self._notes
        if self._field:
            with Horizontal(id="cancel-field"):
                yield self._field_label
                yield self._field
        with Horizontal(classes="dialog-buttons"):
            yield self._keep
            yield self._send

    def on_mount(self) -> None:
        """Watch for the terminal to regain the focus."""
        self.watch(self.app, "app_focus", self._focus_changed, init=False)

    def keys_shown(self) -> list[tuple[str, str]]:
        """The keys that cancel and that keep the jobs running."""
        them = "it" if len(self._question.lines) == 1 else "them"
        keep = (self.key_of("cancel.keep"), f"keep {them} running")
        return [keep] if self._field else [(self.key_of("cancel.send"), f"cancel {them}"), keep]

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
        rest = 1 + len(self._notes.texts) + bool(self._field)
        if self.has_frame(size):
            rest += 1 + bool(self._notes.texts) + bool(self._field)  # a blank line above each
        self._jobs.set_max_lines(max(self.content_lines(size) - rest, 1), roomy=self.has_frame(size))

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

    @on(DialogButton.Pressed, "#cancel-keep")
    def _keep_pressed(self) -> None:
        self.answer(())

    @on(DialogButton.Pressed, "#cancel-send")
    def _send_pressed(self) -> None:
        self._confirm_if_count_matches()

    def on_count_field_submitted(self) -> None:
        """Cancel the jobs if the count is right."""
        self._confirm_if_count_matches()

    def on_count_field_changed(self) -> None:
        """Remove the message about an earlier number."""
        self._show_question()

    def _confirm_if_count_matches(self) -> None:
        """Cancel the jobs, if the count was typed correctly or need not be typed."""
        if self.is_guarded():
            return
        if not self._field:
            self._confirm()
            return
        typed, self._field.value = self._field.value, ""
        self._field.focus()
        if not self._question.count:
            return
        if typed and int(typed) == self._question.count:
            self._confirm()
        elif typed:
            self._show_question(f"That is not {self._question.count}. Nothing was cancelled.")
        else:
            self._show_question("Type the number first. Nothing was cancelled.")

    def _confirm(self) -> None:
        if not self.is_guarded() and self._question.count:
            self.answer(tuple(line.id for line in self._question.lines if line.cancellable))

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

    def _show_question(self, answer: str = "") -> None:
        """Show everything that depends on the question.

        Args:
            answer: A message about the number that was typed, shown in place of the field's label.
        """
        question, count = self._question, self._question.count
        alone = len(question.lines) == 1
        jobs = "1 job" if count == 1 else f"{count} jobs"
        if not count:
            self.set_heading("Nothing to cancel")
        else:
            self.set_heading("Cancel this job?" if alone else f"Cancel {jobs}?")
        self._send.label = "Cancel job" if count <= 1 else f"Cancel {jobs}"
        self._send.disabled = not count
        if not count and self._send.has_focus:
            self._keep.focus()
        notes = []
        if question.hidden:
            notes.append(
                "The filter hides this job."
                if alone
                else f"{question.hidden} of these {'is' if question.hidden == 1 else 'are'} hidden by the filter."
            )
        if not count:
            notes.append("This job has ended." if alone else "All of these have ended.")
        elif count < len(question.lines):
            ended = len(question.lines) - count
            notes.append(f"{ended} of these {'has' if ended == 1 else 'have'} ended.")
        if question.note:
            notes.append(question.note)
        self._notes.show(notes)
        all_of_them = "it" if count == 1 else "all of them"
        self._field_label.update(answer or (f"Type {count} to cancel {all_of_them}:" if count else ""))


class CountField(Drawing, can_focus=True):
    """A field for a number of at most six digits. It ignores pastes.

    Args:
        guarded: Called for every digit, and when the number is entered; while it returns True, input is dropped.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.PRESS)

    _MAX_DIGITS = 6

    @dataclass
    class Submitted(Message):
        """Posted when the number is entered."""

    @dataclass
    class Changed(Message):
        """Posted when a digit is typed or deleted."""

    def __init__(self, *, guarded: Callable[[], bool]) -> None:
        super().__init__()
        self._guarded = guarded
        self._value = ""

    @property
    def value(self) -> str:
        """The digits in the field."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        self._value = value
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        """The digits and the cursor."""
        cursor = (" ", "reverse" if self.has_focus else "")
        return [Content.assemble((self._value, "bold"), cursor).truncate(width)]

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.redraw()

    def on_key(self, event: events.Key) -> None:
        """Accept digits, drop other characters, and leave all other keys to the dialog."""
        if event.character in set("0123456789") and event.is_printable:
            if not self._guarded() and len(self._value) < self._MAX_DIGITS:
                self.value += event.character or ""
                self.post_message(self.Changed())
        elif event.key == "backspace":
            self.value = self._value[:-1]
            self.post_message(self.Changed())
        elif not event.is_printable:
            return
        event.stop()
        event.prevent_default()

    def action_press(self) -> None:
        """Enter the number."""
        if not self._guarded():
            self.post_message(self.Submitted())


class _OneJob(Drawing):
    """The only job: its title, its bar, its stage and ID, and its times."""

    def __init__(self, lines: Sequence[CancelLine], *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._line = lines[0]
        self._max_lines = 1
        self._roomy = False

    def show(self, lines: Sequence[CancelLine]) -> None:
        """Show the current state of the job."""
        self._line = lines[0]
        self.redraw()

    def set_max_lines(self, lines: int, *, roomy: bool) -> None:
        """Set the maximum number of lines, and whether to use blank ones."""
        self._max_lines, self._roomy = lines, roomy
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        """The lines for a width in cells; if not all fit, the most important ones."""
        job = self._line
        style = "" if job.cancellable else "$dw-faint"
        titles = wrap(job.title, width)
        if not self._roomy or len(titles) > 3:
            titles = [cut(" ".join(titles), width, ascii=self.ascii)]
        lines = [Content.styled(title, f"bold {style}".strip()) for title in titles]
        facts = [_pair((_state(job), style), (job.short_id, "$dw-faint"), width, self.ascii)]
        if job.cancellable and job.percent:
            percent = f"  {job.percent}"
            facts.insert(
                0,
                bar(job.fraction, max(width - cell_len(percent), 1), TONE_STYLES[job.tone], ascii=self.ascii)
                + Content.styled(percent, "bold"),
            )
        if job.cancellable and job.times:
            facts.append(Content.styled(cut(job.times, width, ascii=self.ascii), "$dw-secondary"))
        if self._roomy and len(lines) + 1 + len(facts) <= self._max_lines:
            lines.append(Content(""))
        return [line.truncate(width) for line in (lines + facts)[: self._max_lines]]


class _JobList(ScrollView, can_focus=False):
    """Several jobs, one line each, drawn as it scrolls into view: glyph, title, stage, progress and short ID."""

    DEFAULT_CSS = """
    _JobList { height: auto; overflow-x: hidden; scrollbar-size-vertical: 1; }
    """

    def __init__(self, lines: Sequence[CancelLine], *, ascii: bool = False) -> None:
        super().__init__()
        self._lines = tuple(lines)
        self._ascii = ascii
        self._measure()

    def show(self, lines: Sequence[CancelLine]) -> None:
        """Show these jobs; only lines that differ are repainted."""
        old, old_columns = self._lines, self._columns
        self._lines = tuple(lines)
        self._measure()
        if self._columns != old_columns:
            self.refresh()
            return
        for number, (before, after) in enumerate(zip(old, self._lines, strict=True)):
            if before != after:
                self.refresh_line(number)

    def set_max_lines(self, lines: int, *, roomy: bool) -> None:
        """Set the maximum number of lines; more jobs are scrolled."""
        self.styles.height = min(len(self._lines), lines)

    def on_resize(self) -> None:
        """Adapt the lines to the new width."""
        self._measure()

    def render_line(self, y: int) -> Strip:
        """One of the visible lines."""
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        line = self._content(self._lines[number], width) if number < len(self._lines) else Content("")
        strips = Visual.to_strips(self, line, width, 1, self.visual_style, pad=True)
        return strips[0] if strips else Strip.blank(width, self.rich_style)

    def _measure(self) -> None:
        """Measure the columns over all lines, so that their widths stay the same while the list scrolls."""
        self._columns = tuple(
            max((cell_len(text(line)) for line in self._lines), default=0)
            for text in (
                lambda line: line.glyph,
                _state,
                lambda line: line.percent,
                lambda line: line.short_id,
            )
        )
        self.virtual_size = Size(max(self.size.width, 1), len(self._lines))

    def _content(self, line: CancelLine, width: int) -> Content:
        """A job; title and stage share the room that the other columns leave."""
        glyph, state, percent, short_id = self._columns
        gap = "  " if width >= 56 else " "
        rest = width - glyph - (1 if glyph else 0) - percent - short_id - 3 * len(gap)
        state = max(min(state, rest // 2), 0)
        style = "" if line.cancellable else "$dw-faint"
        shown_percent = line.percent if line.cancellable else ""
        return Content.assemble(
            (
                fill(line.glyph, glyph) + (" " if glyph else ""),
                TONE_STYLES[line.tone] if line.cancellable else style,
            ),
            (fill(line.title, max(rest - state, 0), ascii=self._ascii), style),
            gap,
            (fill(_state(line), state, ascii=self._ascii), style or "$dw-secondary"),
            gap,
            (" " * (percent - cell_len(shown_percent)) + shown_percent, style),
            gap,
            (fill(line.short_id, short_id), "$dw-faint"),
        ).truncate(max(width, 0))


class _Notes(Drawing):
    """Short sentences about the jobs, a line each."""

    texts: tuple[str, ...] = ()

    def show(self, texts: list[str]) -> None:
        self.texts = tuple(texts)
        self.display = bool(texts)
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        return [Content.styled(cut(text, width, ascii=self.ascii), "$dw-stalled") for text in self.texts]


def _state(line: CancelLine) -> str:
    """What a line says of the job's state: the stage of one that would be cancelled, else its status."""
    return (line.stage or line.status) if line.cancellable else line.status


def _pair(left: tuple[str, str], right: tuple[str, str], width: int, ascii: bool) -> Content:
    """Two texts with their styles at the two ends of a line; the left one is cut where there is no room."""
    room = max(width - cell_len(right[0]) - 2, 0)
    text = fill(left[0], room, ascii=ascii)
    return Content.assemble((text, left[1]), "  ", right)
