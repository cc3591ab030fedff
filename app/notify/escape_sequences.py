"""Escape sequences for the bell, the window title and leaving the screen."""

BELL = "\a"
"""Rings the bell; flags the window in tmux."""

SAVE_TITLE = "\x1b[22;2t"
"""Saves the window title."""

RESTORE_TITLE = "\x1b[23;2t"
"""Restores the saved title."""

CLEAR_SCREEN = "\x1b[0m\x1b[H\x1b[J"
"""Clears the screen, for GNU screen and the Linux console, which have no alternate screen."""

_MAX_CHARACTERS = 200  # some terminals drop a longer sequence


def set_title(text: str) -> str:
    """The sequence that sets the window title (in tmux, the pane's).

    Args:
        text: The title, safe for a terminal. At most 200 characters of it are used.
    """
    return f"\x1b]2;{text[:_MAX_CHARACTERS]}\x1b\\"
