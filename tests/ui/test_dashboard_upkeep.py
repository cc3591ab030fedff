"""What was painted of dialogs and toasts that are gone is let go of."""

import gc
import weakref
from pathlib import Path

from textual._styles_cache import StylesCache
from textual.strip import Strip

from app.dashboard.platform import textual_workarounds
from tests.ui.dashboard_host import fill, known, sitting


def painted() -> int:
    gc.collect()
    return sum(isinstance(one, Strip) for one in gc.get_objects())


async def test_dialogs_that_were_closed_leave_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "db"
    fill(path, [known(1), known(2)])
    async with sitting(path) as at:
        await at.connected()

        async def look_around() -> "weakref.ref[StylesCache]":
            await at.press("question_mark")
            cache = weakref.ref(at.app.screen._styles_cache)
            await at.press("escape")
            await at.press("e")
            await at.press("escape")
            return cache

        gone = [await look_around() for _ in range(2)]
        textual_workarounds.let_go()
        before = painted()
        gone += [await look_around() for _ in range(4)]
        textual_workarounds.let_go()
        assert painted() <= before + 60, "as much as another size of one dialog may make it"
        assert not [one for one in gone[:-1] if one()], "only the last may still be on its way out"
