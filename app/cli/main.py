"""The command line: finds the command, and turns every end into an exit code and at most one sentence."""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

import click

from app import __version__
from app.cli.encoding import replace_unencodable
from app.cli.errors import INTERRUPTED, OK, USAGE, CliError, system_error
from app.cli.options import common_options
from app.job import find_job_ids, parse_job_id
from app.settings.errors import SettingsError
from app.text import safe_text
from app.watch.storage import StoreError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS = {
    "watch": "app.cli.watch:watch_command",
    "add": "app.cli.lists:add_command",
    "remove": "app.cli.lists:remove_command",
    "list": "app.cli.lists:list_command",
    "status": "app.cli.status:status_command",
    "wait": "app.cli.wait:wait_command",
    "cancel": "app.cli.cancel:cancel_command",
    "open": "app.cli.document:open_command",
    "get": "app.cli.document:get_command",
    "login": "app.cli.login:login_command",
    "logout": "app.cli.login:logout_command",
    "doctor": "app.cli.doctor:doctor_command",
    "completion": "app.cli.completion:completion_command",
    "demo-server": "app.cli.demo_server:demo_server_command",
}
"""Where each command is; a module is imported when its command is called."""

_DEFAULT = "watch"


class Commands(click.Group):
    """Loads commands when they are called; where the first word is no command, that is `watch`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The commands and options that begin like this, and the watched jobs."""
        from app.cli.job_ids import completions

        found = super().shell_complete(ctx, incomplete)
        return found if incomplete.startswith("-") else [*found, *completions(ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words mean."""
        word = args[0]
        if word in _COMMANDS:
            return word, self.get_command(ctx, word), args[1:]
        known = word == "-" or parse_job_id(word) is not None or next(find_job_ids(word), None) is not None
        if not (known or ctx.resilient_parsing):
            import difflib

            near = difflib.get_close_matches(word, _COMMANDS, 1)
            hint = f"did you mean dwtop {near[0]}?" if near else "dwtop --help lists the commands."
            raise CliError(f"{safe_text(word, 60)!r} is neither a command nor a job ID; {hint}")
        return _DEFAULT, self.get_command(ctx, _DEFAULT), args


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, message="dwtop %(version)s")
@click.option("--demo", is_flag=True, help="Watch simulated jobs; nothing real is touched.")
@common_options
@click.pass_context
def dwtop(context: click.Context, demo: bool) -> None:
    """Like top, for DeepWriter jobs: watch them, see when they will be done, cancel them.

    Without a command it opens the dashboard, first adding the jobs named: dwtop [ID...]
    """
    if context.invoked_subcommand is None:
        command = (
            context.command.get_command(context, _DEFAULT) if isinstance(context.command, Commands) else None
        )
        assert command is not None
        with command.make_context(_DEFAULT, [], parent=context) as inner:
            command.invoke(inner)
    elif demo and context.invoked_subcommand != _DEFAULT:
        raise CliError("--demo opens the dashboard, so it goes with no other command.")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: The words after the program's name; by default those it was started with.

    Returns:
        The exit code.
    """
    _clean_up_on_signals()
    try:
        replace_unencodable()  # writes what an attempt to answer at once has left
        code = _run(arguments)
    except OSError as error:
        code = _end(system_error(error), USAGE)
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as error:  # such as a full disk
        _silence(sys.stdout)
        # Where the command has met the same, that has been said.
        return code if code == USAGE else _end(system_error(error), USAGE)
    return code


_UNWIND_SECONDS = 2.0
"""How long a command may take to end after a signal."""


class _Signalled(SystemExit):
    """A signal that ends the program; asyncio lets no other kind of exception through but Ctrl-C's."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number
        super().__init__(self.exit_code)


def _clean_up_on_signals() -> None:
    """Have commands unwind when a signal ends them, so that they restore the terminal and remove their files."""

    def unwind(number: int, frame: object) -> None:
        forced = threading.Timer(
            _UNWIND_SECONDS, os._exit, (128 + number,)
        )  # a thread may wait for a name server
        forced.daemon = True
        forced.start()
        raise _Signalled(number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            if signal.getsignal(number) is signal.SIG_DFL:  # not under nohup
                signal.signal(number, unwind)


def _run(arguments: Sequence[str] | None) -> int:
    """Run a command line; its exit code, whatever way it ended."""
    try:
        result: Any = dwtop.main(
            args=None if arguments is None else list(arguments), prog_name="dwtop", standalone_mode=False
        )
    except CliError as fault:
        return _end(str(fault), fault.exit_code)
    except (SettingsError, StoreError) as error:  # found out only by who uses a setting, or the database
        return _end(str(error), USAGE)
    except click.ClickException as error:
        return _end(_sentence(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except _Signalled as end:
        return end.exit_code
    except SystemExit as end:
        # So click ends when it has completed words, and else only when whoever read our output has had enough.
        return end.code if "_DWTOP_COMPLETE" in os.environ and isinstance(end.code, int) else OK
    return result if isinstance(result, int) else OK


def _end(sentence: str, code: int) -> int:
    if sys.stderr is not None:
        try:
            click.echo(f"dwtop: {sentence}", err=True)
        except OSError:  # nobody reads that either
            _silence(sys.stderr)
    return code


def _silence(stream: TextIO | None) -> None:
    """Have what is left in a stream's buffer go nowhere, or Python would complain of it at its end."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _sentence(error: click.ClickException) -> str:
    """What went wrong and what to do, on one line."""
    text = " ".join(error.format_message().split())  # click lists choices on lines of their own
    if isinstance(error, click.UsageError):
        name = error.ctx.command_path if error.ctx else "dwtop"
        return f"{text.rstrip('.')}. See: {name} --help"
    return text
