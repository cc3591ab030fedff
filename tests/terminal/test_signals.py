"""Every way out, and every stop, restores the terminal."""

import os
import shlex
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import ROOT, child_of, has_ended, state_of, threads_of
from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import (
    BROKEN_PAUSE,
    MODES,
    PYTHON,
    assert_in_order,
    assert_restored,
    dwtop,
    patched,
    running,
    watch,
)
from tests.timing import until

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes through /proc"
)

MODES_OF_DWTOP = MODES - {2004}
"""The modes that are off while the shell has the terminal: it sets bracketed paste itself."""

COMMAND = shlex.join([PYTHON, "-m", "app"])


@pytest.fixture
def pane(simulator: FaultySimulator) -> Iterator[Pane]:
    with running(simulator) as pane:
        yield pane


@pytest.mark.parametrize(
    ("way", "code"),
    [("ctrl+c", 0), ("INT", 0), ("TERM", 143), ("HUP", 129), ("QUIT", 131), ("USR1", 138)],
)
def test_every_exit_restores_the_terminal(pane: Pane, way: str, code: int) -> None:
    before = len(pane.raw)
    if way.isupper():
        pane.signal(signal.Signals[f"SIG{way}"])
    else:
        pane.press(way)
    assert pane.wait_exit() == code
    assert_restored(pane, before)
    assert not pane.text.strip()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_during_the_start_restores_the_terminal(
    simulator: FaultySimulator, number: signal.Signals, code: int
) -> None:
    with dwtop(base_url=simulator.base_url) as pane:
        pane.wait_for(lambda pane: 1049 in pane.modes)
        pane.signal(number)
        assert pane.wait_exit() == code
        assert_in_order(pane)
        assert not pane.text.strip()


def test_a_signal_restores_the_terminal_even_while_the_program_hangs(simulator: FaultySimulator) -> None:
    entry = patched(
        """
        import time
        from app.dashboard.polling_actions import PollingActions
        def hang(self):
            self.screen.app.bell()
            time.sleep(60)
        PollingActions.pause = hang
        """
    )
    with running(simulator, entry=entry) as pane:
        pane.wait_until_quiet()
        before = len(pane.raw)
        pane.press("p")
        pane.wait_for(lambda pane: pane.bells)
        pane.signal(signal.SIGTERM)
        assert pane.wait_exit() == 143
        assert_restored(pane, before)


def test_the_screen_is_drawn_on_the_terminal_if_errors_go_to_a_file(
    simulator: FaultySimulator, tmp_path: Path
) -> None:
    through = ("sh", "-c", 'exec "$@" 2>"$0"', str(tmp_path / "errors"))
    with running(simulator, through=through) as pane:
        pane.press("q")
        assert pane.wait_exit() == 0
        assert_restored(pane)
    assert (tmp_path / "errors").read_bytes() == b""


BROKEN_WORKER = """
    from app.watch.session import Session
    async def broken(self):
        raise RuntimeError("a mistake")
    Session.run = broken
"""


@pytest.mark.parametrize("statements", [BROKEN_PAUSE, BROKEN_WORKER], ids=["action", "worker"])
def test_a_crash_restores_the_terminal_and_writes_a_report(
    simulator: FaultySimulator, statements: str
) -> None:
    watch(simulator)
    with dwtop(base_url=simulator.base_url, entry=patched(statements)) as pane:
        if statements is BROKEN_PAUSE:
            pane.wait_for("help")
            pane.press("p")
        assert pane.wait_exit() == 70
        assert_restored(pane)
        assert "please report it" in pane.text
        assert "Traceback" not in pane.text
    report = next(Path(os.environ["XDG_DATA_HOME"]).rglob("crash-*.txt")).read_text()
    assert "RuntimeError: a mistake" in report
    assert "in broken" in report


def test_stopped_and_continued_it_comes_back_as_it_was(pane: Pane) -> None:
    def stop(number: signal.Signals) -> None:
        pane.signal(number)
        pane.wait_for(lambda pane: state_of(pane.pid) == "T")

    before = len(pane.raw)
    stop(signal.SIGTSTP)
    pane.wait_until_quiet()
    assert_restored(pane, before)
    assert "A long report" not in pane.text
    pane.resize(100, 20)
    pane.signal(signal.SIGCONT)
    pane.wait_for("A long report")
    pane.wait_for(lambda pane: pane.modes >= MODES)
    pane.wait_until_quiet()
    threads, before = threads_of(pane.pid), len(pane.raw)
    stop(signal.SIGSTOP)  # which cannot be handled
    pane.signal(signal.SIGCONT)
    pane.wait_for(lambda pane: b"\x1b[?1049h" in pane.raw[before:])
    pane.press("?")
    pane.wait_for("Keys ─")
    assert threads_of(pane.pid) <= threads + 1
    pane.press("escape", "q")
    assert pane.wait_exit() == 0


@pytest.fixture
def shell(simulator: FaultySimulator) -> Iterator[Pane]:
    """A shell that has started the dashboard, and reports at once when it has ended."""
    if shutil.which("bash") is None:
        pytest.skip("needs a shell with job control")
    simulator.world.add(RUNNING, title="A long report")
    watch(simulator)
    env = {"DEEPWRITER_BASE_URL": simulator.base_url, "DEEPWRITER_TOKEN": "t", "PS1": "ready> "}
    with Pane("bash", "--norc", "--noprofile", "-i", size=(100, 20), env=env, cwd=ROOT) as shell:
        shell.wait_for("ready>")
        shell.send(f"set -b; {COMMAND}\r".encode())
        shell.wait_for("A long report")
        shell.wait_for(lambda pane: pane.modes >= MODES)
        yield shell


def test_the_shell_stops_it_and_continues_it_in_the_foreground(shell: Pane) -> None:
    shell.press("ctrl+z")
    shell.wait_for("Stopped")
    assert not shell.modes & MODES_OF_DWTOP
    shell.send(b"echo the shell $((1+1)) works\r")
    shell.wait_for("the shell 2 works")
    before = len(shell.raw)
    shell.send(b"bg\r")  # in the background it may not use the terminal, and stops again
    shell.wait_for(lambda pane: pane.raw[before:].count(b"Stopped"))
    shell.send(b"fg; echo code $?\r")
    shell.wait_for("A long report")
    shell.wait_for(lambda pane: pane.modes >= MODES)
    shell.wait_until_quiet()
    assert shell.raw[before:].count(b"\x1b[?1049h") == 1
    shell.press("q")
    shell.wait_for("code 0")
    assert not shell.modes & MODES_OF_DWTOP


@pytest.mark.parametrize("stopped_by", ["ctrl+z", "bg", "SIGSTOP"])
@pytest.mark.parametrize("ended_by", ["shell", "another process"])
def test_ended_while_it_is_stopped_it_leaves_the_terminal_to_the_shell(
    shell: Pane, stopped_by: str, ended_by: str
) -> None:
    pid = child_of(shell.pid)
    if stopped_by == "SIGSTOP":
        os.kill(pid, signal.SIGSTOP)
    else:
        shell.press("ctrl+z")
    shell.wait_for("Stopped")
    if stopped_by == "bg":
        seen = len(shell.raw)
        shell.send(b"bg\r")
        shell.wait_for(lambda pane: pane.raw[seen:].count(b"Stopped"))
    before = len(shell.raw)
    if ended_by == "shell":
        shell.send(b"kill %1\r")
    else:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)
    shell.wait_for("Exit 143")  # `wait` might return before the shell knows that the job continues
    assert b"\x1b[?1049h" not in shell.raw[before:]
    assert not shell.modes & MODES_OF_DWTOP
    shell.send(b"echo the shell $((1+1)) works\r")
    shell.wait_for("the shell 2 works")


@pytest.mark.skipif(shutil.which("screen") is None, reason="needs GNU screen")
def test_a_terminal_without_an_alternate_screen_is_left_blank(
    simulator: FaultySimulator, tmp_path: Path
) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(simulator)
    sockets, settings = tmp_path / "sockets", tmp_path / "screenrc"
    sockets.mkdir(mode=0o700)
    settings.write_text("startup_message off\naltscreen off\n")
    api = {"DEEPWRITER_BASE_URL": simulator.base_url, "DEEPWRITER_TOKEN": "t"}
    env = {**api, "PS1": "ready> ", "SCREENDIR": str(sockets)}
    command = ("screen", "-c", str(settings), "bash", "--norc", "--noprofile", "-i")
    with Pane(*command, size=(100, 20), env=env, cwd=ROOT) as shell:
        shell.wait_for("ready>")
        for key, start in (("ctrl+z", f"clear; {COMMAND}"), ("q", "fg")):
            shell.send(f"{start}; echo left\r".encode())
            shell.wait_for("A long report")
            shell.wait_until_quiet()
            shell.press(key)
            shell.wait_for("Stopped" if key == "ctrl+z" else "left")
            shell.wait_for(lambda pane: pane.screen[pane.cursor_line].endswith("ready>"))
            assert "A long report" not in shell.text
            assert "STATUS" not in shell.text
        shell.send(b"exit\r")
        assert shell.wait_exit() == 0


# What hangs below hangs for longer than `wait_exit` waits.


def test_the_exit_does_not_wait_for_a_request(simulator: FaultySimulator) -> None:
    simulator.faults.add(Fault(kind=FaultKind.HANG))
    with running(simulator, shows="quit") as pane:
        pane.wait_for(lambda pane: simulator.requests and simulator.requests[-1].in_flight)
        pane.press("q")
        assert pane.wait_exit() == 0
        assert_restored(pane)


def test_the_exit_does_not_wait_for_a_name_server(simulator: FaultySimulator, tmp_path: Path) -> None:
    note = tmp_path / "resolving"
    statements = f"""
        import pathlib, socket, time
        def hang(*arguments, **options):
            pathlib.Path({str(note)!r}).touch()
            time.sleep(60)
        socket.getaddrinfo = hang
    """
    url = simulator.base_url.replace("127.0.0.1", "localhost")
    with dwtop(base_url=url, entry=patched(statements)) as pane:
        pane.wait_for("help")
        pane.press("a", *"11111111-0000-4000-8000-000000000000", "enter")
        pane.wait_for(lambda pane: note.exists())
        pane.press("q")
        assert pane.wait_exit() == 0
        assert_restored(pane)


@pytest.mark.parametrize("way", ["q", "hang-up"])
def test_the_exit_ends_a_token_command_and_does_not_wait_for_it(
    simulator: FaultySimulator, tmp_path: Path, way: str
) -> None:
    note = tmp_path / "pid"
    command = f"sh -c 'echo $$ >{note}; exec sleep 60'"
    env = {"DEEPWRITER_TOKEN": "", "DWTOP_TOKEN_COMMAND": command}
    with running(simulator, shows="quit", env=env) as pane:
        pane.wait_for(lambda pane: note.exists() and note.read_text())
        if way == "q":
            pane.press("q")
            assert pane.wait_exit() == 0
            assert_restored(pane)
        else:
            pane.hang_up()
            assert pane.wait_exit() == 129
        until(lambda: has_ended(int(note.read_text())))
