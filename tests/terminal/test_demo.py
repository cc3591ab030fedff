"""The installed program in a real terminal: what a person sees and does in the first minute."""

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.watch.watched import Watched
from tests.scripted_api import job, job_id
from tests.terminal.pane import Pane
from tests.ui.dashboard_host import fill

DWTOP = Path(sys.executable).with_name("dwtop")

pytestmark = pytest.mark.skipif(not DWTOP.exists(), reason="dwtop is not installed in this environment")


def _running(line: str) -> bool:
    return re.search(r"▸ .* \d+%", line) is not None


def _left_as_found(pane: Pane) -> None:
    """Nothing of the program is left in the terminal."""
    assert not pane.modes & {1000, 1002, 1003, 1004, 1006, 1015, 1049, 2004}
    last_hidden, last_shown = pane.raw.rfind(b"\x1b[?25l"), pane.raw.rfind(b"\x1b[?25h")
    assert last_shown > last_hidden, "the cursor is shown again"
    assert pane.raw.rfind(b"\x1b[?1049l") > pane.raw.rfind(b"\x1b[?1049h")
    assert pane.raw.rfind(b"\x1b[?1006l") > pane.raw.rfind(b"\x1b[?1006h")


@pytest.fixture
def demo() -> Iterator[Pane]:
    with Pane(str(DWTOP), "--demo", size=(120, 40)) as pane:
        pane.wait_for(lambda pane: any(_running(line) for line in pane.screen), 30)
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
    assert _running(line), line
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
    demo.wait_for(lambda pane: any(re.search(r"▸ .* \d+%", line) for line in pane.screen))
    demo.resize(80, 24)
    demo.wait_for(lambda pane: any(_running(line) for line in pane.screen))

    start = time.monotonic()
    demo.press("q")
    assert demo.wait_exit() == 0
    assert time.monotonic() - start < 2
    _left_as_found(demo)
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


def test_ctrl_c_leaves_in_good_order_too(demo: Pane) -> None:
    demo.press("?")
    demo.wait_for("Esc close")
    demo.press("ctrl+c")
    assert demo.wait_exit(3) == 0
    _left_as_found(demo)


def _demo_in(folder: Path) -> Pane:
    return Pane(str(DWTOP), "--demo", size=(120, 40), env={"TMPDIR": str(folder)})


@pytest.mark.parametrize("way", ["q", "hang-up", "hang-up without a signal", "TERM", "QUIT"])
def test_a_demo_leaves_no_files(tmp_path: Path, way: str) -> None:
    with _demo_in(tmp_path) as pane:
        pane.wait_for(lambda pane: any(_running(line) for line in pane.screen), 30)
        assert [path.name.startswith("dwtop-demo-") for path in tmp_path.iterdir()] == [True]
        if way == "q":
            pane.press("q")
        elif way == "hang-up":
            pane.signal(signal.SIGHUP)
            pane.hang_up()
        elif way == "hang-up without a signal":
            pane.hang_up()
        else:
            pane.signal(signal.Signals[f"SIG{way}"])
        pane.wait_exit()
    assert list(tmp_path.iterdir()) == []


def test_files_of_killed_demos_go_at_the_next_start_and_those_of_running_ones_stay(tmp_path: Path) -> None:
    foreign = tmp_path / "dwtop-demolition"
    foreign.mkdir()
    with _demo_in(tmp_path) as running, _demo_in(tmp_path) as killed:
        for pane in (running, killed):
            pane.wait_for(lambda pane: any(_running(line) for line in pane.screen), 30)
        killed.signal(signal.SIGKILL)
        killed.wait_exit()
        assert len(list(tmp_path.glob("dwtop-demo-*"))) == 2
        with _demo_in(tmp_path) as third:
            third.wait_for(lambda pane: any(_running(line) for line in pane.screen), 30)
            assert len(list(tmp_path.glob("dwtop-demo-*"))) == 2
            third.press("q")
            assert third.wait_exit() == 0
        running.press("q")
        assert running.wait_exit() == 0
    assert list(tmp_path.iterdir()) == [foreign]


def test_with_nothing_new_not_a_byte_is_written(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    base_url = "http://127.0.0.1:9/api"
    statuses = ("completed", "failed", "cancelled", "moderated") * 4
    entries = [
        Watched(job_id(n), n, job(job_id(n), status), time.time()) for n, status in enumerate(statuses)
    ]
    fill(path, entries, base_url=base_url)
    settled = ("--base-url", base_url, "--database", str(path))
    with Pane(str(DWTOP), *settled, size=(120, 40), env={"DEEPWRITER_TOKEN": "a-token"}) as pane:
        pane.wait_for("completed", 30)
        pane.settle(1.5, 30)
        assert pane.written_during(3.0) == 0
        pane.press("j")
        pane.wait_for(lambda pane: not pane.screen[1].startswith("▌"))
        pane.settle(1.5)
        assert pane.written_during(3.0) == 0
        pane.press("q")
        assert pane.wait_exit(3) == 0


@pytest.mark.parametrize("dialog", ["", "e"])
def test_ctrl_l_draws_the_whole_screen_again(tmp_path: Path, dialog: str) -> None:
    path = tmp_path / "dwtop.db"
    entries = [Watched(job_id(n), n, job(job_id(n), "completed"), time.time()) for n in range(9)]
    fill(path, entries, base_url="http://127.0.0.1:9/api")
    start = ("--base-url", "http://127.0.0.1:9/api", "--database", str(path))
    with Pane(str(DWTOP), *start, size=(80, 24), env={"DEEPWRITER_TOKEN": "a-token"}) as pane:
        pane.wait_for("9 done", 30)
        pane.settle()
        if dialog:
            pane.press(dialog)
            pane.wait_for("No events yet.")
            pane.settle()
        before = pane.screen
        pane.wipe()
        pane.press("ctrl+l")
        pane.wait_for(lambda pane: pane.screen == before)


def test_ids_on_the_command_line_are_on_the_list_at_once(tmp_path: Path) -> None:
    base_url = "http://127.0.0.1:9/api"
    start = ("--base-url", base_url, "--database", str(tmp_path / "dwtop.db"), job_id(1), job_id(2))
    with Pane(str(DWTOP), *start, size=(80, 24), env={"DEEPWRITER_TOKEN": "a-token"}) as pane:
        pane.wait_for(lambda pane: sum("new" in line for line in pane.screen) == 2, 30)
        pane.wait_for("Offline since ")
        pane.press("q")
        assert pane.wait_exit(3) == 0
        _left_as_found(pane)


def test_a_token_command_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"token_command = \"{sys.executable} -c 'import time; time.sleep(25)'\"\n")
    with Pane(
        str(DWTOP), "--config", str(config), "--database", str(tmp_path / "dwtop.db"), job_id(1)
    ) as pane:
        pane.wait_for("new", 30)
        pane.settle()
        start = time.monotonic()
        pane.press("q")
        assert pane.wait_exit() == 0
        assert time.monotonic() - start < 2


@pytest.mark.parametrize("terminal", ["xterm-256color", "xterm"])
def test_without_colour_nothing_is_coloured_in_any_terminal(terminal: str) -> None:
    env = {"TERM": terminal, "COLORTERM": "", "NO_COLOR": "1"}
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
