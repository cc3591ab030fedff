"""What the panes that draw themselves share: tones as colours, text cut to cells, repainting by the line."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from widgets.fitting import cut as cut
from widgets.fitting import fill as fill
from widgets.frame import in_this_frame
from widgets.model import Tone
from widgets.progress_bar import progress_cells

MUTED = "$dw-secondary"
"""The style of what matters less."""

TONE_STYLES: Mapping[Tone, str] = {tone: f"$dw-{tone}" for tone in Tone}
"""The style of text in each tone."""


class Drawing(Widget):
    """A widget made of lines that it draws for the width it has, as high as there are lines.

    It repaints only the lines that changed: subclasses keep what they show, implement `draw`, and call
    `renew` whenever what they show may have changed.
    """

    DEFAULT_CSS = """
    Drawing {
        width: 1fr;
        height: auto;
        text-wrap: nowrap;
        text-overflow: clip;
    }
    """

    def __init__(
        self,
        *,
        ascii: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.ascii = ascii
        """Whether it draws with ASCII characters alone."""
        self._drawn: tuple[Content, ...] | None = None
        self._drawn_width = -1
        self.screen_height = 24
        """The lines of the whole screen, for those that want to be modest on a low one."""

    @abstractmethod
    def draw(self, width: int) -> Sequence[Content]:
        """The lines for a width of so many cells (at least 1), none of them wider than that."""

    def renew(self) -> None:
        """Draw again and repaint the lines that are different now; nothing if none is."""
        old, width = self._drawn, self._drawn_width
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
            in_this_frame(self)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of lines (Textual asks for it when it lays out the screen)."""
        if viewport.height != self.screen_height:
            self.screen_height = viewport.height
            self._drawn = None
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """All lines, one below the other."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> tuple[Content, ...]:
        """The lines for a width, drawn anew only if that is another one than before."""
        if self._drawn is None or self._drawn_width != width:
            self._drawn = tuple(self.draw(width)) if width > 0 else ()
            self._drawn_width = width
        return self._drawn


def wrap(text: str, width: int) -> list[str]:
    """A text broken into lines of at most so many cells (at least 1), between words where it can be."""
    return [line.plain.rstrip() for line in Content(text).wrap(max(width, 1))] or [""]


def bar(fraction: float | None, width: int, style: str, *, ascii: bool = False) -> Content:
    """A progress bar of `width` cells, its done part in a style of its own."""
    done, rest = progress_cells(fraction, width, ascii=ascii)
    return Content.assemble((done, style), (rest, "$dw-track"))
