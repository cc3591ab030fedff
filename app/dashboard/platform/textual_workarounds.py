"""Workarounds for bugs of Textual 8.2.8.

`tests/ui/test_textual_workarounds.py` fails once one is no longer needed. `FinalLayout` works around a race: without it,
`tests/terminal/test_resize.py` fails in one of three runs.
"""

import asyncio
import os
import signal
from typing import Any

from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual._styles_cache import StylesCache
from textual.app import App
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from widgets.drawing import finished_lines

_NO_COLOR = Color.default()

_RESIZE_SETTLED_SECONDS = 0.25
"""How long the size has to stay the same before the screen is laid out once more."""


def clear_style_cache() -> None:
    """Free what Textual keeps for removed widgets, if called now and then (https://github.com/Textualize/textual/issues/6665).

    An `lru_cache` on a method keeps up to 1024 `StylesCache` objects alive, each with everything its widget has painted:
    400 of them (100 dialogs) take 20 MB. What the cache holds takes microseconds to compute.
    """
    StylesCache.get_inner_outer.cache_clear()


def send_only_changed_cells() -> None:
    """Have a partial repaint begin at the first cell that changed, not at the left edge of its widget.

    Textual crops what it sends only at the right end (a known gap in its compositor), so a new
    percentage sends the title again: 190 bytes instead of 80.
    """
    ChopsUpdate.render_segments = _render_changed_cells  # type: ignore[assignment,method-assign]


def draw_scroll_bars_directly() -> None:
    """Have vertical scroll bars skip Rich, borders and padding, which take more than a millisecond with each page."""
    ScrollBar.render_lines = _render_scroll_bar  # type: ignore[assignment,method-assign]


def _render_scroll_bar(bar: ScrollBar, crop: Region) -> list[Strip]:
    """What `Widget.render_lines` does with the parts that `ScrollBar.render` returns."""
    parts = bar.render()
    if not (isinstance(parts, ScrollBarRender) and isinstance(parts.style, Style) and parts.vertical):
        return Widget.render_lines(bar, crop)
    segments = parts.render_bar(
        size=bar.size.height,
        virtual_size=parts.virtual_size,
        window_size=parts.window_size,
        position=parts.position,
        thickness=bar.size.width,
        back_color=parts.style.bgcolor or _NO_COLOR,
        bar_color=parts.style.color or _NO_COLOR,
    ).segments
    base = bar.visual_style.rich_style
    strips = {segment: Strip([segment], bar.size.width).apply_style(base) for segment in set(segments)}
    return finished_lines(bar, [strips[segment] for segment in segments[crop.y : crop.bottom]], crop)


def _render_changed_cells(update: ChopsUpdate, console: Console) -> str:
    """What `ChopsUpdate.render_segments` does, cropped at both ends."""
    sent: list[str] = []
    for y, begin, end in update.spans:
        for chop_end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            left, right = max(x, begin), min(chop_end, end)
            if strip is not None and left < right:
                # Half a wide character would erase the other half.
                left -= _cuts_wide_character(strip, left - x)
                right += _cuts_wide_character(strip, right - x)
                sent.append(f"\x1b[{y + 1};{left + 1}H")
                sent.append(strip.crop(left - x, right - x).render(console))
        if y != update.spans[-1][0]:
            sent.append("\n")
    return "".join(sent)


def _cuts_wide_character(strip: Strip, column: int) -> bool:
    return cell_len(strip.crop(max(column - 1, 0), column + 1).text[:1]) == 2


def set_size_classes(screen: Screen[Any]) -> None:
    """Set the classes for the size of the terminal, which Textual sets only after the first frame."""
    app = screen.app
    for size, steps in zip(app.size, (app.HORIZONTAL_BREAKPOINTS, app.VERTICAL_BREAKPOINTS), strict=True):
        screen.add_class([name for at_least, name in steps or () if size >= at_least][-1])


def focus_visible_widget(app: App[str]) -> None:
    """Focus a visible widget, if the focused one is hidden.

    While the terminal has no focus, Textual focuses no widget that appears; afterwards it focuses the one from before,
    even if that is hidden now.
    """
    screen = app.screen
    chain = screen.focus_chain
    if chain and screen.focused not in chain:
        wanted = screen.query(screen.AUTO_FOCUS or "*")
        screen.set_focus(next((widget for widget in wanted if widget in chain), chain[0]))


class FinalLayout:
    """Lays the screen out once more when its size has stopped changing.

    When sizes follow each other quickly, Textual may keep a frame that was made for an earlier one. So the program sends
    itself another SIGWINCH, as a terminal does.
    """

    def __init__(self) -> None:
        self._size: Size | None = None
        self._timer: asyncio.TimerHandle | None = None

    def resized(self, size: Size) -> None:
        """Note the size of the terminal, and start to wait for it to stay the same."""
        if size == self._size:
            return
        self._size = size
        if self._timer:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_RESIZE_SETTLED_SECONDS, os.kill, os.getpid(), signal.SIGWINCH)
