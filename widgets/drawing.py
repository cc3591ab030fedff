"""The base of widgets that draw their own lines, and functions that lay lines out."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Generic, TypeVar

from rich.segment import Segment
from textual.app import RenderResult
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.messages import Update
from textual.strip import Strip
from textual.widget import Widget

from widgets.ascii import in_ascii
from widgets.fitting import cut, fill
from widgets.model import Tone
from widgets.progress_bar import progress_cells

T = TypeVar("T")

TONE_STYLES: Mapping[Tone, str] = {tone: f"$dw-{tone}" for tone in Tone}
"""The style of text in each tone."""


class Drawing(Widget, Generic[T]):
    """A widget that draws its own lines for its current width. Its height is the number of lines.

    Only lines that have changed are repainted. Subclasses implement `draw`, and call `redraw` if something other
    than `value` has changed.
    """

    DEFAULT_CSS = """
    Drawing {
        width: 1fr;
        height: auto;
        text-wrap: nowrap;
        text-overflow: clip;
    }
    """

    def __init__(self, value: T, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.value = value
        """What it shows."""
        self._drawn: tuple[Content, ...] | None = None
        self._drawn_for = (0, 0)

    @abstractmethod
    def draw(self, width: int) -> Sequence[Content]:
        """The lines for a width in cells (at least 1), none of them wider than that."""

    def show(self, value: T) -> None:
        """Show another value."""
        if value != self.value:
            self.value = value
            self.redraw()

    def redraw(self) -> None:
        """Draw again, and repaint the lines that have changed."""
        old, (width, _) = self._drawn, self._drawn_for
        if old is None:
            self.refresh(layout=True)
            return
        self._drawn = None
        new = self._lines(width)
        if len(new) != len(old):
            self.refresh(layout=True)
            return
        changed = [y for y, (a, b) in enumerate(zip(old, new, strict=True)) if not a.is_same(b)]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))
            repaint_with_next_frame(self)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of lines. Called by Textual's layout."""
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """All lines, joined."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> tuple[Content, ...]:
        """The lines for a width, drawn again only if that or the height of the screen has changed."""
        size = width, self.app.size.height
        if self._drawn is None or self._drawn_for != size:
            self._drawn = tuple(self.draw(width)) if width > 0 else ()
            self._drawn_for = size
        return self._drawn


class MessageLine(Drawing[T]):
    """One line, which can show a message in place of its content. Subclasses implement `draw_line`."""

    message = ""

    def show_message(self, message: str) -> None:
        """Show a message; an empty text restores the content."""
        if message != self.message:
            self.message = message
            self.redraw()

    def draw(self, width: int) -> list[Content]:
        """The line for a width in cells."""
        if self.message:
            return [Content(cut(self.message, width))]
        return [self.draw_line(width)]

    @abstractmethod
    def draw_line(self, width: int) -> Content:
        """The content for a width in cells."""


def repaint_with_next_frame(widget: Widget) -> None:
    """Repaint a widget's pending changes with the next frame.

    By default a widget notifies the screen only once it is idle, which may be a frame later than the change it belongs
    to: the list would change first, and its totals a moment later.
    """
    if widget.is_attached:
        widget.screen.post_message(Update(widget))


def finished_lines(widget: Widget, lines: list[Strip], crop: Region) -> list[Strip]:
    """The lines that a widget without borders and padding drew for a part of it, filtered and cropped.

    Textual does this in `Widget.render_lines`, which also handles borders and padding, with half a dozen strips for each line.
    """
    background = widget.background_colors[1]
    for line_filter in widget.get_line_filters():
        lines = [line.apply_filter(line_filter, background) for line in lines]
    return [line.crop(*crop.column_span) for line in lines]


def draws_ascii(widget: Widget) -> bool:
    """Whether only ASCII is shown: the app has an `AsciiFilter`, and the class `-ascii`."""
    return widget.app.has_class("-ascii")


class AsciiFilter(LineFilter):
    """Replaces the characters that widgets draw with, in an app that adds it to its line filters."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """A line in ASCII."""
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


def wrap(text: str, width: int, style: str = "") -> list[Content]:
    """The lines of a text, wrapped between words if possible to at most `width` cells (at least 1)."""
    return [line.rstrip() for line in Content.styled(text, style).wrap(max(width, 1))]


def beside(label: str, style: str, cells: int, text: Content, width: int) -> list[Content]:
    """A label of this many cells, and a text to its right, wrapped so that both fit into `width`."""
    first, *rest = text.wrap(max(width - cells, 1))
    return [Content.styled(fill(label, cells), style) + first, *(" " * cells + line for line in rest)]


def side_by_side(columns: Sequence[Sequence[Content]], widths: Sequence[int], gap: int) -> list[Content]:
    """The lines of several columns, which have these widths in cells, with a gap between them."""
    return [
        Content(" " * gap).join(
            line.pad_right(width - line.cell_length) for line, width in zip(row, widths, strict=True)
        )
        for row in zip_longest(*columns, fillvalue=Content(""))
    ]


def stacked(sections: Iterable[Sequence[Content]]) -> list[Content]:
    """The lines of several sections, with a blank line between sections; empty ones are left out."""
    lines: list[Content] = []
    for section in filter(None, sections):
        lines += [Content(""), *section] if lines else section
    return lines


def bar(fraction: float | None, width: int, style: str, *, edges: bool = False) -> Content:
    """A progress bar of `width` cells, with the done part in `style`."""
    done, rest = progress_cells(fraction, width, edges=edges)
    return Content.assemble((done, style), (rest, "$dw-track"))


def progress_line(widget: Widget, fraction: float | None, percent: str, tone: Tone, width: int) -> Content:
    """A bar and the percentage after it, together `width` cells wide; the bar has at least one cell."""
    tail = Content.styled(f"  {percent}" if percent else "", "bold")
    cells = max(width - tail.cell_length, 1)
    return bar(fraction, cells, TONE_STYLES[tone], edges=draws_ascii(widget)) + tail
