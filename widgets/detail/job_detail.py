"""All there is to say about one job, for the width there is."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from widgets import keys
from widgets.bindings import bindings
from widgets.detail.progress_plot import ProgressPlot
from widgets.detail.stage_timeline import StageTimeline
from widgets.drawing import MUTED, TONE_STYLES, Drawing, bar, fill, wrap
from widgets.model import Detail, Field, LogLine

_COLUMNS_FROM = 100
"""From so many cells on, facts and pictures stand side by side."""

_GAP = 2  # cells between a label and its value, a time and its event
_LEAST_VALUE = 20  # cells; a value with less room beside its label goes below it


class JobDetail(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Heading, state, error, progress over time, stages, facts and events of a job, one below the other.

    Where there is width, the facts stand beside the pictures. The pane scrolls; another job starts at the top,
    news of the same job leave the place where it is.
    """

    DEFAULT_CSS = """
    JobDetail {
        #detail-body, #detail-body Vertical { height: auto; }
        #detail-body { layout: vertical; }
        .detail-title { height: 1; text-wrap: nowrap; text-overflow: clip; }
        &.-columns #detail-body { layout: horizontal; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.DETAIL)

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_class(ascii, "-ascii")
        self._detail: Detail | None = None
        self._head = _Head(ascii=ascii, classes="detail-head")
        self._error = _Error(ascii=ascii, classes="detail-error")
        self._facts = _Facts(ascii=ascii)
        self._plot = ProgressPlot(ascii=ascii)
        self._timeline = StageTimeline(ascii=ascii)
        self._log = _Log(ascii=ascii)
        self._titles = {
            part: Static(word, markup=False, classes="detail-title")
            for part, word in ((self._plot, "Progress"), (self._timeline, "Stages"), (self._log, "Events"))
        }
        self._tell()

    @property
    def detail(self) -> Detail | None:
        """What it shows."""
        return self._detail

    def compose(self) -> ComposeResult:
        """The parts, from top to bottom."""
        yield self._head
        yield self._error
        with Horizontal(id="detail-body"):
            with Vertical(id="detail-pictures"):
                for part in (self._plot, self._timeline):
                    yield self._titles[part]
                    yield part
            with Vertical(id="detail-facts"):
                yield self._facts
        yield self._titles[self._log]
        yield self._log

    def show(self, detail: Detail | None) -> None:
        """Show this job; None for none. What is as it was is not repainted."""
        if detail == self._detail:
            return
        another = detail is None or self._detail is None or detail.id != self._detail.id
        self._detail = detail
        self._tell()
        if another and self.is_mounted:
            self.scroll_home(animate=False, immediate=True)

    def on_resize(self, event: events.Resize) -> None:
        """Put facts and pictures side by side where there is room."""
        self.set_class(event.size.width >= _COLUMNS_FROM, "-columns")

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by some lines."""
        self.scroll_relative(y=lines, animate=False)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by some pages."""
        self.scroll_relative(y=round(pages * self.size.height), animate=False)

    def action_scroll_ends(self, end: bool) -> None:
        """Scroll to the top or to the end."""
        if end:
            self.scroll_end(animate=False)
        else:
            self.scroll_home(animate=False)

    def _tell(self) -> None:
        """Hand every part what it shows, and hide those that have nothing to show."""
        detail = self._detail
        self._head.show(detail)
        self._error.show(detail.error if detail else "")
        self._facts.show(detail.fields if detail else ())
        self._plot.show(detail.points if detail else (), detail.axis if detail else ("", ""))
        self._timeline.show(detail.spans if detail else ())
        self._log.show(detail.events if detail else ())
        self._error.display = bool(detail and detail.error)
        self._facts.display = bool(detail and detail.fields)
        for part, title in self._titles.items():
            part.display = title.display = detail is not None and (
                part is not self._log or bool(detail.events)
            )


class _Head(Drawing):
    """Title, status, forecast, and a wide progress bar."""

    _detail: Detail | None = None

    def show(self, detail: Detail | None) -> None:
        if detail != self._detail:
            self._detail = detail
            self.renew()

    def draw(self, width: int) -> list[Content]:
        detail = self._detail
        if detail is None:
            return [Content.styled("no job under the cursor", MUTED).truncate(width)]
        tone = TONE_STYLES[detail.tone]
        lines = [Content.styled(line, "bold") for line in wrap(detail.heading, width)]
        status, forecast = Content.styled(detail.status, tone), Content(detail.forecast)
        spare = width - status.cell_length - forecast.cell_length
        if spare >= _GAP or not forecast:
            lines.append(status + " " * max(spare, 0) + forecast)
        else:
            lines += [Content.styled(line, tone) for line in wrap(detail.status, width)]
        percent = f" {detail.percent}" if detail.percent else ""
        bar_width = max(width - cell_len(percent), 1)
        lines.append(
            bar(detail.fraction, bar_width, tone, ascii=self.ascii) + Content.styled(percent, "bold")
        )
        if forecast and spare < _GAP:
            lines += [Content(line) for line in wrap(detail.forecast, width)]
        return [line.truncate(width) for line in lines]


class _Error(Drawing):
    """What went wrong, in full, with a rule at its side."""

    _text = ""

    def show(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.renew()

    def draw(self, width: int) -> list[Content]:
        rule = "| " if self.ascii else "┃ "
        return [
            Content.assemble((rule, "$error"), (line, "$text-error")).truncate(width)
            for line in wrap(self._text, width - 2)
        ]


class _Facts(Drawing):
    """Labels and values: side by side where there is width, else the label above its value."""

    _fields: tuple[Field, ...] = ()

    def show(self, fields: tuple[Field, ...]) -> None:
        if fields != self._fields:
            self._fields = fields
            self.renew()

    def draw(self, width: int) -> list[Content]:
        if not self._fields:
            return []
        labels = max(cell_len(field.label) for field in self._fields)
        room = width - labels - _GAP
        lines = []
        for field in self._fields:
            style, length = TONE_STYLES[field.tone], cell_len(field.value)
            # Below its label a value has more room: for one that would break, but not there, that is better.
            if length <= room or (room >= _LEAST_VALUE and length > width):
                for number, line in enumerate(wrap(field.value, room)):
                    label = fill("" if number else field.label, labels + _GAP)
                    lines.append(Content.assemble((label, MUTED), (line, style)))
            else:
                lines += [Content.styled(line, MUTED) for line in wrap(field.label, width)]
                indent = " " * min(_GAP, max(width - length, 0))
                below = wrap(field.value, width - len(indent))
                lines += [Content.styled(indent + line, style) for line in below]
        return [line.truncate(width) for line in lines]


class _Log(Drawing):
    """The job's events: when, and what."""

    _events: Sequence[LogLine] = ()

    def show(self, events: Sequence[LogLine]) -> None:
        if events != self._events:
            self._events = events
            self.renew()

    def draw(self, width: int) -> list[Content]:
        if not self._events:
            return []
        times = max(cell_len(event.when) for event in self._events)
        hang = times + _GAP if width - times - _GAP >= _LEAST_VALUE else _GAP
        lines = []
        for event in self._events:
            style = TONE_STYLES[event.tone]
            if hang == _GAP:
                lines.append(Content.styled(event.when, MUTED))
            for number, line in enumerate(wrap(event.text, width - hang)):
                when = "" if number or hang == _GAP else event.when
                lines.append(Content.assemble((fill(when, hang), MUTED), (line, style)))
        return [line.truncate(width) for line in lines]
