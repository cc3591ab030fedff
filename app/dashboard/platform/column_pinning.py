"""Keeps the columns of a line aligned on terminals that measure a character differently.

Terminals disagree with the Unicode tables of rich about Devanagari, emoji, and all characters of "ambiguous" width (the
bars, many letters with accents, Cyrillic). A frame is written from left to right, so each difference would shift the rest
of its line. Therefore the cursor column is set again after every run of such characters, and a wrong width affects only
that run.
"""

import re
from bisect import bisect

from rich.cells import cell_len

_TOKEN = re.compile(
    r"\x1b\[\d+;(?P<column>\d+)H"  # cursor position
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # other control sequences
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # strings, such as a link
    r"|\x1b."
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|(?P<control>.)",
    re.DOTALL,
)

_RUN = re.compile(
    r"((?:[!-~](?=[\u0300-\u036f\u200d\u20d0-\u20ff\ufe00-\ufe0f]))?"  # the base of a combining character
    r"[^\x00-\x7f]+"
    # The words of a text form one run, which saves bytes. Symbols do not, since each may be a separate column.
    r"(?:[!-~]*(?:(?<=\w) (?=\w))?[!-~]*[^\x00-\x7f]+)*)"
)

_NARROWER_ELSEWHERE = (
    "\u0300\u0370\u0483\u048a\u0590\u2000\u200b\u2010\u20d0\u2100\u231a\u2400\u2614\u26a0\u26a1\u2700\u2705\u2714"
    "\u2728\u275b\u2795\u27c0\u2b1b\u2b56\ua4d0\ua960\ua980\uac00\ufb1d\ufe00\ufe00\ufe10\ufe70\ufeff\U00010000\U00020000"
)
"""Combining and joining scripts, and emoji, which a terminal may draw in fewer cells than rich counts: the start of
each range and the character after its end. Compiling a regular expression of these ranges would take 4 ms at every start."""


def pin_columns(output: str) -> str:
    """The output with the column set after every run of non-ASCII characters, where the column is known."""
    if output.isascii():
        return output
    parts: list[str] = []
    column = 0  # the expected cursor column, from 1; 0 if unknown
    moved = False  # whether the terminal's cursor may be elsewhere
    for token in _TOKEN.finditer(output):
        text = token["text"]
        if text is None:
            if token["column"] is not None:
                column, moved = int(token["column"]), False
            elif token["control"] is not None:
                column, moved = 0, False
            parts.append(token.group())
            continue
        # For the whole text, rich may count fewer cells than for its parts.
        end = column + cell_len(text) if column else 0
        for part in (text,) if text.isascii() or not column else filter(None, _RUN.split(text)):
            if moved:
                parts.append(f"\x1b[{column}G")
            moved = column > 0 and not part.isascii()
            if moved and any(bisect(_NARROWER_ELSEWHERE, char) % 2 for char in part):
                # Else the previous content would remain visible.
                parts.append(f"{' ' * cell_len(part)}\x1b[{column}G")
            parts.append(part)
            column += cell_len(part)
        column = end
    return "".join(parts)
