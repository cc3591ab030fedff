"""Turns terminal input into Textual's events: keys, mouse, paste, focus, and reports that Textual asked for.

The parser of Textual 8.2.8 reports the characters of an unknown sequence as keys, so a reply to another program's
query, or one that arrives late, would trigger actions. This parser follows the grammar of ECMA-48 to find the end of a
sequence, and only a complete and known sequence becomes an event.
"""

import re
import time
from collections.abc import Generator, Iterator

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
_CSI = "\x1b["
_BEL = "\x07"
_C1_STRING_TERMINATOR = "\x9c"
_ABORT = "\x03\x18\x1a"  # Ctrl+C, and CAN and SUB, which end a sequence in ECMA-48
_PASTE_START = "\x1b[200~"
_PASTE_END = "\x1b[201~"

_STRINGS = "P]X^_"  # DCS, OSC, SOS, PM, APC
_INTRODUCERS = _STRINGS + "[O"  # those, CSI and SS3
_SHIFT_ALT_KEYS = "OPX"  # after Escape, these letters are also what Alt+Shift sends

_REPORT = re.compile(
    r"<\d+;-?\d+;-?\d+[Mm]"  # mouse (SGR)
    r"|[IO]"  # focus gained, lost
    r"|\?\d+;\d\$y"  # mode (DECRPM)
    r"|48;\d+;\d+;\d+;\d+t"  # size
)
_MODE_REPORT = re.compile(r"\?\d+;\d\$y")
_CURSOR_POSITION = re.compile(r"\d+;\d+R")  # also F3 with modifiers, but a reply must never act as a key
_KEY = re.compile(r"(?P<code>\d{0,6})(?:;\d{0,3}(?:;(?P<text>[\d:]*))?)?(?P<final>[u~A-FHPQRS])")

_Steps = Generator[float | None, str, str]


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
        self._events: list[Message] = []
        self._steps = self._parse()
        next(self._steps)

    def feed(self, text: str) -> Iterator[Message]:
        """Parse the next characters and yield their events."""
        for character in text:
            yield from self._step(character)

    def expire(self) -> Iterator[Message]:
        """Stop waiting for the rest of a sequence whose deadline has passed, and yield its events."""
        if self.deadline is not None and time.monotonic() >= self.deadline:
            yield from self._step("")

    def _step(self, character: str) -> Iterator[Message]:
        timeout = self._steps.send(character)
        self.deadline = None if timeout is None else time.monotonic() + timeout
        found, self._events = self._events, []
        yield from found

    # The grammar. Each generator yields how many seconds it waits for the next character (None: forever), is sent that
    # character, or "" if none came, and returns a character that it has read but does not need.

    def _parse(self) -> _Steps:
        character = ""
        while True:
            character = character or (yield None)
            if character == _ESC:
                character = yield from self._escape((yield constants.ESCAPE_DELAY))
            elif "\x80" <= character <= "\x9f":  # a C1 control, equal to Escape and a letter
                letter = chr(ord(character) - 0x40)
                character = (
                    (yield from self._escape(letter, may_be_key=False)) if letter in _INTRODUCERS else ""
                )
            else:
                self._key(character)
                character = ""

    def _escape(self, character: str, *, may_be_key: bool = True) -> _Steps:
        """Parse what follows Escape. With `may_be_key`, a single letter is one typed with Alt."""
        if character in ("", _ESC):
            self._events.append(events.Key("escape", _ESC))
            if not character:  # the rest of a sequence may be late, and would count as keys
                character = yield INCOMPLETE_SEQUENCE_SECONDS
                if character and character in _INTRODUCERS:
                    return (yield from self._escape(character, may_be_key=False))
            return character
        if character == "[":
            return (yield from self._control_sequence())
        if character in _INTRODUCERS:
            may_be_key = may_be_key and character in _SHIFT_ALT_KEYS
            first = yield constants.ESCAPE_DELAY if may_be_key else INCOMPLETE_SEQUENCE_SECONDS
            if may_be_key and not first:
                self._alt_key(character)
                first = yield INCOMPLETE_SEQUENCE_SECONDS  # the rest may be late here too
                if character != "O" and not "\x20" <= first <= "\x3f":
                    return first  # every reply of this kind begins with a character in that range
            if first and character == "O":
                return (yield from self._single_shift(first))
            return (yield from self._string(first))
        self._alt_key(character)
        return ""

    def _control_sequence(self) -> _Steps:
        sequence = ""
        while True:
            # rxvt ends some keys with $, which is not a final byte.
            complete = _CSI + sequence in ANSI_SEQUENCES_KEYS
            character = yield constants.ESCAPE_DELAY if complete else INCOMPLETE_SEQUENCE_SECONDS
            if not "\x20" <= character <= "\x7e":  # a control character, or none came
                if complete:
                    self._key(_CSI + sequence)
                return character
            sequence += character
            if character >= "\x40":
                break
        if sequence == "[":  # function keys of the Linux console
            sequence += yield INCOMPLETE_SEQUENCE_SECONDS
        elif sequence == "M":  # mouse of old terminals: button, column and line as one character each
            for _ in range(3):
                if not (yield INCOMPLETE_SEQUENCE_SECONDS):
                    break
        if sequence == _PASTE_START[2:]:
            yield from self._paste()
        elif _REPORT.fullmatch(sequence):
            if _MODE_REPORT.fullmatch(sequence):
                self.mode_reports += 1
            self._events.extend(self._decoder.feed(_CSI + sequence))
        elif not _CURSOR_POSITION.fullmatch(sequence) and (
            _CSI + sequence in ANSI_SEQUENCES_KEYS or _is_key(sequence)
        ):
            self._key(_CSI + sequence)
        return ""

    def _single_shift(self, character: str) -> _Steps:
        sequence = character
        while character.isdecimal() or character == ";":
            character = yield INCOMPLETE_SEQUENCE_SECONDS
            sequence += character
        if not "\x20" <= character <= "\x7e":
            return character
        if _ESC + "O" + sequence in ANSI_SEQUENCES_KEYS:
            self._key(_ESC + "O" + sequence)
        return ""

    def _string(self, character: str) -> _Steps:
        """Skip a control string. Its text is discarded, since no such reply is used."""
        while character not in ("", _BEL, _C1_STRING_TERMINATOR):
            if character in _ABORT:
                return character
            if character == _ESC:
                character = yield INCOMPLETE_SEQUENCE_SECONDS
                return "" if character in ("", "\\") else (yield from self._escape(character))
            character = yield INCOMPLETE_SEQUENCE_SECONDS
        return ""

    def _paste(self) -> Generator[float | None, str, None]:
        pasted: list[str] = []
        while True:
            pasted.append((yield None))
            if pasted[-1] == "~" and "".join(pasted[-len(_PASTE_END) :]) == _PASTE_END:
                break
        text = "".join(pasted[: -len(_PASTE_END)])
        self._events.append(events.Paste(text.replace("\0", "")))

    def _alt_key(self, character: str) -> None:
        known = _ESC + character in ANSI_SEQUENCES_KEYS
        self._key(_ESC + character if known else character, alt=not known)

    def _key(self, sequence: str, *, alt: bool = False) -> None:
        self._events += self._decoder.keys(sequence, alt=alt)


class _Decoder(XTermParser):
    """Textual's parser, given only what is complete and known."""

    def keys(self, sequence: str, *, alt: bool = False) -> list[events.Key]:
        """Return the keys that a sequence or character encodes, without those that Textual ignores."""
        keys = self._sequence_to_key_events(sequence, alt=alt)
        return [key for key in keys if key.key != Keys.Ignore]


def _is_key(sequence: str) -> bool:
    """Whether a control sequence encodes a key, as in the kitty protocol or xterm's modifyOtherKeys."""
    found = _KEY.fullmatch(sequence)
    if found is None:
        return False
    code, text, final = found["code"] or "1", found["text"] or "", found["final"]
    if any(not _is_character(number) for number in (code, *text.split(":")) if number):
        return False
    if final == "u":
        return found["code"] != ""
    return f"{int(code)}{final}" in FUNCTIONAL_KEYS or (code == "27" and final == "~" and text != "")


def _is_character(number: str) -> bool:
    """Whether a decimal number is a code point of a character."""
    return len(number) <= 6 and not 0xD800 <= int(number) <= 0xDFFF
