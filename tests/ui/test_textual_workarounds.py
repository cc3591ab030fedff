"""Workarounds for Textual: what they fix, and that they are still needed."""

import gc
import weakref
from pathlib import Path

from textual._styles_cache import StylesCache

from app.dashboard.platform.textual_workarounds import clear_style_cache
from tests.ui.dashboard_host import fill, known, sitting


async def test_closed_dialogs_are_freed_once_the_style_cache_is_cleared(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(1), known(2)])
    async with sitting(path) as at:
        await at.connected()
        caches: list[weakref.ref[StylesCache]] = []
        for _ in range(4):
            await at.press("question_mark")
            caches.append(weakref.ref(at.app.screen._styles_cache))
            await at.press("escape")
        gc.collect()
        assert all(cache() for cache in caches), "Textual frees them by itself: the workaround can go"
        clear_style_cache()
        gc.collect()
        assert not any(cache() for cache in caches[:-1]), "only the last may still be closing"
