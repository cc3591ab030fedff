"""A terminal that stops reading (Ctrl+S, a stuck connection): the program runs on, and draws its state once it reads."""

import signal
from collections.abc import Iterator

import pytest

from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import assert_in_order, dwtop, patched, running, watch

JOBS = 10


@pytest.fixture
def stuck(simulator: FaultySimulator) -> Iterator[Pane]:
    """A terminal that has stopped reading, with much output waiting."""
    for number in range(JOBS):
        simulator.world.add(RUNNING, title=f"Report {number}")
    watch(simulator)
    with dwtop("--interval", "1", base_url=simulator.base_url) as pane:
        pane.wait_for(lambda pane: pane.text.count("in progress") == JOBS)
        pane.wait_until_quiet()
        pane.reading = False
        for _ in range(100):
            pane.press("j", "k", "G", "g")
        yield pane


def cursor_line(pane: Pane) -> int:
    return next(number for number, line in enumerate(pane.screen) if "▌" in line)


def poll_all(pane: Pane, simulator: FaultySimulator) -> None:
    """Wait until every job has been fetched again."""
    before = len(simulator.requests)
    pane.wait_for(lambda pane: len(simulator.requests) >= before + JOBS)


def test_it_polls_on_and_draws_the_newest_state_afterwards(stuck: Pane, simulator: FaultySimulator) -> None:
    poll_all(stuck, simulator)
    for job_id in simulator.world.ids:
        simulator.faults.add(Fault(kind=FaultKind.FIELDS, job_id=job_id, fields={"status": "completed"}))
    poll_all(stuck, simulator)
    assert "completed" not in stuck.text
    stuck.press("?")
    stuck.reading = True
    stuck.wait_for("Keys ─")
    stuck.press("escape")
    stuck.wait_for(f"{JOBS} done")
    stuck.press("g")  # where jobs ended, the cursor may be on the last one
    stuck.wait_until_quiet()
    before = cursor_line(stuck)
    stuck.press("j")
    stuck.wait_for(lambda pane: cursor_line(pane) == before + 1)
    stuck.press("q")
    assert stuck.wait_exit() == 0
    assert_in_order(stuck)


@pytest.mark.parametrize("way", ["q", "SIGTERM"])
def test_it_exits_and_restores_the_terminal(stuck: Pane, simulator: FaultySimulator, way: str) -> None:
    poll_all(stuck, simulator)
    if way == "q":
        stuck.press("q")
    else:
        stuck.signal(signal.SIGTERM)
    assert stuck.wait_exit() == (0 if way == "q" else 143)
    stuck.reading = True
    stuck.wait_until_quiet()
    assert_in_order(stuck)


def test_it_exits_where_its_terminal_has_no_name(simulator: FaultySimulator) -> None:
    entry = patched(
        """
        import os
        def ttyname(terminal):
            raise OSError(19, "No such device")
        os.ttyname = ttyname
        """
    )
    with running(simulator, entry=entry, size=(200, 60)) as pane:
        pane.reading = False
        for _ in range(30):
            pane.press("?", "escape")
        pane.press("q")
        assert pane.wait_exit() == 0
        pane.reading = True
        pane.wait_until_quiet()
        assert_in_order(pane)


def test_a_large_screen_on_a_slow_terminal_is_sent_once(simulator: FaultySimulator) -> None:
    for number in range(70):
        simulator.world.add(RUNNING, title=f"Report {number} " + "é" * 100)
    watch(simulator)
    pane = dwtop("--interval", "60", base_url=simulator.base_url, size=(300, 80))
    with pane:
        pane.wait_for(lambda pane: pane.text.count("in progress") >= 70, timeout=60)
        pane.wait_until_quiet()
        pane.press("t")  # nearly everything is painted again
        pane.wait_for("Choose a theme")
        pane.wait_until_quiet()  # it would paint forever if a frame that is still being sent led to another
        pane.press("escape")
        pane.wait_until_quiet()
        pane.press("q")
        assert pane.wait_exit() == 0
