"""Dashboards on one database: one polls, and when it is killed another takes over."""

import signal
import sqlite3
from contextlib import closing

from tests.processes import database
from tests.simulated_api import RUNNING
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.terminal_helpers import dwtop, patched, watch

QUICK = """
    from app.store import lease
    from app.watch.sharing import leader_election
    lease.LEASE_SECONDS = 1.5
    leader_election._SYNC_INTERVAL_SECONDS = 0.2
    leader_election._HEARTBEAT_INTERVAL_SECONDS = 0.4
"""


def holder() -> str:
    """Which pane polls."""
    with closing(sqlite3.connect(database())) as connection:
        return str(connection.execute("SELECT holder FROM lease").fetchone()[0])


def test_another_pane_takes_over_from_a_killed_one(simulator: FaultySimulator) -> None:
    simulator.world.add(RUNNING)
    watch(simulator)
    url = simulator.base_url
    entry = patched(QUICK)
    with dwtop("--interval", "1", base_url=url, entry=entry) as leader:
        leader.wait_for("in progress")  # it polls before the other starts
        with dwtop("--interval", "1", base_url=url, entry=entry) as other:
            other.wait_for("in progress")
            first = holder()
            leader.signal(signal.SIGKILL)
            other.wait_for(lambda pane: holder() != first)
            before = len(simulator.requests)
            other.wait_for(lambda pane: len(simulator.requests) > before)
            assert "in progress" in other.text
