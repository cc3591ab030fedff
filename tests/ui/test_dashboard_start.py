"""The first frame, restored view state, and quitting."""

import time
from dataclasses import replace

import pytest

from app.dashboard.app import Dashboard
from app.watch.polling.link import Link, LinkState
from app.watch.watched import Outlook
from tests.processes import database
from tests.scripted_api import job_id
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.ui.dashboard_host import EVERY_SECOND, fill, known, running_dashboard, to_server


async def test_the_first_frame_shows_the_last_known_state_while_the_api_hangs(
    simulator: FaultySimulator,
) -> None:
    fill(database(), [known(1, age=540), known(2, "completed", age=7200)], base_url=simulator.base_url)
    simulator.faults.add(Fault(kind=FaultKind.HANG))
    async with running_dashboard(
        to_server(simulator.base_url), base_url=simulator.base_url, settings=EVERY_SECOND
    ) as dash:
        assert "Book 1" in dash.text
        assert "42%" in dash.line("Book 1")
        assert "Drafting" in dash.line("Book 1")
        assert " at " in dash.line("Book 1"), "what is old says since when"
        assert "completed in" in dash.line("Book 2")
        assert " at " not in dash.line("Book 2"), "what is finished does not grow old"
        assert "1 running" in dash.text
        assert "1 done" in dash.text
        await dash.until(lambda: simulator.requests)
        await dash.pilot.pause()
        assert all(seen.status is None for seen in simulator.requests)
        assert " at " in dash.line("Book 1")


async def test_keys_of_the_program_work_in_fields_and_dialogs(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    async def record_quit(app: Dashboard) -> None:
        done.append("quit")

    monkeypatch.setattr(Dashboard, "action_quit", record_quit)
    for action in ("redraw", "suspend_process"):
        monkeypatch.setattr(Dashboard, f"action_{action}", lambda app, action=action: done.append(action))
    async with running_dashboard(jobs=[known(1)]) as dash:
        for opening in ("slash", "a", "colon", "x", "question_mark", "L", "e", "c", "t"):
            done.clear()
            await dash.press(opening)
            assert opening == "slash" or dash.app.screen is not dash.main
            if opening in ("x", "question_mark", "e", "c"):
                await dash.press("ctrl+l", "ctrl+z")
                assert done == ["redraw", "suspend_process"], opening
            await dash.press("ctrl+c")
            assert done[-1:] == ["quit"], opening
            assert done.count("quit") == 1, opening
            await dash.press("escape")
            await dash.until(lambda: dash.app.screen is dash.main)


async def test_how_it_was_left_is_how_it_starts() -> None:
    fill(database(), [known(1, title="alpha"), known(2, title="beta"), known(3, title="alphabet")])
    async with running_dashboard() as dash:
        await dash.press("s", "s", "s", "s", "s", "S")  # the next column is the title, last first
        await dash.press("slash", *"alpha", "enter")
        await dash.press("z", "z")
        await dash.press("c", "space", "enter")
        assert "STAGE" not in dash.text
        dash.app.theme = "textual-light"
        await dash.pilot.pause()
        assert dash.shown == [job_id(3), job_id(1)]
        shown = dash.main.job_list.columns
        assert "stage" not in shown, "the first in the list of columns is the stage, and it was there"
    async with running_dashboard() as dash:
        assert dash.shown == [job_id(3), job_id(1)]
        assert dash.main.job_list.columns == shown
        assert dash.app.theme == "textual-light"
        assert dash.main.has_class("-full")
        assert "TITLE ▾" in dash.text
        await dash.press("escape")
        assert dash.shown == [job_id(2), job_id(3), job_id(1)]
    async with running_dashboard() as dash:
        assert len(dash.shown) == 3, "a filter that was cleared stays cleared"


async def test_offline_shows_the_time_of_the_next_attempt() -> None:
    fill(database(), [known(1, age=60)], base_url="http://127.0.0.1:9/api")
    async with running_dashboard(
        to_server("http://127.0.0.1:9/api"), base_url="http://127.0.0.1:9/api"
    ) as dash:
        await dash.until("Offline since ")
        assert "Book 1" in dash.text
        await dash.until("✖ The API stopped answering: cannot reach 127.0.0.1:9")
        await dash.press("enter")
        await dash.until("Not refreshed since")
        assert "cannot reach" in dash.line("Not refreshed since")


async def test_the_header_expects_nothing_of_jobs_that_are_not_refreshed() -> None:
    finish = time.time() + 600
    running_job = replace(known(1), outlook=Outlook(finish, finish, finish))
    async with running_dashboard(jobs=[running_job]) as dash:
        await dash.connected()
        await dash.until("all done")
        assert "next ~10m" in dash.text
        dash.main.show_link(LinkState(Link.DOWN, "The host is down.", time.time() + 12))
        await dash.until("Offline since")
        await dash.until(lambda: "all done" not in dash.text and "next ~" not in dash.text)
        dash.main.show_link(LinkState())
        await dash.until("next ~10m")
        await dash.press("p")
        await dash.until(lambda: "next ~" not in dash.text)
