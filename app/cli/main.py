"""The command line: finds and runs the command, and turns errors into an exit code and one sentence."""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any, TextIO

import click
from click.shell_completion import CompletionItem, shell_complete

from app import __version__
from app.cli import errors
from app.cli.configuration import split_options
from app.cli.errors import CliError
from app.cli.imports import import_in_thread
from app.cli.options import Command, common_options
from app.cli.output.terminal import is_terminal, print_message, replace_unencodable
from app.deepwriter.errors import ApiError, CredentialError
from app.job import find_job_ids, parse_job_id
from app.presentation.sentences import capitalized
from app.settings.errors import SettingsError
from app.text import safe_text
from app.watch.storage import StoreError

_COMMANDS = {
    "watch": "app.cli.watch:watch_command",
    "add": "app.cli.watch_list:add_command",
    "remove": "app.cli.watch_list:remove_command",
    "list": "app.cli.watch_list:list_command",
    "status": "app.cli.status:status_command",
    "wait": "app.cli.wait:wait_command",
    "cancel": "app.cli.cancel:cancel_command",
    "open": "app.cli.document:open_command",
    "get": "app.cli.document:get_command",
    "login": "app.cli.login:login_command",
    "logout": "app.cli.login:logout_command",
    "doctor": "app.cli.doctor:doctor_command",
    "completion": "app.cli.main:completion_command",
    "demo-server": "app.cli.demo_server:demo_server_command",
}
"""Where each command is defined; its module is imported when the command is called."""

_DEFAULT_COMMAND = "watch"
_COMPLETION_VARIABLE = "_DWTOP_COMPLETE"

_CLEANUP_SECONDS = 2.0
"""How long a command may take to clean up after a signal."""

_received_signals: list[int] = []
"""The signals other than SIGINT that have interrupted the command."""


class Commands(click.Group):
    """Loads commands when they are called, and runs `watch` if the first word is not a command."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.params += common_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the common options out of the command line, wherever they are, and parse the rest."""
        ctx.obj, others = split_options(args)
        return super().parse_args(ctx, others)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with this name, or None if there is none."""
        return _load(cmd_name) if cmd_name in _COMMANDS else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, options and watched jobs that begin with a word."""
        from app.cli.job_ids import complete_ids

        found = super().shell_complete(ctx, incomplete)
        return found if incomplete.startswith("-") else [*found, *complete_ids(ctx, None, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command: the first word, or else `watch`."""
        word = args[0]
        if word in _COMMANDS:
            return word, _load(word), args[1:]
        is_id = word == "-" or parse_job_id(word) is not None or next(find_job_ids(word), None) is not None
        if not (is_id or ctx.resilient_parsing):
            import difflib

            matches = difflib.get_close_matches(word, _COMMANDS, 1)
            hint = f"did you mean dwtop {matches[0]}?" if matches else "see dwtop --help."
            raise CliError(f"{safe_text(word, 60)!r} is neither a command nor a job ID; {hint}")
        return _DEFAULT_COMMAND, _load(_DEFAULT_COMMAND), args


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, message="dwtop %(version)s")
@click.option("--demo", is_flag=True, help="Watch simulated jobs; needs no account.")
@click.pass_context
def dwtop(context: click.Context, demo: bool) -> object:
    """Top for DeepWriter jobs: watch them, see when they will be done, cancel them.

    Without a command, add the given jobs and open the dashboard: dwtop [ID...]
    """
    if context.invoked_subcommand is None:
        return context.invoke(_load(_DEFAULT_COMMAND))
    if demo and context.invoked_subcommand != _DEFAULT_COMMAND:
        raise CliError("--demo opens the dashboard; leave out the command, or --demo.")
    return errors.OK


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion_command(shell: str) -> None:
    """Print a completion script for a shell. It completes commands, options, file names and job IDs.

    \b
    bash, in ~/.bashrc:                   eval "$(dwtop completion bash)"
    zsh, in ~/.zshrc:                     eval "$(dwtop completion zsh)"
    fish, in ~/.config/fish/config.fish:  dwtop completion fish | source
    """  # noqa: D301 - click marks literal lines with the character \b, not with a backslash
    shell_complete(dwtop, {}, "dwtop", _COMPLETION_VARIABLE, f"{shell}_source")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default this process's; returns the exit code."""
    _interrupt_on_signals()
    code = errors.OK
    try:
        replace_unencodable()  # also flushes what `app.__main__` could not write
        code = _run(sys.argv[1:] if arguments is None else arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        pass  # the program that reads the output has closed it, as `head` does
    except OSError as error:  # such as a full disk
        code = _fail(errors.describe_system_error(error), errors.USAGE)
    _discard_unwritable(sys.stdout)
    _discard_unwritable(sys.stderr)
    return code


def _load(name: str) -> click.Command:
    module, _, attribute = _COMMANDS[name].partition(":")
    command: click.Command = getattr(import_in_thread(module), attribute)
    return command


def _interrupt_on_signals() -> None:
    """Have other terminating signals act as Ctrl-C does: commands restore the terminal and delete temporary files."""
    ending = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
    handled = [number for number in ending if signal.getsignal(number) is signal.SIG_DFL]  # not under nohup

    def interrupt(number: int, frame: FrameType | None) -> None:
        for other in handled:
            signal.signal(other, signal.SIG_IGN)
        _received_signals.append(number)
        # Cleaning up may take longer: a thread may be waiting for a name server.
        forced = threading.Timer(_CLEANUP_SECONDS, os._exit, (128 + number,))
        forced.daemon = True
        forced.start()
        on_ctrl_c = signal.getsignal(signal.SIGINT)
        if callable(on_ctrl_c):  # while asyncio runs, its own handler, which cancels the main task
            on_ctrl_c(number, frame)
        else:
            raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        for number in handled:
            signal.signal(number, interrupt)


def _run(arguments: Sequence[str]) -> int:
    try:
        if instruction := os.environ.get(_COMPLETION_VARIABLE):
            return shell_complete(dwtop, {}, "dwtop", _COMPLETION_VARIABLE, instruction)
        with dwtop.make_context("dwtop", list(arguments)) as context:
            result: object = dwtop.invoke(context)
            return result if isinstance(result, int) else errors.OK
    except click.exceptions.Exit as end:  # after --help and --version
        return end.exit_code
    except KeyboardInterrupt:
        if is_terminal(sys.stderr):
            print(file=sys.stderr)  # the terminal has echoed ^C
        return 128 + _received_signals[0] if _received_signals else errors.INTERRUPTED
    except CliError as error:
        return _fail(str(error), error.exit_code)
    except (SettingsError, StoreError) as error:
        return _fail(str(error), errors.USAGE)
    except CredentialError as error:
        return _fail(f"{capitalized(str(error))}.", errors.USAGE)
    except ApiError as error:
        return _fail(capitalized(errors.describe_failures({"": error})), errors.code_of(error))
    except click.ClickException as error:
        return _fail(_describe_click_error(error), error.exit_code)


def _fail(sentence: str, code: int) -> int:
    with suppress(OSError):  # standard error is closed too
        print_message(sentence)
    return code


def _discard_unwritable(stream: TextIO | None) -> None:
    """If a stream cannot be written, discard its buffer, which Python would fail to flush at exit."""
    if stream is not None:
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _describe_click_error(error: click.ClickException) -> str:
    text = " ".join(error.format_message().split())  # click lists choices on lines of their own
    if isinstance(error, click.UsageError):
        name = error.ctx.command_path if error.ctx else "dwtop"
        return f"{text if text.endswith(('.', '?')) else f'{text}.'} See: {name} --help"
    return text
