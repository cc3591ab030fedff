"""Pilots that wait until a key has been handled, and no longer."""

import asyncio
from typing import Any, cast

import pytest
from textual._context import active_app


@pytest.fixture(autouse=True)
def _quick_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace Textual's wait for an idle process: 40 ms a key, and 2 s where jobs change meanwhile."""

    async def nothing_to_do() -> None:
        loop = cast("Any", asyncio.get_running_loop())
        while True:
            await asyncio.sleep(0)
            if not loop._ready:
                return

    async def after_key(_: float = 0.0) -> None:
        await nothing_to_do()
        if active_app.get().screen_stack:
            active_app.get().screen._on_timer_update()  # paint, as `Pilot.pause` does
            await nothing_to_do()

    async def pause(_: float = 0.0) -> None:
        await asyncio.sleep(0.02)  # for threads, such as one that reads the database
        await nothing_to_do()

    monkeypatch.setattr("textual.app.wait_for_idle", after_key)
    monkeypatch.setattr("textual.pilot.wait_for_idle", pause)
