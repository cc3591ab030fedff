"""Tokens among the words that a user types or pastes where none belongs."""

import re

from app.job import parse_job_id

MARK = "***"
"""What is shown in place of a token."""

_WORD = rf"(?<![\w/])([\w.~+=-]{{20,}})|{re.escape(MARK)}[\w.~+=-]+"
"""A word that may be a token or an API key, or the rest of one that is typed; the path of a URL does not count."""

_LONG_PART = r"[A-Za-z0-9]{20,}"


def without_tokens(text: str) -> str:
    """A text with a mark in place of tokens: words with a long part of letters and digits that is not a job ID."""
    return re.sub(
        _WORD, lambda word: word[0] if word[1] and not _is_token(word[1]) else MARK, text, flags=re.ASCII
    )


def token_hint(key: str) -> str:
    """What to do with a token that was left out. `key` opens the dialog to sign in."""
    return (
        f"This looks like a token: it is neither shown nor kept. To sign in with it, press {key} in the list."
    )


def _is_token(word: str) -> bool:
    parts = (part for part in re.findall(_LONG_PART, word) if not (part.isalpha() or part.isdigit()))
    return any(parse_job_id(part) is None for part in parts)
