"""Copies text to the clipboard with tmux or a desktop program."""

import sys
from collections.abc import Iterator, Mapping

from app import process
from app.notify.tmux import run_tmux

_TIMEOUT_SECONDS = 2.0


def copy_with_program(text: str, environ: Mapping[str, str]) -> str:
    """Copy text with the first program that succeeds. Blocks for up to a few seconds, so call it in a thread.

    Inside tmux, the text goes to a tmux buffer, and to the terminal's clipboard if tmux is configured for that.
    Over SSH, no other program is tried, since it would copy to the wrong machine. Returns the name of the program that
    succeeded; empty if none did.
    """
    if environ.get("TMUX") and run_tmux("load-buffer", "-w", "-", text=text) is not None:
        return "tmux"
    if not (environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")):
        for command in _commands(environ):
            if not process.run(command, timeout=_TIMEOUT_SECONDS, stdin=text.encode()).failure:
                return command[0]
    return ""


def _commands(environ: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """The commands to try on this desktop. They may not be installed."""
    if sys.platform == "darwin":
        yield ("pbcopy",)
    if environ.get("WAYLAND_DISPLAY"):
        yield ("wl-copy",)
    if environ.get("DISPLAY"):
        yield from (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input"))
    if environ.get("WSL_DISTRO_NAME"):
        yield ("clip.exe",)
