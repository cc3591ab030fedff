"""Makes text from outside safe for a terminal. No other module does this.

Text from a server, a file or a paste may carry control sequences that act on the terminal, or invisible characters that
mislead the reader. All of it goes through `safe_text` once, where it enters the program, so no other code needs to
check it again.
"""

import unicodedata

_TABS_AND_LINE_ENDS = frozenset("\t\n\r\v\f\x85\u2028\u2029")

_CONTROL_PICTURES = 0x2400
_REGIONAL_A, _REGIONAL_Z = 0x1F1E6, 0x1F1FF
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_VARIATION_SELECTORS = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))

# Characters that Unicode calls default ignorable although their category is letter or mark: a combining joiner,
# fillers for missing letters, Khmer inherent vowels, Mongolian variation selectors.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")


def safe_text(text: str, limit: int = 2000) -> str:
    """One line of text that cannot act on a terminal.

    C0 controls become their Unicode control pictures, C1 controls the replacement character, and flags their letters.
    Bidi, zero-width and other format controls, variation selectors and unassigned code points are dropped. Each run of
    blanks, tabs and line ends becomes one space, and both ends are trimmed. A text of more than `limit` characters is
    cut and ends in an ellipsis.
    """
    scanned = 4 * limit + 64  # bounds the work; enough usually remains after dropping characters
    cut = len(text) > scanned
    text = text[:scanned]
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_replacement, text))
    text = " ".join(text.split())
    return text if len(text) <= limit and not cut else text[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _replacement(char: str) -> str:
    """The text to show in place of one character; empty to drop it."""
    if char in _TABS_AND_LINE_ENDS:
        return " "
    code = ord(char)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    if code == 0x7F:
        return "\u2421"
    if _REGIONAL_A <= code <= _REGIONAL_Z:
        return chr(ord("A") + code - _REGIONAL_A)
    category = unicodedata.category(char)
    if category == "Cc":  # C1, which some terminals obey
        return "\N{REPLACEMENT CHARACTER}"
    if (
        category in ("Cf", "Cs", "Co", "Cn", "Me")
        or char in _INVISIBLE
        or code in _SKIN_TONES
        or code in _VARIATION_SELECTORS
    ):
        # Bidi and zero-width controls, surrogates, private and unassigned code points, variation selectors.
        # Terminals disagree on the width of joiners, enclosing marks, skin tones and (above) flags, so columns would
        # shift.
        return ""
    return char
