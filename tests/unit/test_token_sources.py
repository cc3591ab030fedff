"""Where tokens come from: files, variables, commands and `dwtop login`; their order, and how they are renewed."""

import os
import shlex
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.deepwriter.auth.credential import Credential, CredentialLookup, Scheme
from app.deepwriter.auth.sources import TokenSource, overriding_source
from app.deepwriter.auth.token_command import run_token_command
from app.deepwriter.auth.token_file import (
    delete_stored_token,
    read_stored_token,
    read_token_file,
    store_token,
)
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.errors import CredentialError
from tests.jwt import jwt
from tests.processes import python_command

TOKEN = "tok-3f9c1d7e5b2a4860"
OTHER = "tok-8e6d4c2b0a917f53"


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    return tmp_path / "made" / "for it" / "token"


def source(stored: Path, **given: object) -> TokenSource:
    none: dict[str, object] = {"token_file": None, "environ": {}, "token_command": None}
    return TokenSource(stored_file=stored, **(none | given))  # type: ignore[arg-type]


def find(stored: Path, **given: object) -> CredentialLookup:
    lookup = source(stored, **given).find()
    if lookup.problem:
        raise CredentialError(lookup.problem)
    return lookup


def revealed(credential: Credential | None) -> tuple[str, str] | None:
    return (credential.scheme.value, credential.secret.reveal()) if credential else None


def test_how_each_source_is_renewed(stored: Path, tmp_path: Path) -> None:
    file, pipe, missing = (tmp_path / name for name in ("token", "pipe", "missing"))
    file.write_text(TOKEN)
    os.mkfifo(pipe)
    for given, is_command, is_fixed in (
        ({}, False, False),
        ({"token_command": " "}, False, False),
        ({"token_command": "pass show it"}, True, False),
        ({"token_file": file, "token_command": "pass show it"}, False, False),
        ({"token_file": missing}, False, False),
        ({"token_file": pipe}, False, True),
        ({"environ": {"DEEPWRITER_API_KEY": TOKEN}, "token_command": "x"}, False, True),
    ):
        it = source(stored, **given)
        assert (it.is_command, it._is_fixed) == (is_command, is_fixed), given
        if is_fixed:
            assert it.find_another().credential is None


def test_another_token_is_found_once_and_only_at_the_same_source(stored: Path, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o600)
    it = source(stored, token_file=file, environ={"DEEPWRITER_TOKEN": "tok-of-the-environment"})
    assert it.find().credential == make_credential(TOKEN, source=f"the token file {file}")
    assert TOKEN not in repr(it)
    assert it.find_another().credential is None
    file.write_text(f"Bearer {OTHER}\n")
    assert revealed(it.find_another().credential) == ("bearer", OTHER)
    assert it.find_another().credential is None
    file.unlink()
    assert "cannot be read" in it.find_another().problem


def test_a_token_that_was_just_stored_is_not_another_one(stored: Path) -> None:
    it = source(stored)
    assert it.find().credential is None
    it.enter(TOKEN, api_key=False, keep=True)
    assert read_stored_token(stored) is not None
    assert it.find_another().credential is None
    store_token(stored, make_credential(OTHER))
    assert it.find_another().credential is not None


def test_a_stored_token_does_not_hide_that_the_command_prints_the_same_as_before(stored: Path) -> None:
    it = source(stored, token_command=f"echo {TOKEN}")
    assert it.find().credential is not None
    it.enter(OTHER, api_key=False, keep=True)
    assert it.find_another().credential is None


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"token_file": Path("t"), "environ": {"DEEPWRITER_TOKEN": TOKEN}}, "The file named with --token-file"),
        ({"environ": {"DEEPWRITER_TOKEN": " ", "DEEPWRITER_API_KEY": TOKEN}}, "The environment variable DEEPWRITER_API_KEY"),
        ({"token_command": "pass show token"}, "The setting token_command"),
        ({}, ""),
    ],
)  # fmt: skip
def test_the_source_that_takes_precedence_is_named(given: dict[str, Any], named: str) -> None:
    none: dict[str, Any] = {"token_file": None, "environ": {}, "token_command": None}
    assert overriding_source(**(none | given)) == named


def test_the_first_source_with_a_token_wins(stored: Path, tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.write_text("from-file\n")
    named.chmod(0o600)
    sources = {
        "token_file": named,
        "environ": {"DEEPWRITER_TOKEN": "from-environment", "DEEPWRITER_API_KEY": "the-key"},
        "token_command": "printf from-command",
    }
    store_token(stored, make_credential("kept", "api-key"))
    assert revealed(find(stored, **sources).credential) == ("bearer", "from-file")
    sources["token_file"] = None
    assert revealed(find(stored, **sources).credential) == ("bearer", "from-environment")
    assert revealed(find(stored, **sources, auth="api-key").credential) == ("api-key", "from-environment")
    sources["environ"] = {"DEEPWRITER_TOKEN": " ", "DEEPWRITER_API_KEY": "the-key"}
    assert revealed(find(stored, **sources).credential) == ("api-key", "the-key")
    sources["environ"] = {"DEEPWRITER_TOKEN": ""}
    assert revealed(find(stored, **sources).credential) == ("bearer", "from-command")
    sources["token_command"] = "  "
    assert revealed(find(stored, **sources).credential) == ("api-key", "kept")
    assert delete_stored_token(stored) is True
    assert find(stored, **sources) == CredentialLookup(None)


@pytest.mark.parametrize("source", ["token_file", "DEEPWRITER_TOKEN", "DEEPWRITER_API_KEY", "token_command"])
def test_every_source_is_read_alike(source: str, stored: Path, tmp_path: Path) -> None:
    def found(text: str) -> str | None:
        file = tmp_path / "text"
        file.write_text(text)
        variable = source.startswith("DEEPWRITER_")
        given = {source: text} if variable else file if source == "token_file" else f"cat {file}"
        credential = find(stored, **{"environ" if variable else source: given}).credential
        return credential.secret.reveal() if credential else None

    assert found(f'\n{{"token": "{TOKEN}"}}\n') == TOKEN
    assert found(f"'{TOKEN}'") == TOKEN
    with pytest.raises(CredentialError, match="more than one line"):
        found(f"{TOKEN[:9]}\n{TOKEN[9:]}")


def test_a_broken_source_does_not_fall_through(stored: Path, tmp_path: Path) -> None:
    environ = {"DEEPWRITER_TOKEN": TOKEN}
    with pytest.raises(CredentialError, match="No such file"):
        find(stored, token_file=tmp_path / "missing", environ=environ)
    with pytest.raises(CredentialError, match="DEEPWRITER_TOKEN holds more than one word"):
        find(stored, environ={"DEEPWRITER_TOKEN": "a b", "DEEPWRITER_API_KEY": TOKEN})


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_token_file_that_others_can_read(mode: int, warned: bool, stored: Path, tmp_path: Path) -> None:
    named = tmp_path / "my token"
    named.write_text(TOKEN)
    named.chmod(mode)
    finding = find(stored, token_file=named)
    assert revealed(finding.credential) == ("bearer", TOKEN)
    assert bool(finding.warnings) is warned
    assert all(f"chmod 600 '{named}'" in warning for warning in finding.warnings)


def test_a_token_from_a_fifo_and_a_pipe(stored: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o644)
    writer = threading.Thread(target=fifo.write_text, args=(TOKEN + "\n",))
    writer.start()
    finding = find(stored, token_file=fifo)
    writer.join()
    assert (revealed(finding.credential), finding.warnings) == (("bearer", TOKEN), ())
    read_end, write_end = os.pipe()  # as a shell's <(command) does it
    os.write(write_end, TOKEN.encode())
    os.close(write_end)
    assert revealed(find(stored, token_file=Path(f"/dev/fd/{read_end}")).credential) == ("bearer", TOKEN)
    os.close(read_end)


def test_files_without_a_token_are_refused(stored: Path, tmp_path: Path) -> None:
    fifo, large = tmp_path / "fifo", tmp_path / "large"
    os.mkfifo(fifo)
    large.write_bytes(b"x" * 10_000_000)
    for file, words in (
        (fifo, r"gave nothing within 0\.1 s"),
        (large, "too large"),
        (tmp_path, "Is a directory"),
        (Path("a\0b"), "unusable"),
    ):
        with pytest.raises(CredentialError, match=words):
            read_token_file(file, "bearer", timeout=0.1)


def test_a_stored_token_is_private_and_can_be_replaced(stored: Path) -> None:
    old_mask = os.umask(0)
    try:
        store_token(stored, make_credential(jwt({"exp": 9}), source="typed"))
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert stat.S_IMODE(stored.parent.stat().st_mode) == 0o700
    kept = read_stored_token(stored)
    assert kept
    assert (kept.scheme, kept.source, kept.expires_at) == (Scheme.BEARER, "dwtop login", 9.0)
    store_token(stored, make_credential(TOKEN, "api-key"))
    assert revealed(read_stored_token(stored)) == ("api-key", TOKEN)
    store_token(stored, make_credential(TOKEN))
    assert revealed(read_stored_token(stored, "api-key")) == ("api-key", TOKEN)
    assert list(stored.parent.iterdir()) == [stored]
    assert (delete_stored_token(stored), delete_stored_token(stored)) == (True, False)
    assert read_stored_token(stored) is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o601])
def test_a_stored_token_that_others_can_read_is_refused(mode: int, stored: Path) -> None:
    store_token(stored, make_credential(TOKEN))
    stored.chmod(mode)
    with pytest.raises(CredentialError) as caught:
        find(stored)
    assert f"run chmod 600 {shlex.quote(str(stored))}" in str(caught.value)


def test_a_stored_token_of_another_user_is_refused(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_token(stored, make_credential(TOKEN))
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(CredentialError, match="belongs to another user"):
        find(stored)


@pytest.mark.parametrize(
    "content", ["", "{}", "[1, 2]", '{"token": 5, "scheme": "bearer"}', f'{{"token": "{TOKEN}']
)
def test_a_damaged_stored_token_is_reported(content: str, stored: Path) -> None:
    store_token(stored, make_credential(TOKEN))
    stored.write_text(content)
    with pytest.raises(CredentialError, match="is damaged: run dwtop login again") as caught:
        find(stored)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "act", [delete_stored_token, lambda path: store_token(path, make_credential("other"))]
)
def test_the_draft_of_a_killed_process_is_removed(stored: Path, act: Callable[[Path], object]) -> None:
    store_token(stored, make_credential(TOKEN))
    draft = stored.with_name(f".{stored.name}.new")
    draft.write_text(TOKEN)
    draft.chmod(0o644)
    act(stored)
    assert not draft.exists()
    assert not stored.exists() or stat.S_IMODE(stored.stat().st_mode) == 0o600


def test_a_token_that_cannot_be_stored(tmp_path: Path, stored: Path) -> None:
    (tmp_path / "file").write_text("")
    stored.mkdir(parents=True)
    is_folder = "cannot be written: Is a directory; correct that, or set DEEPWRITER_TOKEN "
    for file, scheme, words in (
        (tmp_path / "file" / "token", "bearer", "cannot be written"),
        (stored, "bearer", is_folder),
        (stored, "api-key", "set DEEPWRITER_API_KEY instead"),
    ):
        with pytest.raises(CredentialError, match=words):
            store_token(file, make_credential(TOKEN, scheme))
    assert list(stored.parent.iterdir()) == [stored]
    with pytest.raises(CredentialError, match="not a regular file"):
        read_stored_token(stored)
    with pytest.raises(CredentialError, match="cannot be read: File name too long"):
        read_stored_token(tmp_path / ("x" * 300))


def test_a_token_command_has_no_input_and_its_errors_are_logged(stored: Path) -> None:
    code = (
        "import os, sys; sys.stderr.write(f'note \\x1b[2J\\n\\n{os.getsid(0) == os.getpid()} {sys.stdin.read()!r}\\n"
        f"{TOKEN}'); print('{TOKEN}')"
    )
    finding = find(stored, token_command=python_command(code), auth="api-key")
    assert revealed(finding.credential) == ("api-key", TOKEN)
    assert finding.log == ("note \u241b[2J", "True ''", "[token]")


def test_a_token_command_runs_without_a_shell(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="more than one word"):
        find(stored, token_command=f"echo a; touch {tmp_path}/b")
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/nonexistent/tool --show", r"token_command \(tool\) cannot be started \(No such file"),
        ("echo 'a", "an unclosed quote"),
        ("'' x", "cannot be started"),
        ("true", "printed nothing"),
        (python_command("import sys\nwhile True: sys.stdout.write('x' * 9999)"), "printed more than 64 KiB"),
    ],
)
def test_a_token_command_that_fails_is_reported(command: str, words: str, stored: Path) -> None:
    with pytest.raises(CredentialError, match=words):
        find(stored, token_command=command)


def test_a_command_that_does_not_end_is_ended(stored: Path) -> None:
    assert "did not end within 0.1 s" in run_token_command("sleep 60", "bearer", timeout=0.1).problem
    with pytest.raises(CredentialError, match="was interrupted"):
        find(stored, token_command="sleep 60", cancelled=lambda: True)


def test_the_error_brings_what_the_command_said() -> None:
    lookup = run_token_command(python_command("import sys; sys.exit('vault is\\tlocked')"), "bearer")
    assert lookup.problem
    assert lookup.log == ("vault is locked",)


@pytest.mark.parametrize("end", ["; print(' two')", "; raise SystemExit(3)"])
def test_problems_do_not_show_the_token(end: str, stored: Path) -> None:
    code = f"print('{TOKEN[:9]}' + '{TOKEN[9:]}', end=' '){end}"
    lookup = source(stored, token_command=python_command(code)).find()
    assert lookup.problem
    assert TOKEN not in repr(lookup)
