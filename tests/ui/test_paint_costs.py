"""What the dashboard sends to the terminal, counted in frames and bytes, which hold on a busy machine.

Times and memory are measured by `make bench`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.app import App

from app.watch.watched import Watched
from tests.timing import ManualClock
from tests.ui.dashboard_host import NOW, DashboardPilot, fill, known_jobs, running_dashboard

SIZE = (120, 40)

A_CELL = 420
"""Bytes for one changed cell: a line is sent from its left edge, in the colours of its segments."""

A_LINE = 900
"""Bytes for a line of the table, and for the line of sums."""


@contextmanager
def frames() -> Iterator[list[str]]:
    """What would go to the terminal meanwhile, a frame each; where all of the screen was painted, `LAYOUT`."""
    sent: list[str] = []
    display = App._display

    def record(self: Any, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, LayoutUpdate):
            sent.append("LAYOUT")
        elif isinstance(renderable, CompositorUpdate):
            sent.append(renderable.render_segments(self.console))
        display(self, screen, renderable)

    App._display = record  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        App._display = display  # type: ignore[method-assign]


def size(sent: list[str]) -> int:
    return sum(len(frame.encode()) for frame in sent)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    fill(tmp_path / "dwtop.db", known_jobs(100, start=0))
    return tmp_path / "dwtop.db"


async def settled(dash: DashboardPilot) -> None:
    """Wait until the screen has nothing left to paint."""
    await dash.connected()
    for _ in range(20):
        await dash.pilot.pause()


def first_row(dash: DashboardPilot) -> Watched:
    return dash.main.board[dash.main.table.visible_ids[5]]


async def test_nothing_is_painted_while_nothing_changes(path: Path) -> None:
    clock = ManualClock(NOW)
    async with running_dashboard(path, size=SIZE, now=clock) as dash:
        await settled(dash)
        dash.main.status.show_rate()
        await dash.pilot.pause()
        before = dash.app.session.watch_list.store.data_version()
        with frames() as sent:
            for _ in range(
                12
            ):  # as many looks at the clock as in a minute, while data is as fresh as it gets
                clock.now += 0.5
                dash.main._tick()
                dash.main.status.show_rate()
                await dash.pilot.pause()
        assert sent == []
        assert dash.app.session.watch_list.store.data_version() == before


async def test_an_answer_without_changes_paints_nothing(path: Path) -> None:
    async with running_dashboard(path, size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        job = first_row(dash).job
        assert job
        with frames() as sent:
            dash.app.session.watch_list.record_answer(job)
            dash.main._show_changes({job.id})
            await dash.pilot.pause()
        assert sent == []


async def test_one_cell_costs_one_cell(path: Path) -> None:
    async with running_dashboard(path, size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        entry = first_row(dash)
        assert entry.job
        with frames() as sent:
            dash.app.session.watch_list.record_answer(replace(entry.job, stage="Something else"))
            dash.main.table.changed([entry.id])
            await dash.pilot.pause()
        assert len(sent) == 1
        assert 0 < size(sent) <= A_CELL


async def test_progress_repaints_its_cells_and_the_totals(path: Path) -> None:
    async with running_dashboard(path, size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        moving = [
            entry
            for entry in map(dash.main.board.__getitem__, dash.main.table.visible_ids)
            if entry.job and entry.job.status == "in_progress"
        ]
        assert moving
        with frames() as sent:
            for entry in moving:
                assert entry.job
                dash.app.session.watch_list.record_answer(replace(entry.job, progress=61.0))
            await dash.until(lambda: sent)
            await dash.pilot.pause()
        assert "LAYOUT" not in sent
        assert size(sent) <= A_CELL * len(moving) + 2 * A_LINE


@pytest.mark.parametrize(
    ("before", "key"),
    [
        (("s",), "s"),
        (("asterisk",), "asterisk"),
        (("pagedown",), "pagedown"),
        (("slash", "r"), "e"),
        (("slash", "r"), "~"),  # which leaves no job
    ],
)
async def test_a_key_is_answered_in_one_frame_of_its_own_lines(
    path: Path, before: tuple[str, ...], key: str
) -> None:
    async with running_dashboard(path, size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        for first in before:  # the first time may make a widget, or show one
            await dash.press(first)
        await settled(dash)
        layouts = 0
        lay_out = dash.main._refresh_layout

        def count(*arguments: Any, **options: Any) -> None:
            nonlocal layouts
            layouts += 1
            lay_out(*arguments, **options)

        dash.main._refresh_layout = count  # type: ignore[method-assign]
        with frames() as sent:
            await dash.press(key)
            await settled(dash)
        assert "LAYOUT" not in sent
        assert len(sent) == 1, "otherwise the answer shows in two steps, 17 ms apart"
        assert layouts <= 1  # for scrolling alone


async def test_a_job_off_the_screen_costs_no_cell(path: Path) -> None:
    async with running_dashboard(path, size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        hidden = dash.main.board[dash.main.table.ids[-1]]
        assert hidden.job
        assert hidden.id not in dash.main.table.visible_ids
        with frames() as sent:
            dash.app.session.watch_list.record_answer(replace(hidden.job, stage="Something else"))
            dash.main.table.changed([hidden.id])
            await dash.pilot.pause()
        assert sent == []


async def test_many_answers_share_a_frame(path: Path) -> None:
    async with running_dashboard(path, size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        shown: list[int] = []
        settle = dash.main._show_changes

        def count(jobs: set[str]) -> None:
            shown.append(len(jobs))
            settle(jobs)

        dash.main._batch._show = count
        entries = [dash.main.board[job_id] for job_id in dash.main.table.ids]
        answered = 0
        for entry in entries:
            if entry.job:
                dash.app.session.watch_list.record_answer(replace(entry.job, stage="Something else"))
                answered += 1
        await dash.until(lambda: shown)
        assert shown == [answered]


async def test_moving_the_cursor_paints_two_lines(path: Path) -> None:
    async with running_dashboard(path, size=SIZE, now=lambda: NOW) as dash:
        await settled(dash)
        await dash.press("down")
        with frames() as sent:
            await dash.press("down")
        assert "LAYOUT" not in sent
        assert 0 < size(sent) <= 2 * A_LINE
