"""`dwtop login` and `dwtop logout`: store and delete a token."""

import contextlib
import os
import select
import sys
import termios
import time
from typing import TextIO

import click

from app.cli.errors import CliError
from app.cli.options import Command, pass_settings
from app.cli.output.terminal import can_move_cursor, is_terminal, print_message
from app.deepwriter.auth.credential import Scheme
from app.deepwriter.auth.sources import overriding_source
from app.deepwriter.auth.token_file import delete_stored_token, store_token
from app.deepwriter.auth.token_text import make_credential
from app.presentation import durations
from app.settings.paths import token_path
from app.settings.schema import Settings

_PASTE_BEGINS, _PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"

_PASTE_GAP_SECONDS = 0.1
"""The longest pause within a paste, for terminals that do not mark where it ends."""

_SIGNAL_CHECK_SECONDS = 0.5
"""How often Python can handle signals; one that arrives just before a blocking read would wait for the next key."""

_MAX_BYTES = 256 * 1024
"""The most that is read: far more than any token needs."""


@click.command("login", cls=Command)
@click.option("--api-key", is_flag=True, help="The token is an API key, not a bearer token.")
@click.argument("nothing", nargs=-1, metavar="", type=click.UNPROCESSED)
@pass_settings
def login_command(settings: Settings, api_key: bool, nothing: tuple[str, ...]) -> None:
    """Store a token for later runs. Only you can read its file.

    Type or paste the token, which is not shown, or pipe it in.
    """
    if nothing:
        # Not repeated, since it may be a token, which is now in the shell's history and the process list.
        raise CliError(
            "dwtop login takes no token on the command line; run it alone and paste the token there."
        )
    scheme = Scheme.API_KEY if api_key or settings.auth == "api-key" else Scheme.BEARER
    credential = make_credential(_read("API key: " if api_key else "Token: "), scheme, "the input")
    if credential.expires_at is not None and credential.expires_at <= time.time():
        ago = durations.age_in_words(time.time() - credential.expires_at)
        raise CliError(f"This token expired {ago} ago; copy a new one.")
    store_token(token_path(), credential)
    kind = "API key" if credential.scheme is Scheme.API_KEY else "token"
    until = f"; it expires {durations.moment(credential.expires_at)}" if credential.expires_at else ""
    click.echo(f"The {kind} is stored in {token_path()}{until}.")
    if winner := overriding_source(settings.token_file, os.environ, settings.token_command):
        print_message(f"{winner} takes precedence; remove it to use the stored one.")


@click.command("logout", cls=Command)
@pass_settings
def logout_command(settings: Settings) -> None:
    """Delete the stored token."""
    deleted = delete_stored_token(token_path())
    click.echo("The stored token is deleted." if deleted else "No token was stored.")
    if winner := overriding_source(settings.token_file, os.environ, settings.token_command):
        print_message(f"{winner} still signs you in.")


def _read(prompt: str) -> str:
    """A token from the terminal, where it is not echoed, or from standard input."""
    if sys.stdin is None:
        raise CliError("There is no standard input to read a token from.")
    token = _prompt(prompt) if is_terminal(sys.stdin) else sys.stdin.buffer.read().decode("utf-8", "replace")
    if not token.strip():
        raise CliError(
            "No token was given, so nothing was changed; run it again and paste one, or pipe one in."
        )
    return token


def _prompt(prompt: str) -> str:
    """The answer to a prompt on the terminal, of one or more lines, which are not echoed.

    A paste is read as a whole, including its line breaks. The terminal's own line editing would return only the first
    line, cut after 4,095 characters.
    """
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    silent = termios.tcgetattr(terminal)
    silent[3] &= ~(termios.ECHO | termios.ICANON)
    erase, kill, end = (silent[6][key] for key in (termios.VERASE, termios.VKILL, termios.VEOF))
    marks_pastes = can_move_cursor(os.environ)
    with contextlib.ExitStack() as stack:
        screen: TextIO | None = sys.stderr
        with contextlib.suppress(OSError):  # no controlling terminal
            screen = stack.enter_context(open("/dev/tty", "w", encoding="utf-8"))  # noqa: PTH123 because it is a device
        try:
            termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
            click.echo(("\x1b[?2004h" if marks_pastes else "") + prompt, nl=False, file=screen)
            return _read_input(terminal, erase, kill, end).decode("utf-8", "replace")
        finally:
            with contextlib.suppress(OSError, termios.error):  # the terminal is gone
                # The rest of a paste must not end up on the shell's command line.
                termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
                click.echo("\x1b[?2004l" if marks_pastes else "", file=screen)


def _read_input(terminal: int, erase: bytes, kill: bytes, end: bytes) -> bytes:
    """What is typed or pasted, up to the end of input or a final line break outside a bracketed paste."""
    raw = b""
    while len(raw) < _MAX_BYTES:
        while not select.select([terminal], [], [], _SIGNAL_CHECK_SECONDS)[0]:
            pass
        chunk = b""
        with contextlib.suppress(OSError):  # the terminal is gone
            chunk = os.read(terminal, 4096)
        raw += chunk
        if not chunk or end in chunk:
            break
        pasting = raw.rfind(_PASTE_BEGINS) > raw.rfind(_PASTE_ENDS)
        complete = raw.removesuffix(_PASTE_ENDS).endswith(b"\n") and not pasting
        if complete and not select.select([terminal], [], [], _PASTE_GAP_SECONDS)[0]:
            break
    typed = bytearray()
    for key in raw.partition(end)[0].replace(_PASTE_BEGINS, b"").replace(_PASTE_ENDS, b""):
        if key in (*erase, *b"\x7f\b"):
            del typed[-1:]
        elif key == kill[0]:
            typed.clear()
        else:
            typed.append(key)
    return bytes(typed)
