"""The terminal that tests use."""

import pytest

from tests.terminal.keyboard import encoded
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import PYTHON

RAW = "import os, signal, sys, time, tty\ntty.setraw(0)\n"


def python(code: str) -> Pane:
    return Pane(PYTHON, "-I", "-S", "-u", "-c", code)


def test_a_key_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no key 'hyper'"):
        encoded("hyper")
    assert encoded("up", application_cursor=True) == b"\x1bOA"


def test_a_failure_shows_the_screen() -> None:
    with python("print('a line'); input()") as pane:
        pane.wait_for("a line")
        with pytest.raises(AssertionError, match=r"'another' did not appear within 0\.2 s\n─+\na line"):
            pane.wait_for("another", timeout=0.2)
        pane.press("enter")
        with pytest.raises(AssertionError, match=r"'another' did not appear before the exit \(code 0\)"):
            pane.wait_for("another")


def test_queries_are_answered() -> None:
    code = """
for query in ("[6n", "[c", "[?2026$p", "[?2048$p", "]11;?\\a"):
    os.write(1, b"\\x1b" + query.encode())
    answer = b""
    while answer[-1:] not in (b"R", b"c", b"y", b"\\a"):
        answer += os.read(0, 1)
    print(ascii(answer.decode()), end="\\r\\n")
"""
    with python(RAW + code) as pane:
        assert pane.wait_exit() == 0
        assert pane.screen[:5] == [
            r"'\x1b[1;1R'",
            r"'\x1b[?62;22c'",
            r"'\x1b[?2026;2$y'",
            r"'\x1b[?2048;0$y'",
            r"'\x1b]11;rgb:1111/1111/1111\x07'",
        ]


def test_sequences_that_draw_nothing_are_not_on_the_screen() -> None:
    code = r"""
text = "\x1b]2;2\u25b6 title\x07a\x1b]9;done\x1b\\b\x1b]52;c;aGk=\x07c\x1b[>1ud\x1bPq#0\x1b\\e\x07\x1b[4:3mf\x1b[?2004hg"
for byte in text.encode():
    sys.stdout.buffer.write(bytes([byte])); sys.stdout.flush(); time.sleep(0.001)
"""
    with python(RAW + code) as pane:
        assert pane.wait_exit() == 0
        assert pane.screen[0] == "abcdefg"
        assert pane.title == "2▶ title"
        assert pane.notices == ["done"]
        assert pane.clipboard == ["aGk="]
        assert pane.modes == {2004}
        assert pane.bells == 1


def test_much_output_and_much_input_at_once_do_not_block() -> None:
    code = """
received = 0
print("listening", end="\\r\\n")
while received < 50_000:
    count = len(sys.stdin.buffer.raw.read(1000))
    received += count
    sys.stdout.write("x" * count)
print("\\r\\nall", received, end="\\r\\n")
"""
    with python(RAW + code) as pane:
        pane.wait_for("listening")
        pane.send(b"y" * 50_000)
        pane.wait_for("all 50000")
        assert len(pane.raw) > 50_000
