"""Desktop notifications through the terminals known to support them (OSC 9)."""

from collections.abc import Mapping

from app.notify.escape_sequences import MAX_CHARACTERS

_TERMINALS = ("iterm.app", "wezterm", "ghostty", "xterm-kitty")


def supports_notifications(environ: Mapping[str, str]) -> bool:
    """Whether the terminal shows OSC 9 as a notification. Inside tmux this runs tmux, so call it in a thread.

    Terminals that support it identify themselves in TERM_PROGRAM or TERM. Inside tmux both name tmux, so tmux is asked
    for its client's terminal; it must also pass sequences through (its option allow-passthrough).
    """
    if environ.get("TMUX"):
        from app.notify.tmux import run_tmux  # the dashboard imports this module before its first frame

        answer = (
            run_tmux("display-message", "-p", "#{allow-passthrough} #{client_termname} #{client_termtype}")
            or ""
        )
        passthrough, _, terminal = answer.partition(" ")
        return passthrough in ("on", "all") and _is_known(terminal)
    return _is_known(f"{environ.get('TERM_PROGRAM', '')} {environ.get('TERM', '')}")


def notification(text: str, *, tmux: bool) -> str:
    """The escape sequence that shows a line of safe text as a notification, wrapped to pass through tmux if `tmux` is true.

    The text begins with `dwtop:`, since terminals read some texts as other commands: `4;1;50` sets a progress bar.
    """
    sequence = f"\x1b]9;dwtop: {text[:MAX_CHARACTERS]}\x1b\\"
    if not tmux:
        return sequence
    escaped = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{escaped}\x1b\\"


def _is_known(terminal: str) -> bool:
    return any(name in terminal.casefold() for name in _TERMINALS)
