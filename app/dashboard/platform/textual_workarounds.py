"""Lets go of what Textual keeps of widgets that are gone, so that days of toasts and dialogs cost no memory."""

from textual import _styles_cache

EVERY = 60.0
"""Seconds between two rounds."""


def let_go() -> None:
    """Forget remembered borders.

    Textual remembers the last 1024 with an `lru_cache` on a method, and each of them holds on to a widget's whole
    painted content (textual 8.2.8, `StylesCache.get_inner_outer`). They are worked out anew in microseconds.
    """
    remembered = getattr(_styles_cache.StylesCache, "get_inner_outer", None)
    clear = getattr(remembered, "cache_clear", None)
    if clear is not None:
        clear()
