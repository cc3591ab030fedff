"""Any size, and many resizes in quick succession."""

import random
from collections.abc import Iterator

import pytest

from tests.processes import database
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import assert_restored, dwtop
from tests.ui.dashboard_host import fill, known_jobs

LARGEST, SMALLEST = (200, 60), (5, 3)


@pytest.fixture
def pane(simulator: FaultySimulator) -> Iterator[Pane]:
    fill(database(), known_jobs(40, "completed"), base_url=simulator.base_url)
    with dwtop(base_url=simulator.base_url, size=LARGEST) as pane:
        pane.wait_for("Book 40")
        pane.wait_until_quiet()
        yield pane


def storm(pane: Pane, seed: int, times: int = 60) -> None:
    """Resize many times: from the largest to the smallest size, and at random."""
    chance = random.Random(seed)
    for count in range(times):
        share = count / times
        wide = round(LARGEST[0] + share * (SMALLEST[0] - LARGEST[0]))
        high = round(LARGEST[1] + share * (SMALLEST[1] - LARGEST[1]))
        pane.resize(*chance.choice([(wide, high), (chance.randint(5, 200), chance.randint(3, 60))]))
        if count % 5 == 0:
            pane.written_during(0.01)


def test_many_resizes_do_no_harm(pane: Pane) -> None:
    pane.press("j", "space")
    pane.wait_for("1 marked")
    pane.wait_until_quiet()
    before = pane.screen
    for seed, key in enumerate(["a", "?", "e", ":", "L", "c"]):
        pane.press(key)
        storm(pane, seed, times=20)
        pane.resize(*LARGEST)
        pane.press("escape")
        pane.wait_for("Book 40")
    storm(pane, seed=7)
    pane.resize(*SMALLEST)
    pane.wait_until_quiet()
    assert pane.exit_code is None
    storm(pane, seed=8)
    pane.resize(*LARGEST)
    pane.wait_for(lambda pane: pane.screen == before)
    pane.press("ctrl+c")
    assert pane.wait_exit() == 0
    assert_restored(pane)
    assert not pane.text.strip()


def test_a_resized_screen_equals_a_new_one(pane: Pane, simulator: FaultySimulator) -> None:
    for size in ((80, 24), (40, 8), (5, 3)):
        pane.resize(*size)
        pane.wait_until_quiet()
        with dwtop(base_url=simulator.base_url, size=size) as fresh:
            fresh.wait_for(lambda fresh: fresh.text.strip())
            fresh.wait_until_quiet()
            pane.wait_for(lambda pane, fresh=fresh: pane.screen == fresh.screen)  # type: ignore[misc]
