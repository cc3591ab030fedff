"""What the dashboard sends to the terminal, counted in frames and bytes, which hold on a busy machine.

Times and memory are measured by `make bench`.
"""

from typing import Any
from unittest.mock import Mock

import pytest

from tests.timing import ManualClock
from tests.ui.dashboard_host import NOW, DashboardPilot, known_jobs, running_dashboard
from tests.ui.pane_host import frames
from widgets.toasts import Toasts

SIZE = (120, 40)

A_CELL = 420
"""Bytes for one changed cell: a line is sent from its left edge, in the colours of its segments."""

A_LINE = 900
"""Bytes for a line of the table, and for the line of sums."""


def size(sent: list[str]) -> int:
    return sum(len(frame.encode()) for frame in sent)


async def settled(dash: DashboardPilot) -> None:
    """Wait until the screen has nothing left to paint."""
    await dash.connected()
    for _ in range(20):
        await dash.pilot.pause()


async def test_nothing_is_painted_while_nothing_changes() -> None:
    clock = ManualClock(NOW)
    async with running_dashboard(jobs=known_jobs(100, start=0), size=SIZE, now=clock) as dash:
        await settled(dash)
        dash.main.status.show_rate()
        await dash.pilot.pause()
        before = dash.app.session.watch_list.store.data_version()
        with frames() as sent:
            for _ in range(12):  # as often as in a minute, while data is as fresh as it gets
                clock.now += 0.5
                dash.main._tick()
                dash.main.status.show_rate()
                await dash.pilot.pause()
        assert sent == []
        assert dash.app.session.watch_list.store.data_version() == before


async def test_each_change_costs_its_own_cells() -> None:
    async with running_dashboard(jobs=known_jobs(100, start=0), size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        shown, hidden = dash.main.table.visible_ids[5], dash.main.table.ids[-1]
        assert hidden not in dash.main.table.visible_ids
        with frames() as sent:
            dash.answer(shown)
            dash.main._show_changes({shown})
            await dash.pilot.pause()
            dash.answer(hidden, stage="Something else")
            dash.main.table.refresh_rows([hidden])
            await dash.pilot.pause()
        assert sent == []
        with frames() as sent:
            dash.answer(shown, stage="Something else")
            dash.main.table.refresh_rows([shown])
            await dash.pilot.pause()
        assert len(sent) == 1
        assert 0 < size(sent) <= A_CELL
        await dash.press("down")
        with frames() as sent:
            await dash.press("down")
        assert "LAYOUT" not in sent
        assert 0 < size(sent) <= 2 * A_LINE


@pytest.mark.parametrize("change", [{"progress": 61.0}, {"stage": "Something else"}], ids=str)
async def test_many_answers_share_a_frame_of_their_own_cells_and_the_totals(change: dict[str, Any]) -> None:
    async with running_dashboard(jobs=known_jobs(100, start=0), size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        with frames() as sent:
            for name in dash.main.table.ids:
                dash.answer(name, **change)
            await dash.until(lambda: sent)
            await settled(dash)
        assert len(sent) <= 2, "one of the rows, and one of the totals"
        assert "LAYOUT" not in sent
        assert size(sent) <= A_CELL * len(dash.main.table.visible_ids) + 2 * A_LINE


@pytest.mark.parametrize(
    ("before", "key"),
    [
        (("s",), "s"),
        (("asterisk",), "asterisk"),
        (("pagedown",), "pagedown"),
        (("slash", "r"), "e"),
        (("slash", "r"), "~"),
    ],
    ids=["sort", "mark all", "a page", "filter", "filter that leaves no job"],
)
async def test_a_key_is_answered_in_one_frame_of_its_own_lines(
    before: tuple[str, ...], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_dashboard(jobs=known_jobs(100, start=0), size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        for first in before:  # the first time may make a widget, or show one
            await dash.press(first)
        await settled(dash)
        lay_out = Mock(wraps=dash.main._refresh_layout)
        monkeypatch.setattr(dash.main, "_refresh_layout", lay_out)
        with frames() as sent:
            await dash.press(key)
            await settled(dash)
        assert "LAYOUT" not in sent
        assert len(sent) == 1, "otherwise the answer shows in two steps, 17 ms apart"
        assert lay_out.call_count <= 1  # for scrolling alone


async def test_a_toast_repaints_no_row_beside_it_at_either_edge() -> None:
    async with running_dashboard(jobs=known_jobs(100, start=0), size=SIZE, now=lambda: NOW) as dash:
        for key in ("g", "G"):
            await dash.press(key)
            await settled(dash)
            with frames() as sent:
                dash.main.notifications.warn("A complaint")
                await settled(dash)
            assert 0 < size(sent) <= 8 * A_LINE, "of 38"
            dash.main.query_one(Toasts).hide()
