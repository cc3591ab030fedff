"""`dwtop login`, `logout` and token commands: the token is stored for its owner alone, and never shown."""

import json
import shlex
import signal
import stat
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.settings.paths import data_path
from tests.dwtop_process import TOKEN, Command, Inside, argv
from tests.jwt import jwt
from tests.simulated_api import COMPLETED, RUNNING
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane

EXPIRED = {"exp": 1_000_000_000}


def stored_token() -> Path:
    return data_path() / "token"


@contextmanager
def prompt(server: FaultySimulator) -> Iterator[Pane]:
    """`dwtop login` on a terminal, once it asks for the token."""
    dwtop = Command(server.base_url, token="")
    with Pane(*argv("login"), env=dwtop.environment, size=(150, 10)) as pane:
        pane.wait_for("Token:")
        yield pane


def test_a_token_from_the_input_is_stored_for_its_owner_alone(
    server: FaultySimulator, dwtop: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEEPWRITER_TOKEN")
    job_id = server.world.add(RUNNING)
    assert dwtop("status", job_id).code == 3
    done = dwtop("login", stdin=f"  Bearer {TOKEN}\n".encode())
    assert (done.code, done.err) == (0, "")
    assert str(stored_token()) in done.out
    assert TOKEN not in done.out
    assert stat.S_IMODE(stored_token().stat().st_mode) == 0o600
    assert dwtop("status", job_id).code == 0
    assert dwtop("logout").out == "The stored token is deleted.\n"
    assert dwtop("status", job_id).code == 3


def test_a_token_typed_on_a_terminal_is_not_shown(server: FaultySimulator) -> None:
    dwtop = Command(server.base_url, token="", env={"DEEPWRITER_API_KEY": "from-elsewhere"})
    with Pane(*argv("login", "--api-key"), env=dwtop.environment, size=(150, 10)) as pane:
        pane.wait_for("API key:")
        pane.send(f"{TOKEN}\n".encode())
        assert pane.wait_exit() == 0
        assert TOKEN.encode() not in pane.raw
        assert "DEEPWRITER_API_KEY takes precedence" in pane.text
    assert json.loads(stored_token().read_text(encoding="utf-8")) == {"scheme": "api-key", "token": TOKEN}


LONG = jwt({"exp": 4_000_000_000, "sub": "x" * 9000})
WRAPPED = "\n".join(LONG[at : at + 120] for at in range(0, len(LONG), 120))


@pytest.mark.parametrize(
    ("typed", "token"),
    [
        (f"\n\r{TOKEN}\n", TOKEN),
        (f"export DEEPWRITER_TOKEN='{TOKEN}'\n", TOKEN),
        (f"\x1b[200~\n{TOKEN}\n\x1b[201~", TOKEN),
        (f"wrong\x15{TOKEN}yz\x7f\b\n", TOKEN),
        (f"{TOKEN}\x04", TOKEN),
        (f"{LONG}\n", LONG),
        (f"{WRAPPED}\n", LONG),
    ],
    ids=["line ends before it", "an assignment", "a paste", "corrected", "end of input", "long", "wrapped"],
)
def test_a_typed_token_is_read_as_a_whole(server: FaultySimulator, typed: str, token: str) -> None:
    with prompt(server) as pane:
        pane.send(typed.encode())
        assert pane.wait_exit() == 0
        assert token.encode() not in pane.raw
        assert 2004 not in pane.modes
        assert pane.line_discipline & termios.ECHO
        assert pane.line_discipline & termios.ICANON
    assert json.loads(stored_token().read_text(encoding="utf-8")) == {"scheme": "bearer", "token": token}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_at_the_prompt_resets_the_terminal(server: FaultySimulator, number: signal.Signals) -> None:
    with prompt(server) as pane:
        assert not pane.line_discipline & termios.ECHO
        pane.signal(number)
        assert pane.wait_exit() == 128 + number
        assert pane.line_discipline & termios.ECHO
        assert 2004 not in pane.modes
        assert "Traceback" not in pane.text


def test_the_prompt_is_shown_if_errors_go_to_a_file(server: FaultySimulator, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    through = ("sh", "-c", 'exec "$@" 2>"$0"', str(errors))
    with Pane(*through, *argv("login"), env=Command(server.base_url, token="").environment) as pane:
        pane.wait_for("Token:")
        pane.send(f"{TOKEN}\n".encode())
        assert pane.wait_exit() == 0
    assert errors.read_bytes() == b""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "No token was given"),
        (b"two words", "more than one word"),
        (f"{TOKEN[:9]}\n{TOKEN[9:]}".encode(), "more than one line"),
        (b"\xff\xfe", "characters that no token has"),
        (jwt(EXPIRED).encode(), "expired"),
    ],
)
def test_text_that_is_not_a_token_is_refused(dwtop: Inside, given: bytes, says: str) -> None:
    done = dwtop("login", stdin=given)
    assert done.code == 2
    assert says in done.sentence
    assert not stored_token().exists()


@pytest.mark.parametrize(
    ("command", "tokens", "code"),
    [
        (("status",), ["stale", TOKEN], 0),
        (("wait", "--quiet"), ["stale", TOKEN], 0),
        (("cancel", "--yes"), ["stale", TOKEN], 1),
        (("add", "--mine"), ["stale", TOKEN], 0),
        (("status",), ["stale", "stale too"], 3),
        (("wait",), ["stale"], 3),
        (("status",), [TOKEN], 0),
    ],
)
def test_a_token_command_runs_again_after_a_rejection(
    server: FaultySimulator,
    dwtop: Inside,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    tokens: list[str],
    code: int,
) -> None:
    printed = tmp_path / "printed"
    printed.write_text("".join(f"{token.replace(' ', '-')}\n" for token in tokens))
    runs = tmp_path / "runs"
    script = f'echo run >>{runs}; sed -n "$(wc -l <{runs})p;\\$p" {printed} | head -n 1'
    monkeypatch.delenv("DEEPWRITER_TOKEN")
    monkeypatch.setenv("DWTOP_TOKEN_COMMAND", shlex.join(["sh", "-c", script]))
    done = dwtop(*command, server.world.add(COMPLETED))
    assert done.code == code
    if code == 3:
        assert "the token was not accepted" in done.sentence
    assert runs.read_text().count("run") == (1 if tokens == [TOKEN] else 2)


def test_a_token_as_an_argument_is_refused_and_not_repeated(dwtop: Inside) -> None:
    done = dwtop("login", TOKEN)
    assert done.code == 2
    assert TOKEN not in done.sentence
    assert not stored_token().exists()
