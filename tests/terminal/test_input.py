"""Input: in pieces, with terminal replies in between, and in order; the thread that reads it sleeps meanwhile."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.processes import child_of, database, state_of, wake_ups
from tests.scripted_api import job_id
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import BROKEN_PAUSE, MODES, NO_API, dwtop, patched
from tests.ui.dashboard_host import fill, known_jobs
from tests.unit.test_input_parser import REPLIES

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes through /proc"
)


@contextmanager
def running(**options: Any) -> Iterator[Pane]:
    """The dashboard with three finished jobs, which ask for nothing."""
    fill(database(), known_jobs(3, "completed"), base_url=NO_API)
    with dwtop(base_url=NO_API, **options) as pane:
        pane.wait_for("Book 3")
        pane.wait_for(lambda pane: pane.modes >= MODES)
        yield pane


@pytest.fixture
def pane() -> Iterator[Pane]:
    with running() as pane:
        yield pane


def test_an_idle_program_wakes_up_a_few_times_a_second_at_most(pane: Pane) -> None:
    pane.wait_until_quiet(1.0)  # it connects meanwhile
    before, began = wake_ups(pane.pid), time.monotonic()
    pane.written_during(2.0)
    passed = time.monotonic() - began
    assert (wake_ups(pane.pid) - before) / passed < 8  # Textual's own input thread alone makes 10


def test_characters_in_pieces_and_replies_do_not_act_as_keys(pane: Pane) -> None:
    pane.send(b"\x9b?62c")  # a reply in 8-bit controls
    pane.wait_until_quiet()
    pane.press("/")
    e_acute = "é".encode()
    pane.send(b"caf" + e_acute[:1])
    pane.wait_until_quiet()
    pane.send(e_acute[1:])
    pane.wait_for("café")
    assert "Keys ─" not in pane.text
    pane.send(b"\xff\xfe!")
    pane.wait_for("café\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}!")
    pane.press("escape")
    pane.wait_for("Book 3")
    pane.press("?")
    pane.wait_for("Keys ─")
    pane.send(b"\x1b")
    pane.wait_for(lambda pane: "Keys ─" not in pane.text)
    pane.press("q")
    assert pane.wait_exit() == 0


def test_replies_and_pieces_of_sequences_are_not_keys() -> None:
    # With so long a delay, no pause of a busy machine turns a byte of a sequence into Escape.
    with running(env={"ESCDELAY": "2000"}) as pane:
        pane.wait_until_quiet()
        before = pane.screen
        for reply in REPLIES.values():
            data = reply.encode()
            pane.send(data)
            for at in range(len(data) if len(data) < 100 else 0):
                pane.send(data[at : at + 1])
        pane.send(b"\x1b[A")  # ends what is incomplete
        pane.wait_until_quiet()
        assert pane.screen == before
        pane.send(b"\x1b")
        pane.send(b"OB")  # arrow down, in two pieces
        pane.wait_for(lambda pane: "▌" in pane.screen[4])  # below header, labels, heading and the first row
        pane.press("q")
        assert pane.wait_exit() == 0


@pytest.mark.parametrize("way", ["SIGTERM", "SIGTSTP", "crash"])
def test_replies_in_transit_do_not_reach_the_shell(way: str) -> None:
    fill(database(), known_jobs(3, "completed"), base_url=NO_API)
    entry = patched(BROKEN_PAUSE)
    shell = ("sh", "-c", 'echo "shell $$"; "$@"; echo "the prompt"; read line', "sh")
    with dwtop(base_url=NO_API, through=shell, entry=entry, lag=0.5) as pane:
        pane.wait_for("Book 3")
        if way == "crash":
            pane.press("p")
        else:
            child = child_of(pane.pid)
            os.kill(child, signal.Signals[way])
            if way == "SIGTSTP":
                pane.wait_for(lambda pane: state_of(child) == "T")
        if way != "SIGTSTP":
            pane.wait_for("the prompt")
        pane.written_during(1.0)  # longer than any answer takes
        assert b"\x1b[?2026$p" in pane.raw
        assert b"2026;2" not in pane.raw  # the terminal would have echoed it
        if way == "SIGTSTP":
            os.kill(child, signal.SIGKILL)


ID = "0a1b2c3d-0000-4000-8000-000000000000"


@pytest.mark.parametrize("bunch", [b"jL", b"?\x1b[200~x\x1b[201~jjL"], ids=["to sign in", "with help open"])
def test_a_paste_goes_to_the_dialog_opened_by_the_key_before_it(pane: Pane, bunch: bytes) -> None:
    # With Help open, L is a key like any other, which is not for the list behind it.
    pane.send(bunch + f"\x1b[200~{ID}\x1b[201~".encode())
    pane.wait_for("Keys ─" if b"?" in bunch else "Sign in")
    pane.wait_until_quiet()
    assert ID.encode() not in pane.raw
    assert "•" * 20 in pane.text or b"?" in bunch
    pane.press("ctrl+c")
    assert pane.wait_exit() == 0


def test_a_paste_of_five_thousand_lines_is_added(pane: Pane) -> None:
    pane.paste("\n".join(f"line {number}: {job_id(number)} and more" for number in range(1000, 6000)))
    pane.wait_for("5000 new")
    pane.press("enter")
    pane.wait_for("Added 5000 jobs")
    pane.press("q")
    assert pane.wait_exit() == 0
