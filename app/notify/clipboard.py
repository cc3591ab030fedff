"""How text reaches the clipboard from inside tmux, where a program cannot reach the terminal by itself."""

from collections.abc import Mapping

from app.notify.tmux import ask_tmux


def copy_in_tmux(text: str, environ: Mapping[str, str]) -> bool:
    """Put a text into tmux's buffer and, where tmux is set up for it, the terminal's clipboard. Blocks: use a thread.

    Args:
        text: What to copy.
        environ: The environment.

    Returns:
        Whether it was done; False outside tmux, or where tmux would not.
    """
    return bool(environ.get("TMUX")) and ask_tmux("load-buffer", "-w", "-", text=text) is not None
