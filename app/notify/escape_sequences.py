"""What to send a terminal so that a person notices without looking: strings, which somebody else writes."""

BELL = "\a"
"""Rings, or sets the mark of a tmux window."""

SAVE_TITLE = "\x1b[22;2t"
"""Has the terminal remember its window title."""

RESTORE_TITLE = "\x1b[23;2t"
"""Has it show the remembered one again."""

CLEAR_SCREEN = "\x1b[0m\x1b[H\x1b[J"
"""Leaves a blank screen. GNU screen and the Linux console have no second one that could be left with its content."""

_MOST = 200  # characters; some terminals drop a whole sequence that is longer than they like


def set_title(text: str) -> str:
    """The sequence that sets the window title (in tmux, the pane's).

    Args:
        text: What it is to be; safe for a terminal, at most 200 characters of it are used.
    """
    return f"\x1b]2;{text[:_MOST]}\x1b\\"
