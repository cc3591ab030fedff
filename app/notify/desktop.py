"""Desktop notifications through the terminal (OSC 9), where it is known to take them."""

from collections.abc import Mapping

from app.notify.tmux import run_tmux

_PROGRAMS = ("iTerm.app", "WezTerm", "ghostty")
_MAX_CHARACTERS = 200
_TERMS = ("xterm-kitty", "xterm-ghostty", "wezterm")


def takes_notifications(environ: Mapping[str, str]) -> bool:
    """Whether the terminal shows OSC 9 as a notification. Inside tmux this asks tmux: use a thread.

    Terminals that show it identify themselves in TERM_PROGRAM or TERM. Inside tmux both name tmux, so there the
    client's own terminal counts, and tmux must let sequences through (its option allow-passthrough).

    Args:
        environ: The environment.
    """
    if environ.get("TMUX"):
        answer = (
            run_tmux("display-message", "-p", "#{allow-passthrough} #{client_termname} #{client_termtype}")
            or ""
        )
        passthrough, _, terminal = answer.partition(" ")
        return passthrough in ("on", "all") and _is_known(terminal)
    return _is_known(f"{environ.get('TERM_PROGRAM', '')} {environ.get('TERM', '')}")


def notification(text: str, *, tmux: bool) -> str:
    """The sequence that shows a notification.

    It begins with our name, since a terminal takes some texts for other commands: `4;1;50` sets a progress bar.

    Args:
        text: One line, safe for a terminal; some terminals drop a sequence that is too long, so it is cut.
        tmux: Whether it has to be wrapped to pass through tmux.
    """
    sequence = f"\x1b]9;dwtop: {text[:_MAX_CHARACTERS]}\x1b\\"
    if not tmux:
        return sequence
    escaped = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{escaped}\x1b\\"


def _is_known(terminal: str) -> bool:
    return any(name.casefold() in terminal.casefold() for name in (*_PROGRAMS, *_TERMS))
