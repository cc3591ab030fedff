"""What a terminal sends becomes the right events, however it is split."""

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

from app.dashboard.platform.input_parser import InputParser

REPLIES = {
    "DECRQSS": "\x1bP1$r0;1mx\x1b\\",
    "DECRQSS, refused": "\x1bP0$r\x1b\\",
    "XTGETTCAP": "\x1bP1+r544e=787465726d2d6b69747479\x1b\\",
    "XTVERSION": "\x1bP>|xterm(390) djxq\x1b\\",
    "DA1": "\x1b[?62;1;2;4;6;9;15;22c",
    "DA2": "\x1b[>41;390;0c",
    "DA3": "\x1bP!|7E565445\x1b\\",
    "status": "\x1b[0n",
    "printer": "\x1b[?13n",
    "cursor": "\x1b[12;40R",
    "cursor in the first line": "\x1b[1;2R",
    "extended cursor": "\x1b[?12;40;1R",
    "mode": "\x1b[?2027;0$y",
    "ANSI mode": "\x1b[4;2$y",
    "window size": "\x1b[8;24;80t",
    "keyboard flags": "\x1b[?5u",
    "colour scheme": "\x1b[?997;1n",
    "title": "\x1b]ldxqDM\x1b\\",
    "palette": "\x1b]4;1;rgb:dddd/0000/0000\x1b\\",
    "foreground": "\x1b]10;rgb:dddd/dddd/dddd\x1b\\",
    "background, ended by BEL": "\x1b]11;rgb:1111/1111/1111\x07",
    "clipboard": "\x1b]52;c;" + "eHhkREQ" * 5000 + "\x1b\\",
    "APC": "\x1b_Gi=31;OK\x1b\\",
    "PM": "\x1b^xd\x1b\\",
    "SOS": "\x1bXxd\x1b\\",
    "CSI and DCS in a byte each": "\x9b?62c\x901$rx\x9c",
    "unknown CSI with a number of a letter": "\x1b[120~\x1b[77~\x1b[120A\x1b[99;99~",
    "unknown CSI": "\x1b[<1;2x\x1b[=3;4q\x1b[1;2;3;4;5;6z\x1b[@\x1b[!p",
    "impossible characters": "\x1b[99999999u\x1b[55296u\x1b[97;1;55296u\x1b[97:98:99;1:3u",
    "unknown SS3": "\x1bOz\x1bO5x",
    "mouse of an old terminal": "\x1b[Mxxx",
    "mouse of urxvt": "\x1b[32;10;20M",
    "a sequence that another one breaks off": "\x1b[12;\x1bP1$r\x1b[12;",
}

KEYS = (
    "x", "\r", "\x03", "\x1bx", "\x1bA", "\x1bb", "\x1b7", "\x1b\r", "\x1b[A", "\x1bOA", "\x1b[1;5A", "\x1b[3~", "\x1b[3;5~",
    "\x1b[120;5u", "\x1b[120;;120u", "\x1b[27u", "\x1b[229;1;229u", "\x1b[57414u", "\x1b[9;2u", "\x1b[97;1;97:98u",
    "\x1b[27;5;106~", "\x1b[[A", "\x1b[Z", "\x1b[I", "\x1b[O", "\x1b[<0;1;1M", "\x1b[<35;10;20M", "\x1b[<64;3;4M",
    "\x1b[?2026;2$y", "\x1b[48;24;80;480;1600t", "\x1b[200~paste\rd\x1b[201~",
)  # fmt: skip


def shown(messages: list[Message]) -> list[tuple[object, ...]]:
    names = ("key", "character", "text", "x", "y", "size")
    return [
        (type(message).__name__, *(getattr(message, name, None) for name in names)) for message in messages
    ]


def parsed(*texts: str) -> list[Message]:
    """All events of texts, each of which comes after the delay of Escape, and after all other timeouts."""
    parser, found = InputParser(), list[Message]()
    for text in texts:
        found += parser.expire()
        found += parser.feed(text)
        if parser.deadline is not None:
            parser.deadline = 0
    while parser.deadline is not None:
        parser.deadline = 0
        found += parser.expire()
    return found


def keys(*texts: str) -> list[object]:
    """The keys of texts, and pastes as None."""
    return [event[1] for event in shown(parsed(*texts)) if event[0] in ("Key", "Paste")]


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_no_reply_is_a_key(reply: str) -> None:
    assert keys(reply + "j") in (["j"], []), "where the reply itself is broken off, the key ends it"


@pytest.mark.parametrize("name", REPLIES)
def test_no_beginning_of_a_reply_is_a_key(name: str) -> None:
    reply = REPLIES[name]
    for end in range(2, min(len(reply), 60)):
        if reply[end - 1] == "\x1b" or (reply[end - 2] == "\x1b" and reply[end - 1] in "OPX"):
            continue  # these are also Escape, and Alt and a letter
        assert not keys(reply[:end]), reply[:end]


@pytest.mark.parametrize("sequence", KEYS)
def test_what_is_known_becomes_what_textual_makes_of_it(sequence: str) -> None:
    theirs = XTermParser()
    expected = list(theirs.feed(sequence))
    if not expected:  # Alt and a letter: Textual waits for more
        expected = list(theirs._sequence_to_key_events(sequence[1:], alt=True))
    assert shown(parsed(sequence)) == shown(expected)
    assert shown(parsed("j" + sequence + "k"))[1:-1] == shown(expected)


def test_every_key_that_textual_lists_is_one() -> None:
    sequences = [text for text in ANSI_SEQUENCES_KEYS if text.startswith("\x1b") and text[-1] not in "R\x1b"]
    assert len(sequences) > 100
    for sequence in sequences:
        theirs = [event.key for event in XTermParser()._sequence_to_key_events(sequence)]
        assert keys(sequence) == [key for key in theirs if key != "<ignore>"], sequence


@pytest.mark.parametrize(
    ("text", "key"), [("\x1b", "escape"), ("\x1bP", "alt+shift+p"), ("\x1bO", "alt+shift+o")]
)
def test_escape_alone_is_decided_soon_and_alt_with_an_introducer_too(text: str, key: str) -> None:
    assert not list(InputParser().feed(text))
    assert keys(text) == [key]
    replies = [one for one in REPLIES.values() if one.startswith(text) and not one.startswith("\x1bX")]
    assert replies
    for reply in replies:
        assert keys(text, reply[len(text) :]) == [key], "no reply whose rest comes later is a key"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["\x1b", "j", "\x1bP", "j"], ["escape", "j", "alt+shift+p", "j"]),
        (["\x1b\x1b[A"], ["escape", "up"]),
        (["\x1b]52;c;abc\x03"], ["ctrl+c"]),
    ],
    ids=["after Escape", "Escape and an arrow", "in a string without an end"],
)
def test_keys_are_keys(texts: list[str], expected: list[str]) -> None:
    assert keys(*texts) == expected


def test_a_paste_is_a_text_whatever_is_in_it() -> None:
    found = parsed("\x1b[200~ab\x1b[A\x1b]0;c\x07\x1b[20\x1b[201~d")
    assert shown(found)[0][3] == "ab\x1b[A\x1b]0;c\x07\x1b[20"
    assert shown(found)[1][1] == "d"
    assert len(found) == 2


def test_a_read_without_a_whole_character_leaves_the_wait_as_it_is() -> None:
    parser = InputParser()
    parser.feed("\x1b")
    parser.deadline = 0
    assert not parser.feed("")
    assert [event[1] for event in shown(list(parser.expire()))] == ["escape"]
