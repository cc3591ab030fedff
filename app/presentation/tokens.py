"""Masks tokens in text that a user types or pastes where no token belongs."""

import re

from app.job import parse_job_id

MARK = "***"
"""What is shown in place of a token."""

_WORD = rf"(?<![\w/])([\w.~+=-]{{20,}})|{re.escape(MARK)}[\w.~+=-]+"
"""A word that may be a token, or the rest of a masked one that is still being typed. Paths of URLs do not match."""

_LONG_PART = r"[A-Za-z0-9]{20,}"


def without_tokens(text: str) -> str:
    """A text with tokens masked: words with a long part of letters and digits that is not a job ID."""
    return re.sub(
        _WORD, lambda word: word[0] if word[1] and not _is_token(word[1]) else MARK, text, flags=re.ASCII
    )


def token_hint(key: str) -> str:
    """What to do with a token that was masked. `key` opens the login dialog."""
    return (
        f"This looks like a token: it is neither shown nor kept. To sign in with it, press {key} in the list."
    )


def _is_token(word: str) -> bool:
    parts = (part for part in re.findall(_LONG_PART, word) if not (part.isalpha() or part.isdigit()))
    return any(parse_job_id(part) is None for part in parts)
