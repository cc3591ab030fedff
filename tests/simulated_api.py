"""A simulated DeepWriter for tests: real HTTP on loopback."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.simulator.scenarios import Step
from tests.simulator_faults.scripted_world import ScriptedWorld
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants

RUNNING = (Step("in_progress", "Drafting", 10.0, 90.0, 3600.0),)
"""A job that runs longer than any test."""

COMPLETED = (Step("completed", None, 100.0, 100.0, 0.0),)
"""A job that is done."""


@contextmanager
def simulated(
    *,
    jobs: int = 0,
    tokens: set[str] | None = None,
    clock: Callable[[], float] = time.time,
    variants: Variants | None = None,
) -> Iterator[FaultySimulator]:
    """A running server; `server.world.add(RUNNING)` adds a job and returns its ID. The tokens may change at any time.

    Fails at the end if something went wrong in the simulator itself.
    """
    with FaultySimulator(ScriptedWorld(0, jobs, clock=clock), tokens, variants) as server:
        yield server
    assert not server.failures, server.failures
