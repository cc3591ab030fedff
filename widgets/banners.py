"""The banners below the header, which report problems or explain why data is old."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from widgets.drawing import TONE_STYLES, Drawing
from widgets.fitting import cut, fill
from widgets.model import Banner

_ALL_BANNERS_MIN_LINES = 20
"""On screens with at least this many lines, every banner is shown; on others only the first."""

_MIN_REASON_CELLS = 8


class Banners(Drawing[Sequence[Banner]]):
    """A line for each banner, the most important first, in the reversed colour of its tone."""

    def shows(self, text: str) -> bool:
        """Whether a banner shows this text in full."""
        fits = cell_len(text) <= self.app.size.width - 2  # its own size is 0 until it is laid out
        return fits and any(banner.text == text for banner in self.value)

    def draw(self, width: int) -> list[Content]:
        """The lines for a width in cells."""
        shown = self.value if self.app.size.height >= _ALL_BANNERS_MIN_LINES else self.value[:1]
        more = len(self.value) - len(shown)
        tail = f" (+{more})" if more else ""
        room = max(width - 2 - len(tail), 1)
        return [
            Content.styled(
                fill(f" {_text(banner, room)}{tail}", width),
                f"bold reverse {TONE_STYLES[banner.tone]}",
            )
            for banner in shown
        ]


def _text(banner: Banner, width: int) -> str:
    """The longest of a banner's texts that fits, or the shortest, cut; then the reason, if there is room for words."""
    texts = (banner.text, *banner.shorter)
    text = next((text for text in texts if cell_len(text) <= width), texts[-1])
    room = width - cell_len(text)
    if banner.reason and text is banner.text and room >= _MIN_REASON_CELLS:
        return text + cut(f" ({banner.reason})", room)
    return cut(text, width)
