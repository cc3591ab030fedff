"""Texts that act on a terminal, or break a layout, if a program prints them as they are."""

HOSTILE: dict[str, str] = {
    "markup": "[bold red]not bold[/] [@click=app.quit]quit[/] [link=https://elsewhere.invalid]x[/link] \\[",
    "ansi": "\x1b[31mred\x1b[0m \x1b[2J\x1b[H\x1b[?1049l\x1b[6n gone",
    "osc": "\x1b]0;new title\x07\x1b]52;c;ZXZpbA==\x1b\\\x1b]8;;https://elsewhere.invalid\x1b\\link\x1b]8;;\x1b\\",
    "dcs": '\x1bP$q"p\x1b\\\x1b_hidden\x1b\\\x1bc',
    "c1": "\x9b31mred\x9d0;title\x9c \x90q\x9c \x85 next",
    "bidi": "\u202egpj.txet\u202c \u2066isolated\u2069 \u200f\u061c",
    "zero-width": "in\u200bvis\u200cib\u200dle\u2060\ufeff\u00ad",
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f1e9\U0001f1ea \u2764\ufe0f 1\ufe0f\u20e3",
    "wide": "\u6df1\u304f\u66f8\u304f\uff21\uff22 \ud55c\uad6d\uc5b4 e\u0301\u0301\u0301\u0301 \u0e01\u0e33",
    "controls": "nul\x00 bel\x07 back\x08\x08\x08\x08 del\x7f shift\x0e\x0f",
    "lines": "one\ntwo\r\nthree\rfour\vfive\fsix\u2028seven\u2029eight\ttab",
    "surrogates": "half \ud83d and \udc00",
    "blank": " \u00a0\u3000\t ",
    "endless": "endless " * 12_500,
}
"""By name; `endless` has 100,000 characters."""

ALL_HOSTILE = " ".join(text for name, text in HOSTILE.items() if name != "endless")
"""All short ones, joined."""

TEXT_FIELDS = (
    "title",
    "progress_stage",
    "error_message",
    "reasoning_model",
    "writing_model",
    "function_model",
)
"""The fields of a job that hold text."""
