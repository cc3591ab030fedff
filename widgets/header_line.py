"""The line at the top that summarizes all jobs."""

from collections.abc import Iterator

from textual.content import Content

from widgets.drawing import TONE_STYLES, MessageLine, bar, draws_ascii
from widgets.model import Count, Summary, Tone

_WORDS_MIN_CELLS = 76
"""On lines of at least this many cells, counts have words."""

_NAME_MIN_CELLS = 60
"""On lines of at least this many cells, the program's name is shown."""

_BAR_CELLS = 16
_TIMES_CELLS = 27
"""The bar is shown only where it leaves this many cells for times, so that it does not come and go with them."""

_GAP = "   "


class HeaderLine(MessageLine[Summary]):
    """Name, chips and counts at the left, problems first; overall progress and times at the right.

    As it gets narrower, the bar goes first, then the time at which all is done, the host, the words of the counts,
    the name and the last counts.
    """

    DEFAULT_CSS = """
    HeaderLine { height: 1; padding: 0 1; background: $dw-panel; color: $dw-text; }
    """

    def draw_line(self, width: int) -> Content:
        """As much of the summary as fits."""
        return header_line(self.value, width, edges=draws_ascii(self))


def header_line(summary: Summary, width: int, *, edges: bool = False) -> Content:
    """As much of a summary as fits into a line of this width in cells, at least 1; `edges` gives the bar edges."""
    right_ends = list(_right_ends(summary, edges=edges))
    for words, host in ((True, summary.host), (True, ""), (False, "")):
        if words and width + 2 < _WORDS_MIN_CELLS:
            continue
        left = _left(summary, words=words, host=host, name=width + 2 >= _NAME_MIN_CELLS)
        # The host and the words are left out before the time left is.
        for right, needed in right_ends[:-1] if words and summary.next else right_ends:
            if width - left.cell_length >= needed:
                return left + " " * (width - left.cell_length - right.cell_length) + right
    if summary.counts:
        return header_line(summary._replace(counts=summary.counts[:-1]), width, edges=edges)
    return left.truncate(width)


def _left(summary: Summary, *, words: bool, host: str, name: bool) -> Content:
    """The name, chips and counts; without words the gaps are smaller."""
    gap, chip_gap = (_GAP, _GAP[:-1]) if words else (" ", " ")  # a chip begins and ends with a blank itself
    parts = [Content.styled("dwtop", "bold $dw-accent")] if name else []
    parts += [Content.styled(host, "$dw-secondary")] if host else []
    parts += [_chip(text, Tone.ACCENT) for text in summary.chips]
    for count in summary.counts:
        if count.number:
            parts.append(_count(count, words=words))
    if summary.note:
        parts.append(Content.styled(summary.note, "$dw-secondary"))
    line = Content("")
    for part in parts:
        beside_chip = part.plain.startswith(" ") or line.plain.endswith(" ")
        line += ((chip_gap if beside_chip else gap) if line else "") + part
    return line


def _chip(text: str, tone: Tone) -> Content:
    return Content.styled(f" {text} ", f"bold reverse {TONE_STYLES[tone]}")


def _count(count: Count, *, words: bool) -> Content:
    """A number of jobs; those that need a look are a chip."""
    word = f" {count.word}" if words else ""
    if count.tone is Tone.ATTENTION:
        return _chip(f"{count.glyph} {count.number}{word}", Tone.ATTENTION)
    style = TONE_STYLES[count.tone]
    return Content.assemble(
        (f"{count.glyph} ", style), (str(count.number), f"bold {style}"), (word, "$dw-secondary")
    )


def _right_ends(summary: Summary, *, edges: bool) -> Iterator[tuple[Content, int]]:
    """What the right end of the line can be, from everything to nothing, each with the cells that it needs beside the counts."""
    times = [
        Content.assemble((f"{name} ", "$dw-secondary"), (time, "bold $dw-text"))
        for name, time in (("next", summary.next), ("all done", summary.all_done))
        if time
    ]
    if summary.fraction is not None:
        line = bar(summary.fraction, _BAR_CELLS, TONE_STYLES[Tone.RUNNING], edges=edges)
        overall = Content.assemble(line, "  ", (summary.percent, "$dw-secondary"))
        right = Content(_GAP).join([overall, *times])
        reserved = overall.cell_length + len(_GAP) + _TIMES_CELLS
        yield right, len(_GAP) + max(right.cell_length, reserved)
    for count in range(len(times), 0, -1):
        right = Content(_GAP).join(times[:count])
        yield right, len(_GAP) + right.cell_length
    yield Content(""), 0
