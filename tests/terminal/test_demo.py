"""The installed program in a terminal: its demo, and its first minute."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import database
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import NO_API, assert_restored, dwtop
from tests.ui.dashboard_host import fill, known_jobs

DWTOP = Path(sys.executable).with_name("dwtop")

pytestmark = pytest.mark.skipif(not DWTOP.exists(), reason="dwtop is not installed in this environment")


def shows_running_job(pane: Pane) -> bool:
    return re.search(r"▸ .* \d+%", pane.text) is not None


@pytest.fixture
def demo() -> Iterator[Pane]:
    with Pane(str(DWTOP), "--demo", size=(120, 40)) as pane:
        pane.wait_for(shows_running_job, 30)
        yield pane


def test_a_first_minute_with_the_demo(demo: Pane) -> None:
    assert "DEMO" in demo.text
    assert "STATUS" in demo.text
    demo.wait_for(lambda pane: "dwtop" in pane.title)
    assert re.match(r"\d+▶ ", demo.title)

    # The key line teaches what was not tried yet.
    demo.wait_for("Simulated jobs: try anything.")
    demo.press("e")
    demo.wait_for("Events")
    demo.press("escape")
    demo.wait_for("j k move")
    demo.press("j", "k")
    demo.wait_for("Enter details")

    # To a job in progress, by its title, and cancel it.
    demo.press("/")
    demo.wait_for("filter by title")
    demo.press(*"literature", "enter")  # it stands still for long enough
    demo.wait_for("/literature: 1 of")
    line = next(line for line in demo.screen if line.startswith("▌"))
    short_id = line.split()[-1]
    demo.press("escape", "x")
    demo.wait_for("Cancel this job?")
    assert short_id in demo.text
    while "Cancel this job?" in demo.text:  # the first instants of the dialog take no key
        demo.press("y")
        demo.written_during(0.3)
    demo.wait_for(
        lambda pane: any(short_id in line and "⊘" in line and "cancelled" in line for line in pane.screen), 20
    )

    # All about it, and through two smaller panes.
    demo.press("enter")
    demo.wait_for("Stages")
    demo.press("escape")
    demo.wait_for(lambda pane: "Stages" not in pane.text)
    demo.wait_for("q quit")
    demo.resize(40, 10)
    demo.wait_for(lambda pane: "STAGE" not in pane.text and max(map(len, pane.screen)) <= 40)
    demo.wait_for(shows_running_job)
    demo.resize(80, 24)
    demo.wait_for(shows_running_job)

    demo.press("q")
    assert demo.wait_exit() == 0
    assert_restored(demo)
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


def test_a_demo_writes_no_files(tmp_path: Path) -> None:
    folders = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    with Pane(str(DWTOP), "--demo", size=(120, 40), env=folders) as pane:
        pane.wait_for(shows_running_job, 30)
        assert list(tmp_path.iterdir()) == []
        pane.hang_up()
        pane.wait_exit()
    assert list(tmp_path.iterdir()) == []


def test_an_idle_screen_writes_nothing_and_ctrl_l_redraws_it() -> None:
    fill(database(), known_jobs(16, "completed"), base_url=NO_API)
    with dwtop(base_url=NO_API) as pane:
        pane.wait_for("completed")
        pane.wait_until_quiet(1.0)
        assert pane.written_during(1.5) == 0
        pane.press("j")
        pane.wait_for(lambda pane: not pane.screen[1].startswith("▌"))
        pane.wait_until_quiet()
        assert pane.written_during(1.5) == 0
        for dialog in ("", "e"):
            if dialog:
                pane.press(dialog)
                pane.wait_for("No events yet.")
                pane.wait_until_quiet()
            before = pane.screen
            pane.wipe()
            pane.press("ctrl+l")
            pane.wait_for(lambda pane, before=before: pane.screen == before)  # type: ignore[misc]


def test_no_color_means_no_color() -> None:
    env = {"COLORTERM": "", "NO_COLOR": "1"}
    with Pane(str(DWTOP), "--demo", size=(100, 30), env=env) as pane:
        pane.wait_for("Simulated jobs: try anything.")
        pane.press("?")
        pane.wait_for("Keys")
        codes = {
            int(code)
            for sequence in re.findall(rb"\x1b\[([\d;]*)m", pane.raw)
            for code in sequence.split(b";")
            if code
        }
    assert {1, 7} <= codes, "bold and reverse take the place of colours"
    assert not codes & {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}
