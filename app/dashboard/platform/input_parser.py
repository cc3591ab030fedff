"""Turns terminal input into Textual's events: keys, mouse, paste, focus, and reports that Textual asked for.

The parser of Textual 8.2.8 reports the characters of an unknown sequence as keys, so a reply to another program's
query, or one that arrives late, would trigger actions. This parser follows the grammar of ECMA-48 to find the end of a
sequence, and only a complete and known sequence becomes an event.
"""

import re
import time
from collections.abc import Sequence

from textual import constants, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

INCOMPLETE_SEQUENCE_SECONDS = 2.0
"""Time without input after which an incomplete sequence is dropped.

Long enough for a slow connection, since the rest of a sequence would be taken for keys if it arrived after that.
"""

_ESC = "\x1b"

# Each of these is Escape and a letter, or a single C1 character.
_CSI = r"(?:\x1b\[|\x9b)"
_SS3 = r"(?:\x1bO|\x8f)"
_STRING = r"(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])"  # DCS, SOS, OSC, PM, APC

_TOKEN = re.compile(
    rf"{_CSI}(?P<csi>\[.|M...|(?![\[M])[ -?]*[@-~])"  # function keys of the Linux console, mouse of old terminals, all others
    rf"|{_CSI}(?P<broken_off>[ -?]*)(?=[^ -~])"  # by a control character, which is parsed next
    rf"|{_SS3}(?P<ss3>[\d;]*[ -/:<-~])"
    rf"|{_SS3}[\d;]*(?=[^ -~])"
    # Ctrl+C, CAN, SUB and other sequences break off a string.
    rf"|{_STRING}[^\x03\x07\x18\x1a\x1b\x9c]*(?:\x07|\x9c|\x1b\\|(?=[\x03\x18\x1a]|\x1b[^\\]))"
    r"|\x1b(?P<alt>[^\x1b\[OP\]X^_])"
    r"|(?P<escape>\x1b)(?=\x1b)"
    r"|[\x80-\x8e\x91-\x97\x99\x9a\x9c]"  # other control characters
    r"|(?P<key>[^\x1b\x80-\x9f])",
    re.DOTALL,
)
_UNFINISHED_STRING = re.compile(rf"\A({_STRING})[^\x1b]+")
_PASTE_START = re.compile(rf"{_CSI}200~")
_PASTE_END = "\x1b[201~"

_ALSO_ALT = ("\x1bO", "\x1bP", "\x1bX")  # a terminal also sends these for Alt+Shift and the letter

_REPORT = re.compile(
    r"<\d+;-?\d+;-?\d+[Mm]"  # mouse (SGR)
    r"|[IO]"  # focus gained, lost
    r"|(?P<mode>\?\d+;\d\$y)"  # DECRPM
    r"|48;\d+;\d+;\d+;\d+t"  # size
)
_CURSOR_POSITION = re.compile(r"\d+;\d+R")  # also F3 with modifiers, but a reply must never act as a key
_KEY = re.compile(r"(?P<code>\d{0,6})(?:;\d{0,3}(?:;(?P<text>[\d:]*))?)?(?P<final>[u~A-FHPQRS])")


class InputParser:
    """Parses the characters that a terminal sends, in pieces of any size.

    Attributes:
        deadline: When to call `expire`, in seconds of `time.monotonic`; None while nothing is incomplete.
        mode_reports: The number of mode reports (answers to DECRQM) so far.
    """

    def __init__(self) -> None:
        self.deadline: float | None = None
        self.mode_reports = 0
        self._decoder = _Decoder()
        self._text = ""  # an incomplete sequence
        self._counted_as_key = ""  # the start of a sequence, reported as a key; its rest may still arrive

    def feed(self, text: str) -> list[Message]:
        """The events of the next characters."""
        found: list[Message] = []
        if not text:
            return found
        known = len(self._text) - len(_PASTE_END)  # no paste ends before this
        text, at = self._text + self._with_beginning(text), 0
        while at < len(text):
            if start := _PASTE_START.match(text, at):
                end = text.find(_PASTE_END, max(start.end(), known))
                if end < 0:
                    break
                found.append(events.Paste(text[start.end() : end].replace("\0", "")))
                at = end + len(_PASTE_END)
            elif token := _TOKEN.match(text, at):
                found += self._events_of(token)
                at = token.end()
            else:
                break
        # The content of a string is dropped. Its start is kept as one character, which never counts as a key.
        self._text = _UNFINISHED_STRING.sub(lambda start: _in_one_character(start[1]), text[at:])
        if not self._text or _PASTE_START.match(self._text):
            self.deadline = None
        else:
            self._expire_in(constants.ESCAPE_DELAY if self._may_be_complete else INCOMPLETE_SEQUENCE_SECONDS)
        return found

    def expire(self) -> Sequence[Message]:
        """The events of an incomplete sequence whose deadline has passed: those of the key that it is, if it is one."""
        if self.deadline is None or time.monotonic() < self.deadline:
            return []
        text, complete = self._text, self._may_be_complete
        self._text = self._counted_as_key = ""
        self.deadline = None
        if not complete:
            return []
        if text not in (_ESC, *_ALSO_ALT):
            return self._decoder.keys(text)
        self._counted_as_key = text
        self._expire_in(INCOMPLETE_SEQUENCE_SECONDS)
        return [events.Key("escape", _ESC)] if text == _ESC else self._alt_key(text[1])

    def _with_beginning(self, text: str) -> str:
        """The text; if the start of its sequence was reported as a key, that start precedes it, as one C1 character."""
        start, self._counted_as_key = self._counted_as_key, ""
        if start == _ESC and text[0] in "[OP]X^_":
            return _in_one_character(text[0]) + text[1:]
        # Every reply of the other kinds begins with a character in this range.
        if start == "\x1bO" or (start in _ALSO_ALT and " " <= text[0] <= "?"):
            return _in_one_character(start) + text
        return text

    @property
    def _may_be_complete(self) -> bool:
        """Whether the incomplete sequence is a key if nothing follows. rxvt ends some keys with $, not with a final byte."""
        return self._text.startswith(_ESC) and self._text in (_ESC, *_ALSO_ALT, *ANSI_SEQUENCES_KEYS)

    def _expire_in(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds

    def _events_of(self, token: re.Match[str]) -> Sequence[Message]:
        kind = token.lastgroup
        text = token[kind] if kind else ""
        if kind == "key":
            return self._decoder.keys(text)
        if kind == "alt":
            return self._alt_key(text)
        if kind == "escape":
            return [events.Key("escape", _ESC)]
        if kind == "csi" and (report := _REPORT.fullmatch(text)):
            self.mode_reports += report["mode"] is not None
            return list(self._decoder.feed(f"{_ESC}[{text}"))
        sequence = f"{_ESC}O{text}" if kind == "ss3" else f"{_ESC}[{text}"
        is_key = sequence in ANSI_SEQUENCES_KEYS or (kind == "csi" and _is_key(text))
        return (
            self._decoder.keys(sequence) if kind and is_key and not _CURSOR_POSITION.fullmatch(text) else []
        )

    def _alt_key(self, character: str) -> list[events.Key]:
        known = _ESC + character in ANSI_SEQUENCES_KEYS
        return self._decoder.keys(_ESC + character if known else character, alt=not known)


def _in_one_character(start: str) -> str:
    """The C1 character for the start of a sequence, which may be given as Escape and a letter."""
    return start if start >= "\x80" else chr(ord(start[-1]) + 0x40)


class _Decoder(XTermParser):
    """Textual's parser, which is given only complete and known sequences."""

    def keys(self, sequence: str, *, alt: bool = False) -> list[events.Key]:
        """The keys that a sequence or character encodes, without those that Textual ignores."""
        keys = self._sequence_to_key_events(sequence, alt=alt)
        return [key for key in keys if key.key != Keys.Ignore]


def _is_key(sequence: str) -> bool:
    """Whether a control sequence encodes a key, as in the kitty protocol or xterm's modifyOtherKeys."""
    found = _KEY.fullmatch(sequence)
    if found is None:
        return False
    code, text, final = found["code"] or "1", found["text"] or "", found["final"]
    numbers = [number for number in (code, *text.split(":")) if number]
    if any(len(number) > 6 or 0xD800 <= int(number) <= 0xDFFF for number in numbers):  # not a character
        return False
    if final == "u":
        return found["code"] != ""
    return f"{int(code)}{final}" in FUNCTIONAL_KEYS or (code == "27" and final == "~" and text != "")
