"""Signing in again with a token from a file, a command or the dialog."""

import os
import time
from pathlib import Path

import pytest

from app.deepwriter.auth.token_file import store_token
from app.deepwriter.auth.token_text import make_credential
from app.settings.paths import token_path
from app.settings.schema import HistorySettings
from app.store.store import Store
from app.watch import account
from app.watch.events import Event, EventKind
from app.watch.polling.link import Link
from tests.faults.session_harness import NEW, OLD, running_session
from tests.jwt import jwt
from tests.processes import database, python_command


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "_CHECK_INTERVAL_SECONDS", 0.05)


def private(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


PRINTS_TOKENS = """
import pathlib, sys
runs = pathlib.Path(sys.argv[1])
done = len(runs.read_text()) if runs.exists() else 0
runs.write_text("x" * (done + 1))
print(sys.argv[2], file=sys.stderr)
print(sys.argv[3:][done])
"""
"""Prints one token after the other, and counts its runs."""


async def test_a_changed_token_file_resumes_by_itself_and_nothing_is_sent_before(tmp_path: Path) -> None:
    file = private(tmp_path / "token", OLD)
    async with running_session(allowed={OLD}, jobs=40, token_file=file) as harness:
        await harness.token_accepted(OLD)
        harness.allowed.clear()
        await harness.signed_out()
        refused = [one for one in harness.server.requests if one.status == 401]
        assert 1 <= len(refused) <= 10
        before = len(harness.server.requests)
        harness.allowed.add(NEW)
        facts = file.stat()
        file.write_text(NEW)
        os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # not even the time of modification changes
        await harness.token_accepted(NEW)
        assert not [one for one in harness.server.requests[before:] if OLD in str(one.credentials)]
        await harness.until(lambda: any("another token" in line for line in harness.log))


async def test_a_token_file_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "later"
    for token_file, reason, path in (
        (file, f"the token file {file} cannot be read", file),
        (None, "dwtop login", token_path()),
    ):
        async with running_session(allowed={NEW}, token_file=token_file) as harness:
            assert harness.link.status is Link.SIGNED_OUT
            assert reason in harness.link.reason
            store_token(path, make_credential(NEW))  # as another dwtop does
            await harness.token_accepted(NEW)
            assert all(NEW in str(one.credentials) for one in harness.server.requests)


async def test_a_command_runs_once_more_when_its_token_is_rejected(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    line = python_command(PRINTS_TOKENS, runs, "unlocking \x1b[31mthe store", OLD, NEW)
    async with running_session(allowed={OLD}, token_command=line) as harness:
        await harness.token_accepted(OLD)
        assert runs.read_text() == "x"
        await harness.until(lambda: any("unlocking" in text and "\x1b" not in text for text in harness.log))
        harness.allowed.clear()
        harness.allowed.add(NEW)
        await harness.token_accepted(NEW)
        assert runs.read_text() == "xx"


async def test_a_command_that_fails_is_reported_with_its_output() -> None:
    line = python_command("import sys; sys.exit('no agent is running')")
    async with running_session(allowed={NEW}, token_command=line) as harness:
        assert harness.link.status is Link.SIGNED_OUT
        assert "failed with exit code 1: run it by hand" in harness.link.reason
        await harness.until(lambda: "no agent is running" in harness.log)
        assert not harness.server.requests
        assert await harness.session.account.sign_in(NEW, api_key=False, keep=False) == ""
        await harness.token_accepted(NEW)


async def test_a_token_with_minutes_left_is_announced_until_there_is_another(tmp_path: Path) -> None:
    token = jwt({"sub": "short", "exp": time.time() + 300})
    file = private(tmp_path / "token", token)
    async with running_session(allowed={token, NEW}, token_file=file) as harness:
        await harness.token_accepted(token)
        await harness.until(lambda: harness.session.account.token_expiry.value)
        assert await harness.session.account.sign_in(NEW, api_key=False, keep=False) == ""
        assert harness.session.account.token_expiry.value is None


async def test_a_typed_token_holds_until_it_is_refused(tmp_path: Path) -> None:
    file = private(tmp_path / "token", OLD)
    async with running_session(allowed={NEW}, token_file=file) as harness:
        await harness.signed_out()
        assert await harness.session.account.sign_in(f" Bearer {NEW}\n", api_key=False, keep=True) == ""
        await harness.token_accepted(NEW)
        assert token_path().stat().st_mode & 0o777 == 0o600
        third = "tok-third-11aa22bb33cc44dd"
        file.write_text(third)
        assert await harness.session.account.renew_token()
        assert not harness.sent(third)
        harness.allowed.clear()
        harness.allowed.add(third)
        await harness.token_accepted(third)


async def test_old_events_are_deleted_as_the_settings_say() -> None:
    base_url = "https://example.invalid/api"
    store = Store(database(), base_url)
    for age in (8, 6):
        store.log_event(Event(time.time() - age * 86_400, EventKind.CONNECTION, f"{age} days ago"))
    store.close()

    def texts() -> list[str]:
        again = Store(database(), base_url)
        try:
            return [event.text for event in again.events()]
        finally:
            again.close()

    assert texts() == ["6 days ago", "8 days ago"]
    async with running_session(allowed={OLD}, history=HistorySettings(days=7)) as harness:
        await harness.until(lambda: texts() == ["6 days ago"])
