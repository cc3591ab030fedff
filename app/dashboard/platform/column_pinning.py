"""Keeps a width that the terminal sees otherwise from moving what stands to the right of it.

Terminals and the tables that we measure text with disagree about Devanagari, emoji, and about all the characters
that some take to be wide ("ambiguous" ones: the bars, many letters with accents, Cyrillic). A frame is written from left
to right, so each disagreement would move the rest of its line. Therefore the column is set anew behind every run
of such characters: a wrong width then costs the place of that run alone.
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
    r"(?:[!-~](?=[\u0300-\u036f\u200d\u20d0-\u20ff\ufe00-\ufe0f]))?"  # what a combining character belongs to
    r"[^\x00-\x7f]+"
    # Words of one text are one run, which saves bytes. Signs are not joined: they may be columns of their own.
    r"(?:[!-~]*(?:(?<=\w) (?=\w))?[!-~]*[^\x00-\x7f]+)*"
)

_NARROWER_ELSEWHERE = (
    "\u0300\u0370\u0483\u048a\u0590\u2000\u200b\u2010\u20d0\u2100\u231a\u2400\u2614\u26a0\u26a1\u2700\u2705\u2714"
    "\u2728\u275b\u2795\u27c0\u2b1b\u2b56\ua4d0\ua960\ua980\uac00\ufb1d\ufe00\ufe00\ufe10\ufe70\ufeff\U00010000\U00020000"
)
"""Combining and joining scripts, and emoji, for which a terminal may use fewer cells than we do: where each range of
them begins, and what follows it. Not a regular expression: compiling one of so many ranges takes 4 ms at the start."""


def pin_columns(output: str) -> str:
    """The same output, with the column set after every run of characters that are not ASCII.

    Args:
        output: What is to be written. Lines whose first column it does not tell stay as they are.
    """
    if output.isascii():
        return output
    parts: list[str] = []
    column = 0  # from 1, where we believe the cursor to be; 0 for unknown
    moved = False  # whether the terminal may believe otherwise
    for token in _TOKEN.finditer(output):
        text = token["text"]
        if text is None:
            if token["column"] is not None:
                column, moved = int(token["column"]), False
            elif token["control"] is not None:
                column, moved = 0, False
            parts.append(token.group())
            continue
        if moved:
            parts.append(f"\x1b[{column}G")
            moved = False
        if column and not text.isascii():
            moved = _pin_text(text, column, parts)
        else:
            parts.append(text)
        column += cell_len(text) if column else 0
    return "".join(parts)


def _pin_text(text: str, column: int, parts: list[str]) -> bool:
    """Append a text that begins in a column; whether the column has to be set before what follows."""
    end = 0
    for run in _RUN.finditer(text):
        between = text[end : run.start()]
        if end:
            parts.append(f"\x1b[{column}G")
        parts.append(between)
        column += len(between)
        width = cell_len(run.group())
        if any(bisect(_NARROWER_ELSEWHERE, char) % 2 for char in run.group()):
            parts.append(f"{' ' * width}\x1b[{column}G")  # or what stood there before would show behind it
        parts.append(run.group())
        column += width
        end = run.end()
    if end < len(text):
        parts += (f"\x1b[{column}G", text[end:])
    return end == len(text)
