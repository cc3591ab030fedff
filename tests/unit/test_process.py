"""Other programs: what they get, and how their time and output are limited."""

import os
import shlex
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import process
from app.deepwriter.auth import sources
from tests.processes import has_ended
from tests.timing import until


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def test_the_token_is_not_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in sources.TOKEN_VARIABLES:
        monkeypatch.setenv(name, "sesame")
    result = process.run(python("import os; print(dict(os.environ))"), timeout=30, variables={"X": "ab"})
    assert b"sesame" not in result.stdout
    assert b"'X': 'ab'" in result.stdout


def test_standard_input_reaches_the_program() -> None:
    text = b"line\n" * 50_000  # more than a pipe holds
    result = process.run(python("import sys; print(len(sys.stdin.read()))"), timeout=30, stdin=text)
    assert (result.stdout.strip(), result.failure) == (b"250000", "")


def test_output_beyond_the_limit_is_dropped_or_fails() -> None:
    talkative = python("import sys; sys.stdout.write('x' * 9999); sys.exit(4)")
    result = process.run(talkative, timeout=30, max_output_bytes=100)
    assert (result.stdout, result.failure) == (b"x" * 100, "failed with exit code 4")
    endless = python("while True: print('x' * 999)")
    result = process.run(endless, timeout=30, max_output_bytes=1024, fail_on_excess=True)
    assert result.failure == "printed more than 1 KiB"


@pytest.mark.parametrize("outputs", ["", "exec >&- 2>&-;"], ids=["open outputs", "closed outputs"])
@pytest.mark.parametrize("reason", ["timeout", "cancelled"])
def test_a_program_and_its_children_are_terminated(tmp_path: Path, reason: str, outputs: str) -> None:
    pids = tmp_path / "pids"
    script = f"{outputs} sleep 60 & echo $$ $! >{pids}.new; mv {pids}.new {pids}; wait"
    cancelled, timeout = threading.Event(), 0.5 if reason == "timeout" else 60
    with ThreadPoolExecutor() as threads:
        shell = ["sh", "-c", script]
        running = threads.submit(process.run, shell, timeout=timeout, cancelled=cancelled.is_set)
        until(pids.exists)
        if reason == "cancelled":
            cancelled.set()
        failure = running.result().failure
    assert failure == ("was interrupted" if reason == "cancelled" else "did not end within 0.5 s")
    until(lambda: all(has_ended(int(pid)) for pid in pids.read_text().split()))


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [
        (["/nonexistent/tool"], "cannot be started (No such file or directory)"),
        (["a\0b"], "cannot be started (its name is unusable)"),
        (["false"], "failed with exit code 1"),
        (python("import os; os.kill(os.getpid(), 9)"), "was ended by signal 9"),
    ],
    ids=["missing", "NUL", "exit code", "signal"],
)
def test_the_reason_of_a_failure_is_returned(arguments: list[str], failure: str) -> None:
    assert process.run(arguments, timeout=30).failure == failure


def test_a_child_left_in_the_background_is_not_waited_for() -> None:
    result = process.run(["sh", "-c", "sleep 60 & echo $!"], timeout=50)
    child = int(result.stdout)
    try:
        assert result.failure == ""
        assert not has_ended(child), "it holds the pipe and keeps running"
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_command_line_is_split_as_a_shell_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert process.split_command("~/bin/tell 'a b' ~") == ["/home/ada/bin/tell", "a b", "~"]
    assert process.split_command(shlex.join(["a'b"])) == ["a'b"]
