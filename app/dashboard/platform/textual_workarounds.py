"""Workarounds for bugs of Textual 8.2.8. Each has a test that fails once it is no longer needed."""

from textual._styles_cache import StylesCache

STYLE_CACHE_INTERVAL_SECONDS = 60.0


def clear_style_cache() -> None:
    """Free what Textual keeps of widgets that are gone (https://github.com/Textualize/textual/issues/6665).

    An `lru_cache` on a method keeps up to 1024 `StylesCache` objects alive, each with everything its widget has painted:
    400 of them (100 dialogs) take 20 MB. What the cache holds takes microseconds to compute.
    """
    StylesCache.get_inner_outer.cache_clear()
