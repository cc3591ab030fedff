"""The standard streams: whether they are terminals, which symbols they can show, and messages on standard error."""

import codecs
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

_SLOW_SECONDS = 1.0
"""How long a command may wait without a message."""

_SYMBOLS = (
    "\N{HEAVY CHECK MARK}\N{BLACK RIGHT-POINTING TRIANGLE}\N{LEFT FIVE EIGHTHS BLOCK}\N{HORIZONTAL ELLIPSIS}"
)
"""Characters from each of the ranges that tables and bars use."""

_COERCED_LOCALES = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python sets `LC_CTYPE` to when it starts in the C locale."""

_TYPES_WITHOUT_CURSOR = ("", "dumb", "unknown")
"""Values of `TERM` for terminals without known capabilities, whether or not terminfo has an entry for them."""

_TYPES_WITH_CURSOR = ("xterm", "tmux", "screen")
"""How the most common values of `TERM` begin. They need no terminfo lookup, which takes a millisecond."""

_REPLACEMENTS = {
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{SYMBOL FOR DELETE}": "^?",
}


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal. A stream that was closed before Python started is None."""
    return stream is not None and stream.isatty()


def pipe_descriptor(stream: TextIO | None) -> int | None:
    """The file descriptor of a stream that writes to a pipe; else None. It becomes readable when the reader closes it."""
    try:
        descriptor = stream.fileno() if stream else None
        return descriptor if descriptor is not None and stat.S_ISFIFO(os.fstat(descriptor).st_mode) else None
    except (OSError, ValueError):  # it was closed, or is not a file
        return None


def can_move_cursor(environ: Mapping[str, str]) -> bool:
    """Whether the terminal understands ANSI escape sequences.

    A type that terminfo does not know is assumed to, since many hosts lack the entries of new terminals.
    """
    kind = environ.get("TERM", "")
    if kind.startswith(_TYPES_WITH_CURSOR):
        return True
    if kind in _TYPES_WITHOUT_CURSOR:
        return False
    try:
        import curses
    except ImportError:  # some systems package it separately
        return True
    try:
        curses.setupterm(kind, 0)
    except curses.error:
        return True
    return (curses.tigetstr("cup") or b"").startswith(b"\x1b[")


def print_message(sentence: str) -> None:
    """Print a message to standard error."""
    if sys.stderr is not None:
        print(f"dwtop: {sentence}", file=sys.stderr, flush=True)


@contextmanager
def message_if_slow(database: Path) -> Iterator[None]:
    """Print a message if the body takes longer than a second, as it does while the database is locked."""
    from threading import Timer

    text = f"Waiting for the database {database}; another program may have locked it."
    timer = Timer(_SLOW_SECONDS, print_message, [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def why_ascii(environ: Mapping[str, str], *, chosen: bool) -> str:
    """Why only ASCII can be shown; empty if other symbols can be shown too.

    With `chosen`, the user has turned ASCII off, which overrides all but the encoding.
    """
    for stream in (sys.stdout, sys.stderr):
        encoding = (stream and stream.encoding) or "utf-8"
        try:
            _SYMBOLS.encode(encoding)
        except UnicodeEncodeError:
            return f"the encoding {encoding}"
    if chosen:
        return ""
    if environ.get("TERM") == "linux":  # its fonts have at most 512 characters
        return "the Linux console"
    return "the locale C" if _is_c_locale(environ) else ""


def replace_unencodable() -> None:
    """Have the standard streams replace characters that they cannot encode, instead of failing."""
    codecs.register_error("dwtop", _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="dwtop")


def _is_c_locale(environ: Mapping[str, str]) -> bool:
    """Whether the environment names the C locale, in which terminals and multiplexers cannot show UTF-8.

    An environment without any locale does not count: containers have none, and their terminals show UTF-8.
    """
    ctype = environ.get("LC_CTYPE", "")
    locale = environ.get("LC_ALL") or ("" if ctype in _COERCED_LOCALES else ctype) or environ.get("LANG")
    return locale in ("C", "POSIX")


def _replace(error: UnicodeError) -> tuple[str, int]:
    """ASCII in place of characters: letters lose their accents, control pictures become `^[`, others `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_to_ascii, error.object[error.start : error.end])), error.end


def _to_ascii(char: str) -> str:
    import unicodedata  # rarely needed, since most streams can encode everything

    if replacement := _REPLACEMENTS.get(char):
        return replacement
    if "\N{SYMBOL FOR NULL}" <= char <= "\N{SYMBOL FOR UNIT SEPARATOR}":
        return f"^{chr(ord(char) - 0x2400 + 0x40)}"
    return unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode() or "?"
