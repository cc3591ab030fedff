"""Base URLs: one spelling each, and none that would expose the token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deepwriter.base_url import DEFAULT_BASE_URL, is_loopback, parse_base_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DEFAULT_BASE_URL, DEFAULT_BASE_URL),
        ("HTTPS://App.DeepWriter.COM/api/", DEFAULT_BASE_URL),
        ("  https://app.deepwriter.com:443/api//\n", DEFAULT_BASE_URL),
        ("https://h.example", "https://h.example"),
        ("https://h.example:/Api", "https://h.example/Api"),
        ("https://h.example:80", "https://h.example:80"),
        ("https://xn--bcher-kva.example/a%20b", "https://xn--bcher-kva.example/a%20b"),
        ("https://[2001:DB8:0::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://LOCALHOST:80", "http://localhost"),
        ("http://127.8.9.1:443/api", "http://127.8.9.1:443/api"),
        ("http://[::1]:9/api", "http://[::1]:9/api"),
    ],
)
def test_a_base_url_has_one_spelling(text: str, expected: str) -> None:
    assert parse_base_url(text) == expected
    assert parse_base_url(expected) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("app.deepwriter.com/api", "https:// before"),
        ("localhost:8000", "https:// before"),
        ("ftp://h.example", "must begin with https://"),
        ("://h.example", "must begin with https://"),
        ("https://", "no valid host"),
        ("https:///api", "no valid host"),
        ("https://.example", "no valid host"),
        ("https://a..b", "no valid host"),
        ("https://user:geheim@h.example", "user name or password"),
        ("https://geheim@h.example", "user name or password"),
        ("https://h.example\\@geheim/", "user name or password"),
        ("https://h.example/api?key=geheim", "remove everything from the ?"),
        ("https://h.example/api#geheim", "remove everything from the ?"),
        ("https://h.example:99999", "port"),
        ("https://h.example:geheim", "port"),
        ("https://h.example:0", "port 0"),
        ("https://[::1", "IPv6 address"),
        ("https://[1::2::3]", "IPv6 address"),
        ("https://[fe80::1%25eth0]", "IPv6 address"),
        ("https://h.example/a/../b", "path"),
        ("https://h.example/a%zz", "path"),
        ("https://h.example/a b", "spaces"),
        ("https://h.example/\tapi", "spaces"),
        ("https://b\u00fccher.example", "not allowed"),
        ("http://h.example", "plain http"),
        ("http://localhost.example", "plain http"),
        ("http://127.1", "plain http"),
        ("http://0.0.0.0", "plain http"),
        ("http://10.0.0.1", "plain http"),
        ("http://[::2]", "plain http"),
    ],
)
def test_wrong_base_urls_are_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        parse_base_url(text)
    assert type(caught.value) is ValueError
    assert words in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.one_of(
        st.text(), st.text().map("https://{}".format), st.from_regex(r"https?://[\w.:@\[\]-]{0,20}/?.{0,9}")
    )
)
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        address = parse_base_url(text)
    except ValueError:
        return
    assert parse_base_url(address) == address
    assert address.startswith("https://") or is_loopback(address)
