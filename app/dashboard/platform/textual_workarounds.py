"""Workarounds for bugs of Textual 8.2.8. Each has a test that fails once it is no longer needed."""

from rich.console import Console
from textual._compositor import ChopsUpdate
from textual._styles_cache import StylesCache

STYLE_CACHE_INTERVAL_SECONDS = 60.0


def clear_style_cache() -> None:
    """Free what Textual keeps of widgets that are gone (https://github.com/Textualize/textual/issues/6665).

    An `lru_cache` on a method keeps up to 1024 `StylesCache` objects alive, each with everything its widget has painted:
    400 of them (100 dialogs) take 20 MB. What the cache holds takes microseconds to compute.
    """
    StylesCache.get_inner_outer.cache_clear()


def send_only_changed_cells() -> None:
    """Have a partial repaint begin at the first cell that changed, not at the left edge of its widget.

    Textual crops what it sends at the right end alone (`TODO: crop to x extents` in its compositor), so that a new
    percentage sends the title again: 190 bytes where 80 do.
    """
    ChopsUpdate.render_segments = _render_changed_cells  # type: ignore[assignment,method-assign]


def _render_changed_cells(update: ChopsUpdate, console: Console) -> str:
    """What `ChopsUpdate.render_segments` does, cropped at both ends."""
    sent: list[str] = []
    for y, begin, end in update.spans:
        for chop_end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            left, right = max(x, begin), min(chop_end, end)
            if strip is not None and left < right:
                sent.append(f"\x1b[{y + 1};{left + 1}H")
                sent.append(strip.crop(left - x, right - x).render(console))
        if y != update.spans[-1][0]:
            sent.append("\n")
    return "".join(sent)
