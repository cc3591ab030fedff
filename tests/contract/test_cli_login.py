"""`dwtop login`, `logout` and `doctor`: the token is stored, named by its source, and never shown."""

import json
import shlex
import signal
import stat
import termios
import threading
import time
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.settings.paths import data_path
from tests.dwtop_process import TOKEN, Command, Inside, words
from tests.jwt import jwt
from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane

EXPIRED = {"exp": 1_000_000_000}
DONE = (("completed", None, 100.0, 100.0, 1e9),)


def stored_token() -> Path:
    return data_path() / "token"


def test_a_token_from_the_input_is_stored_for_its_owner_alone(server: FaultySimulator) -> None:
    dwtop = Command(server.base_url, token="")
    job_id = server.world.add(RUNNING)
    assert dwtop("status", job_id).code == 3
    done = dwtop("login", stdin=f"  Bearer {TOKEN}\n")
    assert (done.code, done.err) == (0, "")
    assert str(stored_token()) in done.out
    assert TOKEN not in done.out
    assert stat.S_IMODE(stored_token().stat().st_mode) == 0o600
    assert dwtop("status", job_id).code == 0
    assert dwtop("logout").out == "The stored token is deleted.\n"
    assert dwtop("status", job_id).code == 3


def test_a_token_typed_on_a_terminal_is_not_shown(server: FaultySimulator) -> None:
    dwtop = Command(server.base_url, token="", env={"DEEPWRITER_API_KEY": "from-elsewhere"})
    with Pane(*words("login", "--api-key"), env=dwtop.environment, size=(150, 10)) as pane:
        pane.wait_for("API key:")
        pane.send(f"{TOKEN}\n".encode())
        assert pane.wait_exit() == 0
        assert TOKEN.encode() not in pane.raw
        assert "DEEPWRITER_API_KEY takes precedence" in pane.text
    assert json.loads(stored_token().read_text(encoding="utf-8")) == {"scheme": "api-key", "token": TOKEN}


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(f"\n\r{TOKEN}\n".encode(), id="line ends before it"),
        pytest.param(f"export DEEPWRITER_TOKEN='{TOKEN}'\n".encode(), id="an assignment"),
        pytest.param(f"\x1b[200~\n{TOKEN}\n\x1b[201~".encode(), id="a marked paste"),
        pytest.param(f"wrong\x15{TOKEN}yz\x7f\b\n".encode(), id="corrected"),
        pytest.param(f"{TOKEN}\x04".encode(), id="end of input"),
    ],
)
def test_a_typed_token_is_read_as_a_whole(server: FaultySimulator, typed: bytes) -> None:
    with Pane(*words("login"), env=Command(server.base_url, token="").environment, size=(150, 10)) as pane:
        pane.wait_for("Token:")
        pane.send(typed)
        assert pane.wait_exit() == 0
        assert TOKEN.encode() not in pane.raw
        assert 2004 not in pane.modes
        assert pane.line_discipline & termios.ECHO
        assert pane.line_discipline & termios.ICANON
    assert json.loads(stored_token().read_text(encoding="utf-8")) == {"scheme": "bearer", "token": TOKEN}


def test_a_long_or_wrapped_token_is_read_as_a_whole(server: FaultySimulator) -> None:
    token = jwt({"exp": 4_000_000_000, "sub": "x" * 9000})
    for typed in (token, "\n".join(token[at : at + 120] for at in range(0, len(token), 120))):
        with Pane(
            *words("login"), env=Command(server.base_url, token="").environment, size=(150, 10)
        ) as pane:
            pane.wait_for("Token:")
            pane.send(f"{typed}\n".encode())
            assert pane.wait_exit() == 0
        assert json.loads(stored_token().read_text(encoding="utf-8"))["token"] == token
        stored_token().unlink()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_at_the_prompt_restores_the_terminal(
    server: FaultySimulator, number: signal.Signals
) -> None:
    with Pane(*words("login"), env=Command(server.base_url, token="").environment, size=(150, 10)) as pane:
        pane.wait_for("Token:")
        assert not pane.line_discipline & termios.ECHO
        pane.signal(number)
        assert pane.wait_exit() == 128 + number
        assert pane.line_discipline & termios.ECHO
        assert 2004 not in pane.modes
        assert "Traceback" not in pane.text


def test_the_prompt_is_shown_if_errors_go_to_a_file(server: FaultySimulator, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    through = ("sh", "-c", 'exec "$@" 2>"$0"', str(errors))
    with Pane(*through, *words("login"), env=Command(server.base_url, token="").environment) as pane:
        pane.wait_for("Token:")
        pane.send(f"{TOKEN}\n".encode())
        assert pane.wait_exit() == 0
    assert errors.read_bytes() == b""


def test_no_part_of_a_token_on_two_lines_is_stored(server: FaultySimulator) -> None:
    with Pane(*words("login"), env=Command(server.base_url, token="").environment, size=(150, 10)) as pane:
        pane.wait_for("Token:")
        pane.send(f"{TOKEN[:9]}\n{TOKEN[9:]}\n".encode())
        assert pane.wait_exit() == 2
        assert "more than one line" in pane.text
    assert not stored_token().exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "No token was given"),
        (f"{TOKEN[:9]}\n{TOKEN[9:]}\n".encode(), "more than one line"),
        (b" \n", "No token was given"),
        (b"two words", "more than one word"),
        ("tok\u00e9n".encode(), "characters that no token has"),
        (b"\xff\xfe", "characters that no token has"),
        (jwt(EXPIRED).encode(), "expired"),
    ],
)
def test_text_that_is_not_a_token_is_refused(server: FaultySimulator, given: bytes, says: str) -> None:
    done = Command(server.base_url, token="")("login", stdin=given)
    assert done.code == 2
    assert says in done.sentence
    assert not stored_token().exists()


@pytest.mark.parametrize(
    ("command", "tokens", "code"),
    [
        (("status",), ["stale", TOKEN], 0),
        (("wait", "--quiet"), ["stale", TOKEN], 0),
        (("cancel", "--yes"), ["stale", TOKEN], 1),
        (("status",), ["stale", "stale too"], 3),
        (("wait",), ["stale"], 3),
        (("status",), [TOKEN], 0),
    ],
)
def test_a_token_command_runs_again_after_a_rejection(
    server: FaultySimulator, tmp_path: Path, command: tuple[str, ...], tokens: list[str], code: int
) -> None:
    gives = tmp_path / "gives"
    gives.write_text("".join(f"{token.replace(' ', '-')}\n" for token in tokens))
    runs = tmp_path / "runs"
    script = f'echo run >>{runs}; sed -n "$(wc -l <{runs})p;\\$p" {gives} | head -n 1'
    dwtop = Command(server.base_url, token="", env={"DWTOP_TOKEN_COMMAND": shlex.join(["sh", "-c", script])})
    done = dwtop(*command, server.world.add(DONE))
    assert done.code == code
    if code == 3:
        assert "the token was not accepted" in done.sentence
    assert runs.read_text().count("run") == (1 if tokens == [TOKEN] else 2)


def test_a_token_as_an_argument_is_refused_and_not_repeated(server: FaultySimulator) -> None:
    done = Command(server.base_url)("login", TOKEN)
    assert done.code == 2
    assert TOKEN not in done.sentence
    assert not stored_token().exists()


def test_doctor_lists_settings_with_their_source(dwtop: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DWTOP_TOKEN_COMMAND", f"echo {TOKEN}")
    done = dwtop("doctor", "--interval", "7")
    assert (done.code, done.err) == (0, "")
    assert "7 (--interval)" in done.out
    assert "echo ... (DWTOP_TOKEN_COMMAND)" in done.out
    assert "from DEEPWRITER_TOKEN, sent as bearer" in done.out
    assert "the token is accepted" in done.out
    assert TOKEN not in done.out
    assert "!" not in done.out


@pytest.mark.parametrize(
    ("ahead", "says"),
    [
        (0.0, "clock:                  the same as this machine's"),
        (7200.0, "2h 00m behind this machine's"),
        (-7200.0, "2h 00m ahead of this machine's"),
    ],
)
def test_doctor_compares_clocks_and_trusts_the_apis(
    dwtop: Inside, monkeypatch: pytest.MonkeyPatch, ahead: float, says: str
) -> None:
    """The token is valid for half an hour by the API's clock, which differs from this machine's."""
    token = jwt({"exp": int(time.time() - ahead) + 1800})
    monkeypatch.setenv("DEEPWRITER_TOKEN", token)
    monkeypatch.setattr("uvicorn.server.time", SimpleNamespace(time=lambda: time.time() - ahead))
    with simulated(tokens=[token]) as server:
        done = dwtop("doctor", "--base-url", server.base_url)
    assert says in done.out
    assert "in the past" not in done.out
    assert (done.code, "!" in done.out) == (0, False)


def test_doctor_accepts_an_expired_token_that_the_api_accepts(
    dwtop: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = jwt(EXPIRED)
    monkeypatch.setenv("DEEPWRITER_TOKEN", token)
    with simulated(tokens=[token]) as server:
        done = dwtop("doctor", "--base-url", server.base_url)
    assert "in the past, but the API still accepts the token" in done.out
    assert done.code == 0


def test_doctor_hides_a_short_token_only_as_a_word(dwtop: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPWRITER_TOKEN", "x")
    monkeypatch.setenv("DWTOP_TMUX_FORMAT", "{running} x")
    said = dwtop("doctor").out
    assert "textual" in said
    assert "{running} [token]" in said


def test_doctor_does_not_take_any_404_as_accepted(dwtop: Inside, tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        done = dwtop("doctor", "--base-url", f"http://127.0.0.1:{elsewhere.server_port}/api")
        elsewhere.shutdown()
    assert done.code == 5
    assert "! answer:" in done.out
    assert "check the base URL" in done.out


def test_doctor_reports_what_is_wrong(dwtop: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "! answer:" in (unreached := dwtop("doctor", "--base-url", "http://127.0.0.1:9/api")).out
    assert unreached.code == 5
    monkeypatch.setenv("DEEPWRITER_TOKEN", jwt(EXPIRED))
    expired = dwtop("doctor")
    assert (expired.code, "in the past" in expired.out) == (3, True)
    monkeypatch.delenv("DEEPWRITER_TOKEN")
    nobody = dwtop("doctor")
    assert (nobody.code, "run dwtop login" in nobody.out) == (3, True)
    monkeypatch.setenv("DWTOP_BELL", "perhaps")
    wrong = dwtop("doctor")
    assert wrong.code == 2
    assert "DWTOP_BELL must be true or false" in wrong.sentence
    assert "textual" in wrong.out


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DWTOP_THEME", "nowhere", "names no theme"),
        ("DWTOP_SORT", "nowhere", "names no column"),
        ("DWTOP_COLUMNS", "stage,nowhere", "names a column 'nowhere'"),
        ("DWTOP_TMUX_FORMAT", "{nowhere}", "can name {running}"),
    ],
)
def test_doctor_finds_settings_that_name_something_unknown(
    dwtop: Inside, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    report = tmp_path / "report.zip"
    done = dwtop("doctor", "--report", str(report))
    assert done.code == 2
    assert f"{variable} {says}" in done.out
    with zipfile.ZipFile(report) as bundle:
        assert "list.txt" in bundle.namelist()


def test_the_report_leaves_out_private_data(dwtop: Inside, server: FaultySimulator, tmp_path: Path) -> None:
    job_id = server.world.add(
        RUNNING, title="Divorce papers", user_id="user-of-mine", project_id="project-of-mine"
    )
    assert dwtop("add", job_id).code == 0
    assert dwtop("status").code == 0
    file = tmp_path / "report.zip"
    assert dwtop("doctor", "--report", str(file)).code == 0
    with zipfile.ZipFile(file) as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert set(parts) == {"doctor.txt", "list.txt", "events.txt", "job.json"}
    course = json.loads(parts["job.json"])
    assert course["job"]["id"] == job_id
    assert [sample["status"] for sample in course["samples"]] == ["in_progress"]
    assert "in progress" in parts["list.txt"]
    assert job_id[:8] in parts["list.txt"]
    private = (TOKEN, "Divorce", "user-of-mine", "project-of-mine")
    assert [secret for secret in private for text in parts.values() if secret in text] == []
    again = dwtop("doctor", "--report", str(file))
    assert (again.code, "already exists" in again.sentence) == (2, True)
