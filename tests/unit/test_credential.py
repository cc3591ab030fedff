"""Credentials: tokens in pasted text, refused text, and the secret that is never shown."""

import base64
import copy
import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deepwriter.auth.credential import Secret
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.errors import CredentialError
from tests.jwt import jwt

TOKEN = "tok-3f9c1d7e5b2a4860"


def test_a_secret_is_never_shown() -> None:
    credential = make_credential(TOKEN)
    secret, as_dict = credential.secret, dataclasses.asdict(credential)
    copied = (copy.deepcopy(credential), copy.copy(secret), dataclasses.replace(credential, source="x"))
    shown = f"{secret} {secret!r} {secret!s:.3} {[secret]} {credential} {credential!r} {as_dict} {copied!r}"
    assert TOKEN not in shown + "%s %r" % (secret, credential)  # noqa: UP031
    assert secret.reveal() == TOKEN
    with pytest.raises(TypeError):
        json.dumps(as_dict, default=vars)


def test_a_secret_is_masked_within_words_unless_it_is_short() -> None:
    assert Secret("12345678").hide_in("x12345678y") == "x[token]y"
    assert Secret("12345678").hide_in_body(b"x12345678y") == b"x[token]y"
    assert Secret("1234567").hide_in("x1234567y 1234567") == "x1234567y [token]"
    assert Secret("1234567").hide_in_body(b"1234567") == b"1234567"


@pytest.mark.parametrize("secret", ["key/with+signs==", "key\\with<signs>"])
def test_a_secret_is_masked_however_json_writes_it(secret: str) -> None:
    escaped = "".join(f"\\u{ord(char):04x}" for char in secret)
    plain = json.dumps(secret)[1:-1]
    for body in (
        f'{{"error": "bad {plain}"}}'.encode(),
        f'{{"error": "bad {plain.replace("/", chr(92) + "/")}"}}'.encode(),
        f'{{"error": "bad {escaped}"}}'.encode(),
        f'{{"error": "bad {plain}"}}'.encode("utf-16"),
    ):
        assert json.loads(Secret(secret).hide_in_body(body)) == {"error": "bad [token]"}
    assert Secret(secret).hide_in_body(b"<p>\\" + secret.encode()) == b"<p>\\[token]"


def test_secrets_compare_by_text() -> None:
    assert make_credential(TOKEN) == make_credential(f" {TOKEN}\n")
    assert make_credential(TOKEN) != make_credential(TOKEN + "x")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


def test_each_scheme_has_its_header_and_a_header_its_scheme() -> None:
    assert make_credential(TOKEN).header == ("Authorization", f"Bearer {TOKEN}")
    assert make_credential(TOKEN, "api-key").header == ("x-api-key", TOKEN)
    with pytest.raises(CredentialError, match="not an API key: use it as a bearer token"):
        make_credential(f"Authorization: Bearer {TOKEN}", "api-key", "DEEPWRITER_API_KEY")


JWT = jwt({"sub": "somebody-with-a-long-name", "iss": "https://example.com", "exp": 4_000_000_000})


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"\t {TOKEN} ",
        f"Bearer {TOKEN}",
        f"bearer  {TOKEN}\n",
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
def test_the_token_is_found_in_copied_text(text: str) -> None:
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


@pytest.mark.parametrize(
    "token",
    [
        "YWJjZA==",
        "ABCDEF==",
        "YWJjZKey==",
        "1|abc:def",
        "key:value",
        f"{'e' * 9}0=.eyJ9.c",
        "a-b_c.~+/d",
        "Bearerx",
        "a-H=b",
    ],
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
        (f"{JWT[:60]}\n{JWT[60:120]}\n{JWT[120:]}\nadmin", "more than one line"),
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
def test_text_that_is_not_one_token_is_refused(text: str, words: str) -> None:
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
def test_the_expiry_of_a_jwt_is_read_if_it_has_one(token: str, expected: float | None) -> None:
    assert make_credential(token).expires_at == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"sub": "a", "iss": "x", "exp": 1}, {"sub": "a", "iss": "x", "exp": 2, "jti": "q"}, True),
        ({"sub": "a", "iss": "x"}, {"sub": "b", "iss": "x"}, False),
        ({"sub": "a", "iss": "x"}, {"sub": "a", "iss": "y"}, False),
        ({"sub": "a", "org_id": "x"}, {"sub": "a", "org_id": "y"}, False),
        ({"sub": "", "exp": 1}, {"sub": "", "exp": 2}, False),
        ({"sub": 7, "exp": 1}, {"sub": 7, "exp": 2}, False),
        ({"iss": "x", "exp": 1}, {"iss": "x", "exp": 2}, False),
    ],
)
def test_tokens_of_one_account_have_the_same_key(one: object, other: object, same: bool) -> None:
    first, second = make_credential(jwt(one)), make_credential(jwt(other))
    assert (first.account_key == second.account_key) is same
    assert first.account_key == make_credential(f"Bearer {jwt(one)}").account_key


@given(st.from_regex(r"[A-Za-z0-9._+/-]+", fullmatch=True))
def test_a_token_without_claims_is_its_own_account(token: str) -> None:
    assert make_credential(f"{token}~").account_key.reveal() == f"{token}~"
