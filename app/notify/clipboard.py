"""How text reaches the clipboard: through tmux, or a program of the platform; what neither takes is for the terminal."""

import subprocess
import sys
from collections.abc import Mapping

from app.notify.environment import without_token
from app.notify.tmux import ask_tmux

_TIMEOUT_SECONDS = 2.0


def copy_with_program(text: str, environ: Mapping[str, str]) -> str:
    """Copy a text with the first program that can. Blocks for some seconds at most: use a thread.

    Inside tmux, tmux keeps it in its buffer, and passes it on to the terminal's clipboard where it is set up to.
    Over SSH no other program is asked, since it would copy on the wrong machine.

    Args:
        text: What to copy.
        environ: The environment.

    Returns:
        The name of the program that has taken it; empty if there is none.
    """
    if environ.get("TMUX") and ask_tmux("load-buffer", "-w", "-", text=text) is not None:
        return "tmux"
    if not (environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")):
        for command in _commands(environ):
            if _run(command, text, environ):
                return command[0]
    return ""


def _commands(environ: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The programs that reach the clipboard of this desktop, if they are installed."""
    if sys.platform == "darwin":
        return [("pbcopy",)]
    commands: list[tuple[str, ...]] = []
    if environ.get("WAYLAND_DISPLAY"):
        commands.append(("wl-copy",))
    if environ.get("DISPLAY"):
        commands += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    if environ.get("WSL_DISTRO_NAME"):
        commands.append(("clip.exe",))
    return commands


def _run(command: tuple[str, ...], text: str, environ: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 because the commands are ours
            command,
            input=text.encode(),
            # Some stay in the background to hand the text out, and would hold a pipe open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=without_token(environ),
            start_new_session=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
