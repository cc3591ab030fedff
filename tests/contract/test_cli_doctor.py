"""`dwtop doctor`: settings and their sources, what is wrong and how to fix it, and the report for bug reports."""

import json
import time
import zipfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.settings.paths import data_path
from app.store.store import Store
from app.watch.events import Event, EventKind
from tests.dwtop_process import TOKEN, Command, Inside
from tests.jwt import jwt
from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants


@pytest.mark.parametrize(
    ("variants", "cancel_error", "rights"),
    [
        ({}, None, ("yes", "yes", "yes")),
        ({}, 401, ("yes", "yes", "no")),
        ({}, 403, ("yes", "yes", "no")),
        ({}, 502, ("yes", "yes", "unknown")),
        ({"list_error": 403}, None, ("yes", "no", "yes")),
        ({"fetch_documents": False, "jobs": False}, None, ("yes", "this API does not offer it", "yes")),
    ],
)
def test_rights_are_found_without_a_cancel(
    dwtop: Inside, variants: dict[str, Any], cancel_error: int | None, rights: tuple[str, ...]
) -> None:
    with simulated(variants=Variants(**variants)) as server:
        if cancel_error:
            server.faults.add(Fault(kind=FaultKind.HTTP, endpoint=Endpoint.CANCEL, code=cancel_error))
        api = ("--base-url", server.base_url)
        job_id = server.world.add(RUNNING)
        dwtop("add", job_id, *api)
        assert "rights" not in dwtop("doctor", *api).out
        assert not [request for request in server.requests if request.method == "POST"]
        lines = dwtop("doctor", "--rights", *api).out.splitlines()[-3:]
        assert tuple(line.split(":", 1)[1].strip() for line in lines) == rights
        assert '"in_progress"' in dwtop("status", job_id, "--json", *api).out


def test_read_only_sends_no_cancel(server: FaultySimulator, dwtop: Inside) -> None:
    done = dwtop("doctor", "--rights", "--read-only")
    assert done.code == 2
    assert not [request for request in server.requests if request.method == "POST"]


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
    ("ahead", "lasts", "says"),
    [
        (0.0, 1800, "clock:                  the same as this machine's"),
        (7230.0, 1800, "2h behind this machine's"),
        (-7230.0, 1800, "2h ahead of this machine's"),
        (0.0, -1800, "in the past, but the API still accepts the token"),
    ],
)
def test_doctor_compares_clocks_and_trusts_the_apis(
    dwtop: Inside, monkeypatch: pytest.MonkeyPatch, ahead: float, lasts: int, says: str
) -> None:
    token = jwt({"exp": int(time.time() - ahead) + lasts})
    monkeypatch.setenv("DEEPWRITER_TOKEN", token)
    monkeypatch.setattr("uvicorn.server.time", SimpleNamespace(time=lambda: time.time() - ahead))
    with simulated(tokens={token}) as server:
        done = dwtop("doctor", "--base-url", server.base_url)
    assert says in done.out
    assert ("in the past" in done.out) is (lasts < 0)
    assert (done.code, "!" in done.out) == (0, False)


def test_doctor_hides_a_short_token_only_as_a_word(dwtop: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPWRITER_TOKEN", "x")
    monkeypatch.setenv("DWTOP_TMUX_FORMAT", "{running} x")
    said = dwtop("doctor").out
    assert "textual" in said
    assert "{running} [token]" in said


def test_doctor_does_not_take_any_404_as_accepted(dwtop: Inside, server: FaultySimulator) -> None:
    server.faults.add(Fault(kind=FaultKind.HTTP, code=404, body="html"))
    done = dwtop("doctor")
    assert done.code == 5
    assert "! answer:" in done.out
    assert "check the base URL" in done.out


def test_doctor_names_a_wrong_base_url_that_a_variable_replaces(dwtop: Inside, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("\nbase_url = 'ftp://example.org'", encoding="utf-8")
    done = dwtop("doctor", "--config", str(config))
    assert done.code == 2
    assert f"{config}:2: the base URL must begin with https://" in done.out


def test_doctor_reports_what_is_wrong(dwtop: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    for options, token, code, says in (
        (("--base-url", "http://127.0.0.1:9/api"), TOKEN, 5, "! answer:"),
        ((), jwt({"exp": 1_000_000_000}), 3, "in the past"),
        ((), "", 3, "run dwtop login"),
        ((), "", 3, " ms; there is no token to check"),
        (("--base-url", "http://127.0.0.1:9/api"), "", 3, "! answer:"),
        (("--rights",), "", 3, "not checked: there is no token"),
    ):
        monkeypatch.setenv("DEEPWRITER_TOKEN", token)
        done = dwtop("doctor", *options)
        assert (done.code, says in done.out) == (code, True)
    monkeypatch.setenv("DWTOP_BELL", "perhaps")
    wrong = dwtop("doctor")
    assert wrong.code == 2
    assert "DWTOP_BELL must be true or false" in wrong.sentence
    assert "textual" in wrong.out


@pytest.mark.parametrize("code", [400, 403, 404])
def test_doctor_calls_no_token_accepted_or_refused_without_one(
    code: int, dwtop: Inside, server: FaultySimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEEPWRITER_TOKEN")
    server.faults.add(Fault(kind=FaultKind.HTTP, code=code))
    done = dwtop("doctor", "--rights")
    assert " ms; there is no token to check" in done.out
    assert "not checked: there is no token" in done.out
    assert not [request for request in server.requests if request.method == "POST"]


def test_doctor_shows_one_line_of_a_failing_command(
    dwtop: Inside, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "token.sh"
    script.write_text(f"set -x\necho {TOKEN}\necho the vault is locked >&2\nexit 7\n")
    monkeypatch.delenv("DEEPWRITER_TOKEN")
    monkeypatch.setenv("DWTOP_TOKEN_COMMAND", f"sh {script}")
    done = dwtop("doctor")
    assert done.code == 3
    assert "token_command (sh) failed with exit code 7" in done.out
    assert "output:                 + echo [token]\n" in done.out
    assert "the vault is locked" not in done.out
    assert TOKEN not in done.out


def test_doctor_finds_unknown_names(dwtop: Inside, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DWTOP_THEME", "nowhere")
    report = tmp_path / "report.zip"
    done = dwtop("doctor", "--report", str(report))
    assert done.code == 2
    assert "DWTOP_THEME names a theme" in done.out
    with zipfile.ZipFile(report) as bundle:
        assert "list.txt" in bundle.namelist()


def test_a_report_that_cannot_be_written_is_removed(server: FaultySimulator, tmp_path: Path) -> None:
    full = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
    report = tmp_path / "report.zip"
    done = Command(server.base_url, through=full)("doctor", "--report", str(report))
    assert done.code == 2
    assert done.sentence.startswith(f"{report} cannot be written (")
    assert not report.exists()


def test_the_report_leaves_out_private_data(dwtop: Inside, server: FaultySimulator, tmp_path: Path) -> None:
    job_id = server.world.add(
        RUNNING, title="Divorce papers", user_id="user-of-mine", project_id="project-of-mine"
    )
    assert dwtop("add", job_id).code == 0
    assert dwtop("status").code == 0
    with closing(Store(data_path() / "dwtop.db", server.base_url)) as store:
        store.log_event(Event(1e9, EventKind.HOOK, "hook notify succeeded: Divorce papers: done", job_id))
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
    assert "hook notify succeeded" in parts["events.txt"]
    again = dwtop("doctor", "--report", str(file))
    assert (again.code, "already exists" in again.sentence) == (2, True)


def test_a_report_of_a_database_that_cannot_be_read(dwtop: Inside, tmp_path: Path) -> None:
    file = tmp_path / "report.zip"
    assert dwtop("doctor", "--database", str(tmp_path), "--report", str(file)).code == 2
    with zipfile.ZipFile(file) as bundle:
        assert bundle.namelist() == ["doctor.txt"]
        assert "is a folder" in bundle.read("doctor.txt").decode()
