"""File names from titles, safe on every file system."""

import re

_MAX_BYTES = 120
"""Well below the 143 bytes that some encrypted file systems allow."""

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def document_name(title: str | None, job_id: str) -> str:
    """The file name for a job's document, such as `The Salt Roads.pdf`; the ID if nothing usable is left of the title."""
    name = " ".join(_UNSAFE.sub(" ", title or "").split())
    name = name.encode("utf-8", "ignore")[:_MAX_BYTES].decode("utf-8", "ignore").strip(" .-")
    return f"{job_id if not name or _RESERVED.fullmatch(name) else name}.pdf"
