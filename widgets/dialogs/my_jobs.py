"""The dialog that offers the user's own jobs: the user chooses which of them to add."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import on
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from widgets import keys
from widgets.bindings import bindings
from widgets.dialogs.dialog import Dialog
from widgets.dialogs.model import ListedJobLine
from widgets.drawing import TONE_STYLES
from widgets.fields import Field
from widgets.fitting import fill

_GAP_CELLS = 2  # between two columns
_MIN_TITLE_CELLS = 24
"""The minimum width of titles; with less room, the time and then the status are left out."""

_ON_THE_LIST = "on the list"
"""Shown in place of the status of a job that is already watched."""

_CHOOSING_KEYS = ("space", "asterisk")


class _FilterField(Field):
    """The field for the filter, which leaves the characters that choose jobs to the dialog."""

    def __init__(self) -> None:
        super().__init__(placeholder="Type to filter", compact=True, select_on_focus=False)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key types a character (Textual asks: such a key reaches no binding)."""
        return key not in _CHOOSING_KEYS and super().check_consume_key(key, character)


class _JobLines(OptionList, can_focus=False):
    """The jobs, which have to be drawn again when their width changes. Keys go to the field."""

    class Resized(Message):
        """Posted when the size has changed."""

    def on_resize(self) -> None:
        """Have the dialog draw the lines again."""
        self.post_message(self.Resized())


class MyJobsDialog(Dialog[tuple[str, ...] | None]):
    """Shows the user's jobs, any of which can be chosen; typing filters them. Returns the IDs to add, or None.

    Until there are jobs to show, it shows a sentence.
    """

    AUTO_FOCUS = "Input"
    HEADING = "My jobs"

    BINDINGS = bindings(keys.MY_JOBS)

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._lines: dict[str, ListedJobLine] = {}
        self._chosen: set[str] = set()
        self._shown: list[str] = []
        self._status_width = self._created_width = 0
        self._field = _FilterField()
        self._list = _JobLines(markup=False, compact=True)
        self._list.display = False  # until there are jobs
        self._note = Static(Content(sentence), markup=False)
        self.content = (self._field, self._list, self._note)

    def on_mount(self) -> None:
        """Draw the lines for their new width when a scroll bar appears or disappears."""
        self.watch(self._list, "show_vertical_scrollbar", self._scroll_bar_changed, init=False)

    def _scroll_bar_changed(self) -> None:
        self.call_after_refresh(self._fill_list)

    def show(self, lines: Sequence[ListedJobLine]) -> None:
        """Offer these jobs."""
        self._lines = {line.id: line for line in lines}
        self._list.display = bool(lines)
        self._chosen = {line.id for line in lines if line.chosen and not line.known}
        words = [_ON_THE_LIST if line.known else line.status for line in lines]
        self._status_width = max(map(cell_len, words), default=0)
        self._created_width = max((cell_len(line.created) for line in lines), default=0)
        self._fill_list()

    def show_message(self, sentence: str, *, failed: bool = False) -> None:
        """Show a sentence that says what is happening, or why there are no jobs to show."""
        self._note.update(Content.styled(sentence, "$dw-attention" if failed else ""))

    def keys_shown(self) -> list[tuple[str, str]]:
        """The keys that choose, add and close."""
        close = ("my_jobs.close", "show all" if self._field.value else "close")
        if all(line.known for line in self._lines.values()):
            return [close]
        count = len(self._chosen)
        adds = [("my_jobs.accept", f"add {count}")]
        return [*(adds if count else []), ("my_jobs.switch", "on/off"), close, ("my_jobs.switch_all", "all")]

    def fit_into(self, size: Size) -> None:
        """Divide the lines between the jobs and what is around them."""
        super().fit_into(size)
        around = 4 if self.has_frame(size) else 2  # the filter, the note, and blank lines between them
        self._list.styles.max_height = max(self.content_lines(size) - around, 1)

    def action_close(self) -> None:
        """Show all jobs again; if all are shown, close and add nothing."""
        if self._field.value:
            self._field.value = ""
        else:
            self.answer(None)

    def action_accept(self) -> None:
        """Add the chosen jobs; if there are none, say so and stay open."""
        if self._chosen:
            self.answer(tuple(job_id for job_id in self._lines if job_id in self._chosen))
        elif any(not line.known for line in self._lines.values()):
            self.show_message(
                f"Nothing is chosen; {self.key_of('my_jobs.switch')} chooses a job.", failed=True
            )

    def action_step(self, lines: int) -> None:
        """Move the cursor down or up."""
        self._list.highlighted = (self._list.highlighted or 0) + lines  # which stops at both ends

    def action_page(self, pages: int) -> None:
        """Move the cursor a page down or up."""
        self.action_step(pages * max(self._list.size.height, 1))

    def action_switch(self) -> None:
        """Choose the job under the cursor, or not."""
        if option := self._list.highlighted_option:
            self._switch([option.id or ""])

    def action_switch_all(self) -> None:
        """Choose all jobs that are shown; if all of them are chosen, none."""
        new = [job_id for job_id in self._shown if not self._lines[job_id].known]
        missing = [job_id for job_id in new if job_id not in self._chosen]
        self._switch(missing or new)

    @on(OptionList.OptionSelected)
    def _clicked(self, message: OptionList.OptionSelected) -> None:
        self._switch([message.option_id or ""])

    @property
    def _line_width(self) -> int:
        """The cells of a line, one less before a scroll bar."""
        return self._list.scrollable_content_region.width - self._list.show_vertical_scrollbar

    def _switch(self, job_ids: Sequence[str]) -> None:
        self._chosen.symmetric_difference_update(
            job_id for job_id in job_ids if not self._lines[job_id].known
        )
        width = self._line_width
        for job_id in job_ids:
            self._list.replace_option_prompt(job_id, self._line(job_id, width))
        self._show_counts()

    @on(Input.Changed)
    @on(_JobLines.Resized)
    def _fill_list(self) -> None:
        """Show the jobs that match the filter; the cursor stays on its job if that is one of them."""
        option = self._list.highlighted_option
        before = option and option.id
        words = self._field.value.casefold().split()
        self._shown = [
            line.id for line in self._lines.values() if all(word in line.searched for word in words)
        ]
        width = self._line_width
        self._list.set_options(Option(self._line(job_id, width), id=job_id) for job_id in self._shown)
        self._list.styles.height = len(self._shown)
        if self._shown:
            self._list.highlighted = self._shown.index(before) if before in self._shown else 0
        self._show_counts()

    def _show_counts(self) -> None:
        """Show how many jobs there are and how many of them are chosen, if there are any."""
        if not self._lines:
            return
        known = sum(line.known for line in self._lines.values())
        hidden = len(self._chosen.difference(self._shown))
        parts = [f"{len(self._chosen)} of {len(self._lines)} chosen"] if known < len(self._lines) else []
        if hidden:
            parts.append(f"{hidden} of these hidden by the filter")
        if known:
            parts.append(f"{known} already on the list")
        if not self._shown:
            parts.insert(0, f'No job matches "{self._field.value.strip()}"')
        self.show_message("   ".join(parts))
        self.show_keys()

    def _line(self, job_id: str, width: int) -> Content:
        """One job in `width` cells: whether it is chosen, its title, its status and when it was created."""
        line = self._lines[job_id]
        box = "" if line.known else "[x]" if job_id in self._chosen else "[ ]"
        status, tone = (_ON_THE_LIST, "$dw-faint") if line.known else (line.status, TONE_STYLES[line.tone])
        right, room = Content(""), width - len("[x] ") - _MIN_TITLE_CELLS
        for text, cells, style in (
            (status, self._status_width, tone),
            (line.created, self._created_width, "$dw-secondary"),
        ):
            room -= _GAP_CELLS + cells
            if room >= 0:
                right += Content.assemble(" " * _GAP_CELLS, (fill(text, cells), style))
        title = fill(line.title, width - len("[x] ") - right.cell_length)
        return Content.assemble(f"{box:4}", (title, "$dw-faint" if line.known else "")) + right
