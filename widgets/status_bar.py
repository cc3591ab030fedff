"""The line at the bottom that sums up all jobs, and the lines on top for what is out of the ordinary."""

from collections.abc import Sequence

from textual.content import Content

from widgets.drawing import MUTED, TONE_STYLES, Drawing, bar, cut, fill
from widgets.model import Banner, Count, Summary, Tone

_TALL = 20
"""From so many lines of screen on, a second line for the status is well spent."""

_ONE_LINE = 100
"""From so many cells on, everything stands on one line."""

_LEAST_HEIGHT = 4
"""On a screen of fewer lines there is no room for banners, except for urgent ones."""

_LEAST_BAR = 6  # cells; where there are fewer, there is none
_WIDEST_BAR = 24
_GAP = "  "  # between two facts


class StatusBar(Drawing):
    """Counts by group, the progress of all jobs together, and the request rate, in one or two lines.

    As it gets narrower the words go first, then the notes, the rate, and the bar.
    """

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:
        super().__init__(ascii=ascii, id=id)
        self._summary = Summary()

    def show(self, summary: Summary) -> None:
        """Show these facts."""
        if summary != self._summary:
            self._summary = summary
            self.renew()

    def draw(self, width: int) -> list[Content]:
        """The lines for a width, in cells. How many depends on the screen's size alone, so that none jumps."""
        if width < _ONE_LINE and self.screen_height >= _TALL:
            return status_lines(self._summary, width, ascii=self.ascii)
        return [status_line(self._summary, width, ascii=self.ascii)]


class Banners(Drawing):
    """What is out of the ordinary, a line each; not there at all when nothing is."""

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:
        super().__init__(ascii=ascii, id=id)
        self._banners: tuple[Banner, ...] = ()
        self.display = False

    def show(self, banners: Sequence[Banner]) -> None:
        """Show these, the most important first."""
        if tuple(banners) != self._banners:
            self._banners = tuple(banners)
            self.display = bool(banners)
            self.renew()

    def draw(self, width: int) -> list[Content]:
        """The lines for a width, in cells; on a low screen the first stands for all, on the lowest if it is urgent."""
        shown = self._banners if self.screen_height >= _TALL else self._banners[:1]
        if self.screen_height < _LEAST_HEIGHT and not (shown and shown[0].urgent):
            return []
        more = len(self._banners) - len(shown)
        lines = []
        for banner in shown:
            tail = f" (+{more})" if more else ""
            text = cut(banner.text, max(width - 2 - len(tail), 1), ascii=self.ascii) + tail
            # Reversed, the colour that the theme gives to text in this tone stands out on its background too.
            style = f"{TONE_STYLES[banner.tone]} bold reverse"
            lines.append(Content.styled(fill(f" {text}", width), style))
        return lines


def status_line(summary: Summary, width: int, *, ascii: bool = False) -> Content:
    """All of a summary that fits into one line.

    Args:
        summary: The facts.
        width: The cells there are, at least 1.
        ascii: Draw with ASCII characters.
    """
    words = [_counts(summary.counts, words=True), _counts(summary.counts, words=False)]
    notes = _notes(summary.notes)
    rate = Content.styled(summary.rate, MUTED)
    percent = Content(summary.percent)
    # From the richest to the poorest; the first one that fits is it.
    for counts, parts, least_bar in (
        (words[0], (rate, notes), _LEAST_BAR),
        (words[0], (rate,), _LEAST_BAR),
        (words[1], (rate, notes), _LEAST_BAR),
        (words[1], (rate,), _LEAST_BAR),
        (words[1], (), _LEAST_BAR),
        (words[1], (), 0),
    ):
        tail = _joined([percent, *parts])
        spare = width - counts.cell_length - tail.cell_length - (2 if tail else 0)
        if least_bar and spare < least_bar + 3:
            continue
        if spare < 0:
            break
        bar_width = min(spare - 3, _WIDEST_BAR) if least_bar and _has_bar(summary) else 0
        if not bar_width:
            return counts + " " * (spare + (2 if tail else 0)) + tail
        filled = bar(summary.fraction, bar_width, TONE_STYLES[Tone.RUNNING], ascii=ascii)
        return counts + " " * (spare - bar_width - 1 + 2) + filled + " " + tail
    return words[1].truncate(width)


def status_lines(summary: Summary, width: int, *, ascii: bool = False) -> list[Content]:
    """A summary in two lines: the counts, and what there is beside them.

    Args:
        summary: The facts.
        width: The cells there are, at least 1.
        ascii: Draw with ASCII characters.
    """
    counts = _counts(summary.counts, words=True)
    if counts.cell_length > width:
        counts = _counts(summary.counts, words=False)
    notes = _notes(summary.notes)
    spare = width - counts.cell_length - notes.cell_length
    first = counts + " " * spare + notes if spare >= 2 else counts
    tail = _joined([Content(summary.percent), Content.styled(summary.rate, MUTED)])
    if width - tail.cell_length < _LEAST_BAR + 1:
        tail = Content(summary.percent)
    bar_width = width - tail.cell_length - 1 if tail else width
    if _has_bar(summary):
        second = bar(summary.fraction, bar_width, TONE_STYLES[Tone.RUNNING], ascii=ascii)
    else:
        second = Content(" " * bar_width)
    if tail:
        second = second + " " + tail
    return [first.truncate(width), second.truncate(width)]


def _has_bar(summary: Summary) -> bool:
    """Whether there is any progress to draw; a dotted bar of nothing would only be noise."""
    return summary.fraction is not None or bool(summary.percent)


def _counts(counts: Sequence[Count], *, words: bool) -> Content:
    """The counts in a row."""
    parts = []
    for count in counts:
        style = f"{TONE_STYLES[count.tone]} bold" if count.number else MUTED
        word = f" {count.word}" if words and count.word else ""
        parts.append(
            Content.assemble((f"{count.glyph} {count.number}", style), (word, "" if count.number else MUTED))
        )
    return _joined(parts)


def _notes(notes: Sequence[str]) -> Content:
    return _joined([Content.styled(note, MUTED) for note in notes])


def _joined(parts: Sequence[Content]) -> Content:
    """The parts that hold something, with gaps between them."""
    return Content(_GAP).join([part for part in parts if part])
