"""The command line: finds the command, and turns every end into an exit code and at most one sentence."""

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from app import __version__
from app.cli.errors import INTERRUPTED, Fault
from app.cli.options import common_options
from app.job import parse_job_id
from app.text import safe_text

_COMMANDS = {
    "watch": "app.cli.watch:watch_command",
    "add": "app.cli.lists:add_command",
    "remove": "app.cli.lists:remove_command",
    "list": "app.cli.lists:list_command",
    "status": "app.cli.status:status_command",
    "demo-server": "app.cli.demo_server:demo_server_command",
}
"""Where each command is; a module is imported when its command is called."""

_DEFAULT = "watch"
_SHORTEST_PREFIX = 4  # of an ID; below that a word is rather a command gone wrong


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words mean."""
        word = args[0]
        if word in _COMMANDS:
            return word, self.get_command(ctx, word), args[1:]
        if parse_job_id(word) is None and word != "-":
            near = difflib.get_close_matches(word, _COMMANDS, 1)
            hint = f"did you mean dwtop {near[0]}?" if near else "dwtop --help lists the commands."
            raise Fault(f"{safe_text(word, 60)!r} is neither a command nor a job ID; {hint}")
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
        raise Fault("--demo opens the dashboard, so it goes with no other command.")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: The words after the program's name; by default those it was started with.

    Returns:
        The exit code.
    """
    try:
        result: Any = dwtop.main(
            args=None if arguments is None else list(arguments), prog_name="dwtop", standalone_mode=False
        )
    except Fault as fault:
        click.echo(f"dwtop: {fault}", err=True)
        return fault.exit_code
    except click.ClickException as error:
        click.echo(f"dwtop: {_sentence(error)}", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0


def _sentence(error: click.ClickException) -> str:
    """What went wrong and what to do, on one line."""
    text = error.format_message()
    if isinstance(error, click.UsageError):
        name = error.ctx.command_path if error.ctx else "dwtop"
        return f"{text.rstrip('.')}. See: {name} --help"
    return text
