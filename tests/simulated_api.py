"""A simulated DeepWriter for tests: real HTTP on loopback."""

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
    seed: int = 0,
    speed: float = 1.0,
    tokens: set[str] | None = None,
    clock: Callable[[], float] | None = None,
    variants: Variants | None = None,
) -> Iterator[FaultySimulator]:
    """A running server with `.base_url`, `.world`, `.faults`, `.requests` and `.traffic`.

    With no jobs of its own: `server.world.add(RUNNING)` adds one and returns its ID. At the end it is made sure
    that nothing went wrong in the simulator itself. The tokens may change at any time, since it looks at them anew
    with each request.
    """
    world = ScriptedWorld(seed, jobs, speed, clock) if clock else ScriptedWorld(seed, jobs, speed)
    with FaultySimulator(world, tokens, variants) as server:
        yield server
    assert not server.traffic.failures, server.traffic.failures
