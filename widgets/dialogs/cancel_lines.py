"""The jobs of the cancel dialog: one line each, drawn when it comes into sight."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from widgets.drawing import MUTED, cut, fill
from widgets.model import CancelLine


class CancelLines(ScrollView, can_focus=False):
    """Title, short ID, stage and progress of each job, or its status where it cannot be cancelled any more.

    A single job takes two lines, its title has one to itself.
    """

    DEFAULT_CSS = """
    CancelLines { height: auto; overflow-x: hidden; scrollbar-size-vertical: 1; }
    """

    def __init__(self, lines: Sequence[CancelLine], *, ascii: bool = False) -> None:
        super().__init__()
        self._shown = tuple(lines)
        self._ascii = ascii
        self._measure()

    @property
    def height_wanted(self) -> int:
        """How many lines it takes to show all."""
        return 2 if len(self._shown) == 1 else len(self._shown)

    def show(self, lines: Sequence[CancelLine]) -> None:
        """Show these; only what is different is repainted."""
        old, old_columns = self._shown, self._columns
        self._shown = tuple(lines)
        self._measure()
        if len(self._shown) != len(old) or len(old) == 1 or self._columns != old_columns:
            self.refresh()
            return
        for number, (before, after) in enumerate(zip(old, self._shown, strict=True)):
            if before != after:
                self.refresh_line(number)

    def on_resize(self) -> None:
        """Lines are as wide as the widget."""
        self._measure()

    def render_line(self, y: int) -> Strip:
        """One line of what is in sight."""
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        if len(self._shown) == 1 and number < 2:
            line = _alone(self._shown[0], width, self._ascii)[number]
        elif number < len(self._shown):
            line = _beside(self._shown[number], width, self._columns, self._ascii)
        else:
            line = Content("")
        strips = Visual.to_strips(self, line, width, 1, self.visual_style, pad=True)
        return strips[0] if strips else Strip.blank(width, self.rich_style)

    def _measure(self) -> None:
        """Take the columns' widths from all lines, so that they do not change while scrolling."""
        shown = self._shown
        self._columns = (
            max((cell_len(line.short_id) for line in shown), default=0),
            max((cell_len(_state(line)) for line in shown), default=0),
            max((cell_len(line.percent) for line in shown), default=0),
        )
        self.virtual_size = Size(max(self.size.width, 1), self.height_wanted)


def _state(line: CancelLine) -> str:
    """What a line says about its job's state: the stage of one that would be cancelled, else its status."""
    return (line.stage or line.status) if line.cancellable else line.status


def _beside(line: CancelLine, width: int, columns: tuple[int, int, int], ascii: bool) -> Content:
    """A job on one line; the title and the state share what room the ID and the progress leave."""
    short_id, state, percent = columns
    gap = "  " if width >= 56 else " "
    rest = width - short_id - percent - 3 * len(gap)
    state = max(min(state, rest // 2), 0)
    style = "" if line.cancellable else MUTED
    return Content.assemble(
        (fill(line.title, max(rest - state, 0), ascii=ascii), style),
        gap,
        (fill(line.short_id, short_id), MUTED),
        gap,
        (fill(_state(line), state, ascii=ascii), style),
        gap,
        (" " * (percent - cell_len(line.percent)) + line.percent if line.cancellable else "", style),
    ).truncate(max(width, 0))


def _alone(line: CancelLine, width: int, ascii: bool) -> tuple[Content, Content]:
    """A job on two lines."""
    style = "" if line.cancellable else MUTED
    facts = [line.status, line.percent, line.stage] if line.cancellable else [line.status]
    rest = cut("  ".join(["", *filter(None, facts)]), width - cell_len(line.short_id), ascii=ascii)
    return (
        Content.styled(cut(line.title, width, ascii=ascii), f"{style} bold".strip()),
        Content.assemble((line.short_id, MUTED), (rest, style)).truncate(max(width, 0)),
    )
