"""Tokens: found where they should be, refused where they must be, and shown nowhere."""

import base64
import copy
import dataclasses
import json
import os
import pickle
import shlex
import stat
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deepwriter.auth.credential import Credential, CredentialError, Scheme, Secret, make_credential
from app.deepwriter.auth.sources import CredentialLookup, TokenSource
from app.deepwriter.auth.token_command import run_token_command
from app.deepwriter.auth.token_file import forget_token, read_stored_token, read_token_file, store_token

TOKEN = "tok-3f9c1d7e5b2a4860"


def jwt(claims: object) -> str:
    parts = ({"alg": "HS256"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def revealed(credential: Credential | None) -> tuple[str, str] | None:
    return (credential.scheme.value, credential.secret.reveal()) if credential else None


def test_a_secret_is_never_shown() -> None:
    credential = make_credential(TOKEN)
    secret = credential.secret
    shown = [f"{secret} {secret!r} {secret:>40} {secret!s:.3}", str([secret]), repr(credential)]
    shown += [f"{credential}", str(dataclasses.asdict(credential)), "%s %r" % (secret, credential)]  # noqa: UP031
    shown += [
        repr(copy.deepcopy(credential)),
        repr(copy.copy(secret)),
        repr(dataclasses.replace(credential, source="x")),
    ]
    assert TOKEN not in "".join(shown)
    assert secret.reveal() == TOKEN
    for thing in (secret, credential):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(thing)
    with pytest.raises(TypeError):
        json.dumps(dataclasses.asdict(credential), default=vars)


def test_secrets_compare_by_text() -> None:
    assert make_credential(TOKEN) == make_credential(f" {TOKEN}\n")
    assert make_credential(TOKEN) != make_credential(TOKEN + "x")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


def test_headers() -> None:
    assert make_credential(TOKEN).header == ("Authorization", f"Bearer {TOKEN}")
    assert make_credential(TOKEN, "api-key").header == ("x-api-key", TOKEN)


JWT = jwt({"sub": "somebody-with-a-long-name", "iss": "https://example.com", "exp": 4_000_000_000})


@pytest.mark.parametrize(
    "text",
    [TOKEN, f"{TOKEN}\r\n", f"\t {TOKEN} ", f"Bearer {TOKEN}", f"bearer  {TOKEN}\n"],
    ids=["bare", "line end", "blanks", "Bearer", "bearer"],
)
def test_as_people_paste_it(text: str) -> None:
    assert make_credential(text).secret.reveal() == TOKEN


@pytest.mark.parametrize(
    "text",
    [
        f'"{TOKEN}"',
        f"'{TOKEN}'\n",
        f"\u201c{TOKEN}\u201d",
        f'"{TOKEN}",',
        f"\ufeff{TOKEN}\r\n",
        f"\n\n{TOKEN}\n",
        f"DEEPWRITER_TOKEN={TOKEN}",
        f"export DEEPWRITER_TOKEN='{TOKEN}';",
        f'export MINE="Bearer {TOKEN}"',
        f'$env:DEEPWRITER_TOKEN = "{TOKEN}"',
        f"token: {TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"authorization:bearer {TOKEN}",
        f"-H 'Authorization: Bearer {TOKEN}'",
        f'"token": "{TOKEN}",',
        f'{{"token": "{TOKEN}"}}',
        f'{{\n  "access_token": "{TOKEN}",\n  "token_type": "Bearer",\n  "refresh_token": "r"\n}}',
        f'{{"accessToken": "Bearer {TOKEN}", "idToken": "i", "expires": 9}}',
    ],
)
def test_the_token_in_what_is_copied_along_with_it(text: str) -> None:
    assert make_credential(text).header == ("Authorization", f"Bearer {TOKEN}")
    assert make_credential(make_credential(text).secret.reveal()) == make_credential(TOKEN)


@pytest.mark.parametrize(
    "text",
    [
        f"x-api-key: {TOKEN}",
        f"X-API-Key:{TOKEN}",
        f"DEEPWRITER_API_KEY={TOKEN}",
        f'{{"apiKey": "{TOKEN}"}}',
        f'{{"scheme": "api-key", "token": "{TOKEN}"}}',
        f"--header='x-api-key: {TOKEN}'",
    ],
)
def test_a_text_that_names_an_api_key_is_sent_as_one(text: str) -> None:
    assert make_credential(text).header == ("x-api-key", TOKEN)


def test_an_authorization_header_is_not_an_api_key() -> None:
    with pytest.raises(CredentialError, match="not an API key: use it as a bearer token"):
        make_credential(f"Authorization: Bearer {TOKEN}", "api-key", "DEEPWRITER_API_KEY")


@pytest.mark.parametrize(
    "token",
    ["YWJjZA==", "ABC_KEY=", "1|abc:def", "key:value", f"{'e' * 9}0=.eyJ9.c", "a-b_c.~+/d", "Bearerx"],
)
def test_a_token_with_punctuation_is_accepted_unchanged(token: str) -> None:
    assert make_credential(token).secret.reveal() == token


@pytest.mark.parametrize("before", ["", "\n", "Authorization: Bearer ", "export DEEPWRITER_TOKEN="])
@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_a_jwt_that_a_terminal_wrapped_is_joined(before: str, width: int) -> None:
    text = before + JWT
    wrapped = "\r\n".join(text[at : at + width] for at in range(0, len(text), width))
    assert make_credential(wrapped).secret.reveal() == JWT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no token"),
        (" \n", "holds no token"),
        ("Bearer ", "holds no token"),
        ("TOKEN=", "holds no token"),
        ("API_KEY=", "holds no token"),
        (f"{TOKEN}\nlogin: me", "more than one line"),
        (f"{TOKEN[:9]}\n{TOKEN[9:]}", "more than one line"),
        (f"{'a' * 40}\n{'b' * 40}\ncc", "more than one line"),
        (f"{JWT}\nadmin", "more than one line"),
        (f"DEEPWRITER_TOKEN={TOKEN}\nDEEPWRITER_BASE_URL=https://example.com", "more than one line"),
        (f"Authorization: Bearer {TOKEN}\nx-api-key: other", "more than one line"),
        (f"DEEPWRITER_BASE_URL=https://example.com\nDEEPWRITER_TOKEN={TOKEN}", "do not look like a token"),
        (f"PASSWORD_HINT={TOKEN}", "do not look like a token"),
        (f'"{TOKEN}', "a quote that does not belong"),
        (f"{TOKEN}'", "a quote that does not belong"),
        (f'DEEPWRITER_TOKEN="{TOKEN}" OTHER="{TOKEN}"', "more than one word"),
        (f"{'`' * 30}{TOKEN}{'`' * 30}", "a quote that does not belong"),
        ('""', "holds no token"),
        ("DEEPWRITER_TOKEN=", "holds no token"),
        ('{"token": ""}', "without exactly one token"),
        ('{"token": {"token": "a"}}', "without exactly one token"),
        (f'{{"token": "{TOKEN}", "api_key": "other"}}', "without exactly one token"),
        (f'{{"token": "{TOKEN}"', "without exactly one token"),
        ("{" + '"a":{' * 9000, "without exactly one token"),
        (f"Authorization: Basic {TOKEN}", "more than one word"),
        (f"curl -H 'x-api-key: {TOKEN}' https://example.com", "more than one word"),
        (f"Bearer {TOKEN} x", "more than one word"),
        (f"{TOKEN}\x00", "characters that no token has"),
        (f"{TOKEN}\u200b", "characters that no token has"),
        (f"{TOKEN}\xe9", "characters that no token has"),
        (TOKEN * 1000, "20000 characters"),
        (TOKEN * 10_000, "200000 characters"),
    ],
)
def test_invalid_tokens(text: str, words: str) -> None:
    with pytest.raises(CredentialError) as caught:
        make_credential(text, source="DEEPWRITER_TOKEN")
    assert words in str(caught.value)
    assert str(caught.value).startswith("DEEPWRITER_TOKEN ")
    assert TOKEN not in str(caught.value)


@given(st.text())
def test_any_text_can_be_sent_or_is_refused(text: str) -> None:
    try:
        name, value = make_credential(text).header
    except CredentialError:
        return
    assert value.encode("ascii").isascii()
    assert value.isprintable()
    assert name


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (jwt({"exp": 1_800_000_000}), 1_800_000_000.0),
        (jwt({"exp": 1.5}), 1.5),
        (jwt({}), None),
        (jwt({"exp": "soon"}), None),
        (jwt({"exp": True}), None),
        (jwt({"exp": float("nan")}), None),
        (jwt({"exp": 10**400}), None),
        (jwt([1]), None),
        ("a.b.c", None),
        ("a.%%%.c", None),
        ("...", None),
        (f"a.{base64.urlsafe_b64encode(b'[' * 3000).decode()}.c", None),
        (TOKEN, None),
    ],
)
def test_jwt_expiry(token: str, expected: float | None) -> None:
    assert make_credential(token).expires_at == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            {"sub": "a", "iss": "x", "exp": 1, "jti": "p"},
            {"sub": "a", "iss": "x", "exp": 2, "jti": "q"},
            True,
        ),
        ({"sub": "a", "iss": "x"}, {"sub": "b", "iss": "x"}, False),
        ({"sub": "a", "iss": "x"}, {"sub": "a", "iss": "y"}, False),
        ({"sub": "a", "org_id": "x"}, {"sub": "a", "org_id": "y"}, False),
        ({"sub": "", "exp": 1}, {"sub": "", "exp": 2}, False),
        ({"sub": 7, "exp": 1}, {"sub": 7, "exp": 2}, False),
        ({"iss": "x", "exp": 1}, {"iss": "x", "exp": 2}, False),
    ],
)
def test_what_tells_whether_two_tokens_are_of_one_account(one: object, other: object, same: bool) -> None:
    first, second = make_credential(jwt(one)), make_credential(jwt(other))
    assert (first.account_key == second.account_key) is same
    assert first.account_key == make_credential(f"Bearer {jwt(one)}").account_key


@given(st.from_regex(r"[A-Za-z0-9._+/-]+", fullmatch=True))
def test_what_is_no_jwt_is_the_same_as_itself_alone(token: str) -> None:
    assert make_credential(f"{token}~").account_key.reveal() == f"{token}~"


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    return tmp_path / "made" / "for it" / "token"


def find(stored: Path, **sources: object) -> CredentialLookup:
    given_sources: dict[str, object] = {"token_file": None, "environ": {}, "token_command": None}
    return TokenSource(stored_file=stored, **(given_sources | sources)).find()  # type: ignore[arg-type]


def test_the_order_of_the_sources(stored: Path, tmp_path: Path) -> None:
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
    assert forget_token(stored) is True
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


def test_token_files_that_hold_none(stored: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(CredentialError, match=r"gave nothing within 0\.1 s"):
        read_token_file(fifo, "bearer", timeout=0.1)
    large = tmp_path / "large"
    large.write_bytes(b"x" * 10_000_000)
    with pytest.raises(CredentialError, match="too large"):
        find(stored, token_file=large)
    with pytest.raises(CredentialError, match="Is a directory"):
        find(stored, token_file=tmp_path)
    with pytest.raises(CredentialError, match="unusable"):
        find(stored, token_file=Path("a\0b"))


def test_the_kept_token(stored: Path) -> None:
    old_mask = os.umask(0)
    try:
        store_token(stored, make_credential(jwt({"exp": 9}), source="typed"))
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert stat.S_IMODE(stored.parent.stat().st_mode) == 0o700
    kept = read_stored_token(stored)
    assert kept is not None
    assert (kept.scheme, kept.source, kept.expires_at) == (Scheme.BEARER, "dwtop login", 9.0)
    store_token(stored, make_credential(TOKEN, "api-key"))
    assert revealed(read_stored_token(stored)) == ("api-key", TOKEN)
    store_token(stored, make_credential(TOKEN))
    assert revealed(read_stored_token(stored, "api-key")) == ("api-key", TOKEN)
    assert list(stored.parent.iterdir()) == [stored]
    assert (forget_token(stored), forget_token(stored)) == (True, False)
    assert read_stored_token(stored) is None


def test_the_kept_token_is_of_the_same_account_as_when_it_was_typed(stored: Path) -> None:
    typed = make_credential(jwt({"sub": "a", "iss": "x", "exp": 9}))
    store_token(stored, typed)
    kept = read_stored_token(stored)
    assert kept is not None
    assert kept.account_key == typed.account_key
    assert kept.account_key == make_credential(jwt({"sub": "a", "iss": "x", "exp": 10})).account_key


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o601])
def test_a_kept_token_open_to_others_is_refused(mode: int, stored: Path) -> None:
    store_token(stored, make_credential(TOKEN))
    stored.chmod(mode)
    with pytest.raises(CredentialError) as caught:
        find(stored)
    assert f"run chmod 600 {shlex.quote(str(stored))}" in str(caught.value)


def test_a_kept_token_of_somebody_else_is_refused(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_token(stored, make_credential(TOKEN))
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    with pytest.raises(CredentialError, match="belongs to another user"):
        find(stored)


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", TOKEN, '{"token": 5, "scheme": "bearer"}', '{"token": "a", "scheme": "basic"}'],
)
def test_a_damaged_kept_token(content: str, stored: Path) -> None:
    store_token(stored, make_credential(TOKEN))
    stored.write_text(content)
    with pytest.raises(CredentialError, match="is damaged: run dwtop login again") as caught:
        find(stored)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("act", [forget_token, lambda path: store_token(path, make_credential("other"))])
def test_what_a_killed_writer_left_is_removed(stored: Path, act: Callable[[Path], object]) -> None:
    store_token(stored, make_credential(TOKEN))
    abandoned = stored.with_name(f".{stored.name}.1.1")
    abandoned.write_text(TOKEN)
    os.utime(abandoned, (0, time.time() - 3600))
    under_way = stored.with_name(f".{stored.name}.2.2")
    under_way.write_text(TOKEN)
    act(stored)
    assert not abandoned.exists()
    assert under_way.exists()


def test_a_token_that_cannot_be_kept(tmp_path: Path, stored: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CredentialError, match="cannot be written"):
        store_token(tmp_path / "file" / "token", make_credential(TOKEN))
    stored.mkdir(parents=True)
    with pytest.raises(CredentialError, match="cannot be written: Is a directory"):
        store_token(stored, make_credential(TOKEN))
    assert list(stored.parent.iterdir()) == [stored]
    with pytest.raises(CredentialError, match="no regular file"):
        read_stored_token(stored)


def python(code: str) -> str:
    return shlex.join([sys.executable, "-S", "-c", code])


def test_a_token_command(stored: Path) -> None:
    code = (
        "import os, sys; sys.stderr.write(f'note \\x1b[2J\\n\\n{os.getsid(0) == os.getpid()} {sys.stdin.read()!r}\\n"
        f"{TOKEN}'); print('{TOKEN}')"
    )
    finding = find(stored, token_command=python(code))
    assert revealed(finding.credential) == ("bearer", TOKEN)
    assert finding.log == ("note \u241b[2J", "True ''", "[token]")
    assert revealed(find(stored, token_command=python("print('a')"), auth="api-key").credential) == (
        "api-key",
        "a",
    )


def test_no_shell(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="more than one word"):
        find(stored, token_command=f"echo a; touch {tmp_path}/b")
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/nonexistent/tool --show", r"token_command \(tool\) cannot be started \(No such file"),
        ("echo 'a", "a quote that does not end"),
        ("'' x", "cannot be started"),
        ("false", "failed with exit code 1"),
        (python("import os; os.kill(os.getpid(), 9)"), "was ended by signal 9"),
        ("true", "printed nothing"),
        (python("import sys\nwhile True: sys.stdout.write('x' * 9999)"), "printed more than 64 KiB"),
    ],
)
def test_token_commands_that_fail(command: str, words: str, stored: Path) -> None:
    with pytest.raises(CredentialError, match=words):
        find(stored, token_command=command)


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(CredentialError, match=r"did not end within 0\.1 s"):
        run_token_command("sleep 60", "bearer", timeout=0.1)


def test_the_error_brings_what_the_command_said() -> None:
    with pytest.raises(CredentialError) as caught:
        run_token_command(python("import sys; sys.exit('vault is\\tlocked')"), "bearer")
    assert caught.value.log == ("vault is locked",)


def test_tracebacks_do_not_show_it(stored: Path) -> None:
    for sources in (
        {"token_command": python(f"print('{TOKEN[:9]}' + '{TOKEN[9:]} two')")},
        {"token_command": python(f"print('{TOKEN[:9]}' + '{TOKEN[9:]}'); raise SystemExit(3)")},
    ):
        with pytest.raises(CredentialError) as caught:
            find(stored, **sources)
        assert TOKEN not in str(caught.value) + repr(caught.value) + "".join(caught.value.log)
        assert TOKEN not in "".join(traceback.format_exception(caught.value))
