"""The pane itself, proved on a small Textual program and on programs smaller still."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.keyboard import encoded
from tests.terminal.pane import Pane

PYTHON = sys.executable
ECHO = str(Path(__file__).with_name("echo_app.py"))


@pytest.fixture(scope="module")
def echo() -> Iterator[Pane]:
    with Pane(PYTHON, ECHO, size=(60, 12)) as pane:
        pane.wait_for("60x12")
        pane.wait_for(lambda pane: {1000, 1004, 2004} <= pane.modes)
        yield pane


def python(code: str, *arguments: str) -> Pane:
    return Pane(PYTHON, "-I", "-S", "-u", "-c", code, *arguments)


def test_keys_arrive_as_the_keys_they_are(echo: Pane) -> None:
    for key in [
        "j",
        "G",
        "enter",
        "tab",
        "shift+tab",
        "up",
        "pagedown",
        "delete",
        "f1",
        "f5",
        "f12",
        "ctrl+d",
        "escape",
    ]:
        echo.press(key)
        echo.wait_for(f"key {key}")
    echo.press("escape", "space")
    echo.wait_for("key space")
    echo.press("é")
    echo.wait_for("key é")


def test_a_key_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no key 'hyper'"):
        encoded("hyper")
    assert encoded("up", application_cursor=True) == b"\x1bOA"


def test_pasted_text_arrives_as_pasted(echo: Pane) -> None:
    echo.paste("one\ntwo")
    echo.wait_for(r"pasted 'one\rtwo'")


def test_the_mouse_and_the_focus_reach_the_program(echo: Pane) -> None:
    echo.click(7, 1)
    echo.wait_for("click 7,1")
    echo.focus(gained=False)
    echo.wait_for("blurred")
    echo.focus(gained=True)


def test_the_program_sees_a_new_size(echo: Pane) -> None:
    for size in [(100, 30), (20, 3), (60, 12)]:
        echo.resize(*size)
        echo.wait_for(f"{size[0]}x{size[1]}")
        assert len(echo.screen) == size[1]


def test_where_a_text_stands(echo: Pane) -> None:
    assert echo.find("60x12") == (0, 1)
    with pytest.raises(AssertionError, match="is not on the screen"):
        echo.find("elsewhere")


def test_output_is_counted_and_rest_is_seen(echo: Pane) -> None:
    echo.press("x")
    echo.wait_for("key x")
    echo.settle()
    assert echo.written_during(0.5) == 0
    before = len(echo.raw)
    echo.press("b")
    echo.wait_for(lambda pane: pane.bells == 1)
    assert len(echo.raw) > before


def test_it_leaves_the_terminal_as_it_was(echo: Pane) -> None:
    echo.press("q")
    assert echo.wait_exit() == 7
    assert "good bye" in echo.text
    assert not echo.modes & {1000, 1003, 1004, 1006, 1049, 2004}


def test_what_never_comes_is_told_with_the_screen() -> None:
    with python("print('a line'); input()") as pane:
        pane.wait_for("a line")
        with pytest.raises(AssertionError, match=r"'another' did not come within 0\.2 s\n─+\na line"):
            pane.wait_for("another", timeout=0.2)
        pane.press("enter")
        start = time.monotonic()
        with pytest.raises(AssertionError, match=r"'another' did not come after the end \(exit code 0\)"):
            pane.wait_for("another", timeout=30)
        assert time.monotonic() - start < 10


def test_a_program_that_is_not_there() -> None:
    with Pane("no-such-program-here") as pane:
        assert pane.wait_exit() == 1
        assert "no-such-program-here" in pane.text


def test_questions_are_answered() -> None:
    code = """
import os, sys, termios, tty
tty.setraw(0)
for question in ("[6n", "[c", "[?2026$p", "[?2048$p", "]11;?\\a"):
    os.write(1, b"\\x1b" + question.encode())
    answer = b""
    while answer[-1:] not in (b"R", b"c", b"y", b"\\a"):
        answer += os.read(0, 1)
    print(ascii(answer.decode()), end="\\r\\n")
"""
    with python(code) as pane:
        assert pane.wait_exit() == 0
        assert pane.screen[:5] == [
            r"'\x1b[1;1R'",
            r"'\x1b[?62;22c'",
            r"'\x1b[?2026;2$y'",
            r"'\x1b[?2048;0$y'",
            r"'\x1b]11;rgb:1111/1111/1111\x07'",
        ]


def test_what_is_not_for_the_screen_is_kept_off_it() -> None:
    code = r"""
import sys, time
text = "\x1b]2;2\u25b6 title\x07a\x1b]9;done\x1b\\b\x1b]52;c;aGk=\x07c\x1b[>1ud\x1bPq#0\x1b\\e\x07\x1b[4:3mf\x1b[?2004hg"
for byte in text.encode():
    sys.stdout.buffer.write(bytes([byte])); sys.stdout.flush(); time.sleep(0.001)
"""
    with python(code) as pane:
        assert pane.wait_exit() == 0
        assert pane.screen[0] == "abcdefg"
        assert pane.title == "2▶ title"
        assert pane.notices == ["done"]
        assert pane.clipboard == ["aGk="]
        assert pane.modes == {2004}
        assert pane.bells == 1


def test_the_environment_and_the_folder_it_starts_in(tmp_path: Path) -> None:
    code = "import os; print(os.environ['TERM'], os.environ['OWN'], 'TMUX' in os.environ, os.getcwd() == os.environ['AT'])"
    with Pane(PYTHON, "-c", code, env={"OWN": "yes", "AT": str(tmp_path.resolve())}, cwd=tmp_path) as pane:
        pane.wait_for("xterm-256color yes False True")


def test_much_output_and_much_input_at_once_do_not_block() -> None:
    code = """
import sys, termios, tty
tty.setraw(0)
got = 0
print("listening", end="\\r\\n")
while got < 50_000:
    count = len(sys.stdin.buffer.raw.read(1000))
    got += count
    sys.stdout.write("x" * count)
print("\\r\\nall", got, end="\\r\\n")
"""
    with python(code) as pane:
        pane.wait_for("listening")
        pane.send(b"y" * 50_000)
        pane.wait_for("all 50000")
        assert len(pane.raw) > 50_000


def test_a_program_hears_that_its_terminal_is_gone(tmp_path: Path) -> None:
    note = tmp_path / "note"
    code = f"""
import pathlib, signal, sys
def tell(*_):
    pathlib.Path({str(note)!r}).write_text("hung up")
    sys.exit(3)
signal.signal(signal.SIGHUP, tell)
print("ready")
signal.pause()
"""
    with python(code) as pane:
        pane.wait_for("ready")
        pane.hang_up()
        assert pane.wait_exit() == 3
        assert note.read_text() == "hung up"


def test_nothing_outlives_its_pane_not_even_what_will_not_listen() -> None:
    code = """
import signal, time
for number in (signal.SIGHUP, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)
print("deaf")
while True: time.sleep(60)
"""

    def fail_inside() -> int:
        with python(code) as pane:
            pane.wait_for("deaf")
            pids.append(pane.pid)
            raise RuntimeError("a test went wrong")

    pids: list[int] = []
    with pytest.raises(RuntimeError, match="a test went wrong"):
        fail_inside()
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_signals_reach_the_program() -> None:
    with python("print('up')\nwhile True: input()") as pane:
        pane.wait_for("up")
        pane.signal(signal.SIGTERM)
        assert pane.wait_exit() == -signal.SIGTERM
