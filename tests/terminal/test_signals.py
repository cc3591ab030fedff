"""Every way to an end, or to a rest, leaves the terminal in order, and comes in time."""

import json
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import (
    MODES,
    PYTHON,
    ROOT,
    assert_in_order,
    assert_restored,
    child_of,
    dwtop,
    entry_after,
    processor_seconds,
    state_of,
    threads_of,
    timed,
    watch,
)
from tests.timing import until

MODES_OF_DWTOP = MODES - {2004}
"""The modes that are off while the shell has the terminal, which wants pastes in brackets itself."""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes through /proc"
)


@pytest.fixture
def pane(simulator: FaultySimulator, tmp_path: Path) -> Iterator[Pane]:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    with dwtop(base_url=simulator.base_url, database=tmp_path / "db") as pane:
        pane.wait_for("A long report")
        pane.wait_for(lambda pane: pane.modes >= MODES)
        yield pane


@pytest.mark.parametrize(
    ("end", "code"),
    [
        pytest.param(lambda pane: pane.press("q"), 0, id="q"),
        pytest.param(lambda pane: pane.press("ctrl+c"), 0, id="ctrl+c"),
        pytest.param(lambda pane: pane.signal(signal.SIGINT), 0, id="INT"),
        pytest.param(lambda pane: pane.signal(signal.SIGTERM), 143, id="TERM"),
        pytest.param(lambda pane: pane.signal(signal.SIGHUP), 129, id="HUP"),
        pytest.param(lambda pane: pane.signal(signal.SIGQUIT), 131, id="QUIT"),
        pytest.param(lambda pane: pane.signal(signal.SIGABRT), 134, id="ABRT"),
        pytest.param(lambda pane: pane.signal(signal.SIGUSR1), 138, id="USR1"),
        pytest.param(lambda pane: pane.signal(signal.SIGUSR2), 140, id="USR2"),
        pytest.param(lambda pane: pane.signal(signal.SIGALRM), 142, id="ALRM"),
        pytest.param(lambda pane: pane.signal(signal.SIGPROF), 155, id="PROF"),
        pytest.param(lambda pane: pane.signal(signal.SIGXCPU), 152, id="XCPU"),
    ],
)
def test_every_orderly_end_restores_the_terminal(pane: Pane, end: Callable[[Pane], None], code: int) -> None:
    before = len(pane.raw)
    with timed(2.0):
        end(pane)
        assert pane.wait_exit() == code
    assert_restored(pane, before)
    assert not pane.text.strip()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 0)]
)
def test_a_signal_that_comes_while_it_starts_restores_the_terminal(
    simulator: FaultySimulator, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    with dwtop(base_url=simulator.base_url, database=tmp_path / "db") as pane:
        pane.wait_for(lambda pane: 1049 in pane.modes)
        pane.signal(number)
        assert pane.wait_exit() == code
        assert_in_order(pane)
        assert not pane.text.strip()


def test_told_to_end_while_it_hangs_it_restores_the_terminal(
    simulator: FaultySimulator, tmp_path: Path
) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    entry = entry_after(
        tmp_path,
        """
        import time
        from app.dashboard.polling_actions import PollingActions
        def hang(self):
            self._host.app.bell()
            time.sleep(60)
        PollingActions.pause = hang
        """,
    )
    with dwtop(base_url=simulator.base_url, database=tmp_path / "db", entry=entry) as pane:
        pane.wait_for("A long report")
        pane.settle()
        before = len(pane.raw)
        pane.press("p")
        pane.wait_for(lambda pane: pane.bells)
        pane.signal(signal.SIGTERM)
        assert pane.wait_exit() == 143
        assert_restored(pane, before)


def test_where_errors_go_to_a_file_it_draws_on_the_terminal_all_the_same(
    simulator: FaultySimulator, tmp_path: Path
) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    with dwtop(
        base_url=simulator.base_url,
        database=tmp_path / "db",
        through=("sh", "-c", 'exec "$@" 2>"$0"', str(tmp_path / "errors")),
    ) as pane:
        pane.wait_for("A long report")
        pane.wait_for(lambda pane: pane.modes >= MODES)
        pane.press("q")
        assert pane.wait_exit() == 0
        assert_restored(pane)
    assert (tmp_path / "errors").read_bytes() == b""


def test_a_mistake_of_ours_restores_the_terminal_and_is_told_in_a_sentence(
    simulator: FaultySimulator, tmp_path: Path
) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    entry = entry_after(
        tmp_path,
        """
        from app.dashboard.polling_actions import PollingActions
        def broken(self):
            raise RuntimeError("a mistake")
        PollingActions.pause = broken
        """,
    )
    with dwtop(base_url=simulator.base_url, database=tmp_path / "db", entry=entry) as pane:
        pane.wait_for("A long report")
        pane.settle()
        before = len(pane.raw)
        pane.press("p")
        assert pane.wait_exit() == 70
        assert_restored(pane, before)
        assert "please report it" in pane.text
        assert "Traceback" not in pane.text
        reports = list(Path(os.environ["XDG_DATA_HOME"]).rglob("crash-*.txt"))
        assert "RuntimeError: a mistake" in reports[0].read_text()


def test_a_mistake_in_a_worker_is_reported_with_its_traceback(
    simulator: FaultySimulator, tmp_path: Path
) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    entry = entry_after(
        tmp_path,
        """
        from app.watch.session import Session
        async def broken(self):
            raise RuntimeError("a mistake")
        Session.run = broken
        """,
    )
    with dwtop(base_url=simulator.base_url, database=tmp_path / "db", entry=entry) as pane:
        assert pane.wait_exit() == 70
        assert_restored(pane)
        assert "please report it" in pane.text
        assert "Traceback" not in pane.text
    report = next(Path(os.environ["XDG_DATA_HOME"]).rglob("crash-*.txt")).read_text()
    assert "RuntimeError: a mistake" in report
    assert "in broken" in report


def test_stopped_and_set_going_again_it_comes_back_as_it_was(pane: Pane) -> None:
    def stop(number: signal.Signals) -> None:
        pane.signal(number)
        pane.wait_for(lambda pane: state_of(pane.pid) == "T")

    before = len(pane.raw)
    stop(signal.SIGTSTP)
    pane.settle()
    assert_restored(pane, before)
    assert "A long report" not in pane.text
    pane.resize(100, 20)
    pane.signal(signal.SIGCONT)
    pane.wait_for("A long report")
    pane.wait_for(lambda pane: pane.modes >= MODES)
    pane.settle()
    threads, before = threads_of(pane.pid), len(pane.raw)
    stop(signal.SIGSTOP)  # which nobody can catch
    pane.signal(signal.SIGCONT)
    pane.wait_for(lambda pane: b"\x1b[?1049h" in pane.raw[before:])
    pane.press("?")
    pane.wait_for("Keys ─")
    assert threads_of(pane.pid) <= threads + 1
    pane.press("escape", "q")
    assert pane.wait_exit() == 0


@pytest.fixture
def shell(simulator: FaultySimulator, tmp_path: Path) -> Iterator[Pane]:
    """A shell that has started the dashboard, and tells at once when it has ended."""
    if shutil.which("bash") is None:
        pytest.skip("needs a shell with job control")
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    env = {"DEEPWRITER_BASE_URL": simulator.base_url, "DEEPWRITER_TOKEN": "t", "PS1": "ready> "}
    with Pane("bash", "--norc", "--noprofile", "-i", size=(100, 20), env=env, cwd=ROOT) as shell:
        shell.wait_for("ready>")
        line = shlex.join([PYTHON, "-m", "app", "--database", str(tmp_path / "db")])
        shell.send(f"set -b; {line}\r".encode())
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
    shell.settle()
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
def test_a_terminal_without_a_second_screen_is_left_blank(simulator: FaultySimulator, tmp_path: Path) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    sockets, settings = tmp_path / "sockets", tmp_path / "screenrc"
    sockets.mkdir(mode=0o700)
    settings.write_text("startup_message off\naltscreen off\n")
    env = {
        "DEEPWRITER_BASE_URL": simulator.base_url,
        "DEEPWRITER_TOKEN": "t",
        "PS1": "ready> ",
        "SCREENDIR": str(sockets),
    }
    with Pane(
        *("screen", "-c", str(settings), "bash", "--norc", "--noprofile", "-i"),
        size=(100, 20),
        env=env,
        cwd=ROOT,
    ) as shell:
        shell.wait_for("ready>")
        line = shlex.join([PYTHON, "-m", "app", "--database", str(tmp_path / "db")])
        for leave in ("ctrl+z", "q"):
            shell.send(f"clear; {line}; echo left\r".encode() if leave == "ctrl+z" else b"fg; echo left\r")
            shell.wait_for("A long report")
            shell.settle()
            shell.press(leave)
            shell.wait_for("Stopped" if leave == "ctrl+z" else "left")
            shell.wait_for(lambda pane: pane.screen[pane.cursor_line].endswith("ready>"))
            assert "A long report" not in shell.text
            assert "STATUS" not in shell.text
        shell.send(b"exit\r")
        assert shell.wait_exit() == 0


def test_the_end_does_not_wait_for_a_request_that_hangs(simulator: FaultySimulator, tmp_path: Path) -> None:
    simulator.world.add(RUNNING, title="A long report")
    watch(tmp_path / "db", simulator)
    simulator.faults.add(Fault(kind=FaultKind.HANG))
    with dwtop(base_url=simulator.base_url, database=tmp_path / "db") as pane:
        pane.wait_for(lambda pane: simulator.traffic.in_flight)
        pane.wait_for("quit")
        with timed(2.0):
            pane.press("q")
            assert pane.wait_exit() == 0
        assert_restored(pane)


def test_the_end_does_not_wait_for_a_name_server(tmp_path: Path) -> None:
    database = tmp_path / "db"
    with FaultySimulator() as server:
        server.world.add(RUNNING)
        url = server.base_url.replace("127.0.0.1", "localhost")
        watch(database, server, url)
        note = tmp_path / "asked"
        entry = entry_after(
            tmp_path,
            f"""
            import pathlib, socket, time
            def hang(*arguments, **options):
                pathlib.Path({str(note)!r}).touch()
                time.sleep(60)
            socket.getaddrinfo = hang
            """,
        )
        with dwtop(base_url=url, database=database, entry=entry) as pane:
            pane.wait_for(lambda pane: note.exists())
            pane.wait_for("quit")
            with timed(2.0):
                pane.press("q")
                assert pane.wait_exit() == 0
            assert_restored(pane)


@pytest.mark.parametrize("way", ["q", "hang-up"])
def test_the_end_does_not_wait_for_a_token_command_nor_leaves_it_behind(
    simulator: FaultySimulator, tmp_path: Path, way: str
) -> None:
    note, script = tmp_path / "pid", tmp_path / "hang.py"
    script.write_text(
        "import os, pathlib, time\n"
        f"pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    config = tmp_path / "config.toml"
    command = shlex.join([sys.executable, "-I", "-S", str(script)])
    config.write_text(f"token_command = {json.dumps(command)}\n")
    with dwtop(
        "--config",
        str(config),
        base_url=simulator.base_url,
        database=tmp_path / "db",
        env={"DEEPWRITER_TOKEN": ""},
    ) as pane:
        pane.wait_for(lambda pane: note.exists() and note.read_text())
        pane.wait_for("quit")
        with timed(2.0):
            if way == "q":
                pane.press("q")
                assert pane.wait_exit() == 0
                assert_restored(pane)
            else:
                pane.hang_up()
                assert pane.wait_exit() == 129
        until(lambda: state_of(int(note.read_text())) in ("", "Z"))


def test_doing_nothing_takes_no_time(pane: Pane) -> None:
    pane.settle()
    before = processor_seconds(pane.pid)
    pane.written_during(2.0)
    assert processor_seconds(pane.pid) - before < 0.5
