"""Opens links in the browser of this desktop."""

import shutil
import sys
from collections.abc import Mapping

from app import process

_WAIT_SECONDS = 2.0
"""How long an opener has to fail. One that still runs then has probably become the browser."""


def open_link(link: str, environ: Mapping[str, str]) -> str:
    """Open a link with the platform's opener. Blocks for up to 2 s, so call it in a thread.

    Over SSH, and without a display, nothing is started: it would open on the wrong machine, or in the terminal.

    Args:
        link: An address that is safe to open. The opener gets it as its only argument.
        environ: The environment.

    Returns:
        The name of the program that took it; empty if none did.
    """
    for name in _openers(environ):
        if shutil.which(name, path=environ.get("PATH")) and not process.start(
            [name, link], wait=_WAIT_SECONDS
        ):
            return name
    return ""


def _openers(environ: Mapping[str, str]) -> tuple[str, ...]:
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return ()
    if sys.platform == "darwin":
        return ("open",)
    if environ.get("WSL_DISTRO_NAME"):
        return ("wslview", "explorer.exe")
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return ("xdg-open", "gio")
    return ()
