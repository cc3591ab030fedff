"""What is typed reaches the program however it comes, and the thread that reads it sleeps until there is some."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.pane import Pane
from tests.terminal.stage import MODES, dwtop, finished_jobs

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes through /proc"
)

NOBODY = "http://127.0.0.1:9/api"  # nobody is asked: all jobs are finished


@pytest.fixture
def pane(tmp_path: Path) -> Iterator[Pane]:
    finished_jobs(tmp_path / "db", NOBODY, 3)
    with dwtop(base_url=NOBODY, database=tmp_path / "db") as pane:
        pane.wait_for("Document 3")
        pane.wait_for(lambda pane: pane.modes >= MODES)
        yield pane


def awoken(pid: int) -> int:
    """How often threads of a process have waited for something and got it."""
    status = (path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status"))
    return sum(
        int(line.split()[1])
        for text in status
        for line in text.splitlines()
        if line.startswith("voluntary_ctxt_switches")
    )


def test_at_rest_it_wakes_up_a_few_times_a_second_at_most(pane: Pane) -> None:
    pane.settle()
    pane.written_during(2.0)  # the connection is made meanwhile
    before, began = awoken(pane.pid), time.monotonic()
    pane.written_during(4.0)
    passed = time.monotonic() - began
    assert (awoken(pane.pid) - before) / passed < 8  # a thread of Textual's own alone makes it 10


def test_letters_in_pieces_and_bytes_that_are_none(pane: Pane) -> None:
    pane.press("/")
    e_acute = "é".encode()
    pane.send(b"caf" + e_acute[:1])
    pane.settle()
    pane.send(e_acute[1:])
    pane.wait_for("café")
    pane.send(b"\xff\xfe!")
    pane.wait_for("café\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}!")
    pane.press("escape")
    pane.wait_for("Document 3")
    pane.press("q")
    assert pane.wait_exit() == 0


def test_an_escape_that_comes_alone_is_a_key_and_one_that_begins_a_sequence_is_not(pane: Pane) -> None:
    pane.press("?")
    pane.wait_for("Help")
    pane.send(b"\x1b")
    pane.wait_for(lambda pane: "Open or close the details" not in pane.text)
    pane.send(b"\x1b")
    pane.send(b"OB")  # arrow down, in two pieces
    pane.wait_for(lambda pane: "▌ ✔ completed" in pane.screen[2])
    pane.press("q")
    assert pane.wait_exit() == 0
