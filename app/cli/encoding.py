"""What terminal and pipes can show: a movable cursor, our signs, and what replaces characters that do not fit."""

import codecs
import sys
from collections.abc import Mapping
from io import TextIOWrapper

_SIGNS = (
    "\N{HEAVY CHECK MARK}\N{BLACK RIGHT-POINTING TRIANGLE}\N{LEFT FIVE EIGHTHS BLOCK}\N{HORIZONTAL ELLIPSIS}"
)
"""Characters from each of the ranges that tables and bars draw with."""

_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python puts into `LC_CTYPE` at its start where the locale is C."""

_LINES_ONLY = ("", "dumb", "unknown")
"""Values of `TERM` for terminals without a cursor that can be moved."""

_STAND_INS = {"\N{HORIZONTAL ELLIPSIS}": "...", "\N{RIGHTWARDS ARROW}": "->", "\N{SYMBOL FOR DELETE}": "^?"}


def why_ascii(environ: Mapping[str, str], *, chosen: bool) -> str:
    """Why signs have to be ASCII although nobody asked for it; empty if they need not.

    Args:
        environ: The environment.
        chosen: Whether somebody chose other signs, which goes before the locale but not before an encoding.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream and not _encodes(stream.encoding):
            return f"the encoding {stream.encoding}"
    return "the locale C" if not chosen and _is_c(environ) else ""


def moves_cursor(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is of a type that understands more than lines of text."""
    return environ.get("TERM", "") not in _LINES_ONLY


def replace_unencodable() -> None:
    """Replace characters that the standard streams cannot encode, instead of failing."""
    codecs.register_error("dwtop", _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="dwtop")


def _encodes(encoding: str | None) -> bool:
    try:
        _SIGNS.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _is_c(environ: Mapping[str, str]) -> bool:
    """Whether the environment asks for the C locale by name.

    Python itself then writes UTF-8 all the same, which terminals and multiplexers in that locale cannot show.
    No variable at all says nothing: containers have none, on terminals that show everything.
    """
    if everything := environ.get("LC_ALL"):
        return everything in ("C", "POSIX")
    names = [environ.get("LC_CTYPE", ""), environ.get("LANG", "")]
    if names[0] in _COERCED:
        del names[0]
    return next(filter(None, names), "") in ("C", "POSIX")


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """ASCII for what cannot be encoded: a letter without its accent, a control picture as `^[`, else `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_in_ascii, error.object[error.start : error.end])), error.end


def _in_ascii(char: str) -> str:
    import unicodedata  # only here: most streams encode everything

    if stand_in := _STAND_INS.get(char):
        return stand_in
    if "\N{SYMBOL FOR NULL}" <= char <= "\N{SYMBOL FOR UNIT SEPARATOR}":
        return f"^{chr(ord(char) - 0x2400 + 0x40)}"
    return unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode() or "?"
