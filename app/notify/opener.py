"""Opens links in the desktop's browser."""

import re
import sys
from collections.abc import Mapping
from urllib.parse import quote

from app import process

_WAIT_SECONDS = 2.0
"""An opener that is still running after this time has succeeded: it has probably become the browser."""


def open_link(link: str, environ: Mapping[str, str]) -> str:
    """Open a link with the platform's opener. Blocks for up to 2 s, so call it in a thread.

    Over SSH or without a display, nothing is started: the link would open on the wrong machine, or in the terminal.
    Returns the name of the program that opened it; empty if none did.
    """
    for command in _openers(environ):
        if not process.start([*command, link], wait=_WAIT_SECONDS):
            return command[0]
    return ""


def page_url(pattern: str, *, job_id: str, project_id: str) -> str:
    """The address of a job's web page. The message of a `ValueError` follows the name of the setting."""
    values = {"{job_id}": quote(job_id, safe=""), "{project_id}": quote(project_id, safe="")}
    parts = re.split(r"(\{job_id\}|\{project_id\})", pattern)
    if any("{" in text or "}" in text for text in parts[::2]):
        raise ValueError("may have no braces other than {job_id} and {project_id}; correct or remove them")
    if len(parts) == 1:
        raise ValueError("is the same for all jobs; put {job_id} or {project_id} into it")
    if not pattern.startswith(("https://", "http://")) or not pattern.isprintable() or " " in pattern:
        raise ValueError("must be an address that begins with https://")
    return "".join(values.get(part, part) for part in parts)


def _openers(environ: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return ()
    if sys.platform == "darwin":
        return (("open",),)
    if environ.get("WSL_DISTRO_NAME"):
        return (("wslview",), ("explorer.exe",))
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return (("xdg-open",), ("gio", "open"))
    return ()
