"""The jobs in the cancel dialog: a single one in full, or several with one line each."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from widgets.dialogs.model import CancelLine
from widgets.drawing import TONE_STYLES, Drawing, progress_line, wrap
from widgets.fitting import cut, fill


class OneJob(Drawing[Sequence[CancelLine]]):
    """A single job: its title, its bar, its stage and ID, and its times."""

    _max_lines = 1

    def set_max_lines(self, lines: int) -> None:
        """Set the maximum number of lines."""
        self._max_lines = lines
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        """The lines for a width in cells; if not all fit, the most important ones."""
        job = self.value[0]
        style = "" if job.cancellable else "$dw-faint"
        roomy = not self.screen.has_class("-small")
        title_style = f"bold {style}".strip()
        lines = wrap(job.title, width, title_style)
        if not roomy or len(lines) > 3:
            lines = [Content.styled(cut(job.title, width), title_style)]
        shows_times = job.cancellable and job.times and not job.stage
        state = job.times if shows_times else _state(job)
        state = fill(state, max(width - cell_len(job.short_id) - 2, 0))
        facts = [Content.assemble((state, style), "  ", (job.short_id, "$dw-faint"))]
        if job.cancellable and job.percent:
            facts.insert(0, progress_line(self, job.fraction, job.percent, job.tone, width))
        if job.cancellable and job.times and not shows_times:
            facts.append(Content.styled(cut(job.times, width), "$dw-secondary"))
        if roomy and len(lines) + 1 + len(facts) <= self._max_lines:
            lines.append(Content(""))
        return [line.truncate(width) for line in (lines + facts)[: self._max_lines]]


class SeveralJobs(ScrollView, can_focus=False):
    """Several jobs, one line each, drawn as it scrolls into view: glyph, title, stage, progress and short ID."""

    DEFAULT_CSS = """
    SeveralJobs { height: auto; overflow-x: hidden; scrollbar-size-vertical: 1; }
    """

    def __init__(self, lines: Sequence[CancelLine]) -> None:
        super().__init__()
        self.show(lines)

    def show(self, lines: Sequence[CancelLine]) -> None:
        """Show these jobs. The widths of the columns stay the same while the list scrolls."""
        self._lines = lines
        texts = ((line.title, _state(line), line.percent, line.short_id) for line in lines)
        columns = zip(*texts, strict=True)
        self._column_widths = tuple(max(map(cell_len, column)) for column in columns)
        self.virtual_size = Size(1, len(lines))
        self.refresh()

    def set_max_lines(self, lines: int) -> None:
        """Set the maximum number of lines; more jobs are scrolled."""
        self.styles.height = min(len(self._lines), lines)

    def render_line(self, y: int) -> Strip:
        """One of the visible lines."""
        width = self.scrollable_content_region.width
        line = self._content(self._lines[y + self.scroll_offset.y], width)
        return Visual.to_strips(self, line, width, 1, self.visual_style, pad=True)[0]

    def _content(self, line: CancelLine, width: int) -> Content:
        """The line of a job; title and stage share the width that the other columns leave."""
        title_width, state_width, percent_width, id_width = self._column_widths
        gap = "  " if width >= 56 else " "
        rest = max(width - 2 - percent_width - id_width - 3 * len(gap), 0)
        state_width = min(state_width, max(rest - title_width, rest // 3))
        style = "" if line.cancellable else "$dw-faint"
        shown_percent = line.percent if line.cancellable else ""
        return Content.assemble(
            (f"{line.glyph:2}", style or TONE_STYLES[line.tone]),
            (fill(line.title, rest - state_width), style),
            gap,
            (fill(_state(line), state_width), style or "$dw-secondary"),
            gap,
            (fill(shown_percent, percent_width, right=True), style),
            gap,
            (fill(line.short_id, id_width), "$dw-faint"),
        ).truncate(max(width, 0))


def _state(line: CancelLine) -> str:
    """What a line says about the job's state: the stage of one that would be cancelled, else its status."""
    return (line.stage or line.status) if line.cancellable else line.status
