"""Runs dwtop as a script would, in a new process or in this one."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from app.cli.main import run
from tests.processes import ROOT

TOKEN = "a-token-of-the-tests"

AS_UNKNOWN_USER = """
import os, pwd, sys
def unknown(name):
    raise KeyError(name)
pwd.getpwuid = pwd.getpwnam = unknown
for name in list(os.environ):
    if name == "HOME" or name.startswith("XDG_"):
        del os.environ[name]
from app.__main__ import main
sys.exit(main())
"""
"""Code that runs dwtop as a user without a home directory who is not in the password database."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The only line on standard error, without `dwtop: `."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("dwtop: "), self.err
        return lines[0].removeprefix("dwtop: ")


@dataclass(frozen=True, slots=True)
class Command:
    """Runs dwtop, signed in, with one base URL."""

    base_url: str
    token: str = TOKEN  # empty for none
    env: Mapping[str, str] = field(default_factory=dict)  # further variables
    through: tuple[str, ...] = ()  # a command that runs dwtop, such as `("sh", "-c", 'exec "$@" >&-', "sh")`
    entry: tuple[str, ...] = ("-m", "app")  # what Python runs, such as `("-c", AS_UNKNOWN_USER)`

    @property
    def environment(self) -> dict[str, str]:
        signed_in = {"DEEPWRITER_TOKEN": self.token} if self.token else {}
        return {
            **os.environ,
            "DEEPWRITER_BASE_URL": self.base_url,
            "PYTHONPATH": str(ROOT),
            **signed_in,
            **self.env,
        }

    def __call__(self, *arguments: str, stdin: str | bytes = b"", timeout: float = 40.0) -> Done:
        """Call dwtop and wait until it ends."""
        done = subprocess.run(
            [*self.through, sys.executable, *self.entry, *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=self.environment,
            timeout=timeout,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err, err
        return Done(done.returncode, out, err)

    @contextmanager
    def start(self, *arguments: str) -> "Iterator[Running]":
        """Start dwtop; if it is still running at the end of the `with` block, it is killed."""
        with subprocess.Popen(
            [*self.through, sys.executable, *self.entry, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        ) as process:
            try:
                yield Running(process)
            finally:
                process.kill()


class Running:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        assert process.stderr
        self.process, self.out, self.err = process, process.stdout, process.stderr

    def wait_for(self, text: str) -> None:
        """Read its output up to a line with this text."""
        while text not in self.out.readline():
            assert self.process.poll() is None

    def result(self) -> Done:
        """Wait until it ends; returns the output that had not been read."""
        out, err = ("", self.err.read()) if self.out.closed else self.process.communicate(timeout=40)
        return Done(self.process.wait(40), out, err)


class Inside:
    """Runs dwtop in this process, which is faster."""

    def __init__(
        self, base_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("DEEPWRITER_BASE_URL", base_url)
        monkeypatch.setenv("DEEPWRITER_TOKEN", TOKEN)

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Done:
        """Call dwtop and wait until it ends."""
        with self._monkeypatch.context() as patch:
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            code = run(arguments)
        printed = self._capsys.readouterr()
        assert "Traceback" not in printed.err, printed.err
        return Done(code, printed.out, printed.err)


def argv(*arguments: str) -> list[str]:
    """The command line that runs dwtop with these arguments."""
    return [sys.executable, "-m", "app", *arguments]
