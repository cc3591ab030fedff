"""Text from outside cannot control the terminal, change its order, or exceed its length."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import safe_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("  a \t\r\n b\u2028c\x85d  ", "a b c d"),
        ("\x1b[31mred\x1b[0m", "\u241b[31mred\u241b[0m"),
        ("\x1b]0;title\x07", "\u241b]0;title\u2407"),
        ("a\x00b\x7fc", "a\u2400b\u2421c"),
        ("\x9b31m", "\N{REPLACEMENT CHARACTER}31m"),
        ("a\u202eb\u2066c\u200ed", "abcd"),
        ("z\u200be\u200cr\u200do\u2060\ufeff", "zero"),
        ("half\ud83d", "half"),
        ("\ue000\U000e0041\U0010ffff", ""),
        ("\u2764\ufe0f", "\u2764"),
        ("a\u034f\u115f\u1160\u17b4\u17b5\u180b\u3164\uffa0b", "ab"),
        ("[red]x[/]", "[red]x[/]"),
        ("\u65e5\u672c \U0001f600 na\u00efve e\u0301", "\u65e5\u672c \U0001f600 na\u00efve e\u0301"),
    ],
)
def test_control_characters_are_made_visible_or_dropped(text: str, expected: str) -> None:
    assert safe_text(text) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde\u2026"),
        ("ab", 1, "\u2026"),
        ("a" * 10_000_000, 4, "aaa\u2026"),
        ("a" + " " * 1_000_000 + "b", 4, "a\u2026"),
        ("\u200b" * 1_000_000 + "b", 4, "\u2026"),
    ],
    ids=["fits", "one over", "shortest", "very long", "long blank", "long invisible"],
)
def test_long_text_ends_with_an_ellipsis(text: str, limit: int, expected: str) -> None:
    assert safe_text(text, limit) == expected


HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("\x00\x07\x1b\x7f\x9b\u200d\u202e\u2066\ufe0f\ud800 \t\n"))
)


@given(HOSTILE, st.integers(1, 40))
def test_any_text_becomes_safe(text: str, limit: int) -> None:
    safe = safe_text(text, limit)
    assert len(safe) <= limit
    assert safe == safe.strip()
    assert not {unicodedata.category(char) for char in safe} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert safe_text(safe, limit) == safe
    safe.encode()
