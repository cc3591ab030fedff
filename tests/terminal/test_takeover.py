"""Real dashboards on one database: the one that polls is killed, and another takes over in time."""

import signal
import time
from pathlib import Path

from tests.simulated_api import RUNNING, simulated
from tests.terminal.terminal_helpers import dwtop, watch


def test_when_the_pane_that_polls_is_killed_another_takes_over(tmp_path: Path) -> None:
    with simulated() as server:
        for _ in range(3):
            server.world.add(RUNNING)
        database = tmp_path / "db"
        watch(database, server)
        with (
            dwtop("--interval", "1", base_url=server.base_url, database=database) as first,
            dwtop("--interval", "1", base_url=server.base_url, database=database) as second,
        ):
            first.wait_for("in progress")
            second.wait_for("in progress")
            asked, since = len(server.requests), time.monotonic()
            first.settle(2.0)
            second.settle(0.1)
            rate = (len(server.requests) - asked) / (time.monotonic() - since)
            assert (
                rate < 1.6 * 3
            )  # what one pane asks for, with room for a slow machine; two would ask for 6 a second

            leader = min((first, second), key=lambda pane: pane.pid)  # the first to come is the first to lead
            other = second if leader is first else first
            leader.signal(signal.SIGKILL)
            killed = time.monotonic()
            before = len(server.requests)
            while len(server.requests) < before + 4:
                assert time.monotonic() - killed < 15, "nobody took over"
                other.settle(0.1)
            assert "in progress" in other.text
