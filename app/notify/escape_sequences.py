"""Escape sequences for the window title and leaving the screen."""

SAVE_TITLE, RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"

CLEAR_SCREEN = "\x1b[0m\x1b[H\x1b[J"
"""Clears the screen, for GNU screen and the Linux console, which have no alternate screen."""

MAX_CHARACTERS = 200
"""How much of a text is put into a sequence, since some terminals drop longer ones."""


def set_title(text: str) -> str:
    """The sequence that sets the window title (in tmux, the pane's) to a text that is safe for a terminal."""
    return f"\x1b]2;{text[:MAX_CHARACTERS]}\x1b\\"
