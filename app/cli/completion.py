"""`dwtop completion`: the script with which a shell completes commands, options and the IDs of watched jobs."""

import click

from app.cli.options import Command

SHELLS = {
    "bash": 'eval "$(dwtop completion bash)"',
    "zsh": 'eval "$(dwtop completion zsh)"',
    "fish": "dwtop completion fish | source",
}
"""The line for each shell's start-up file."""

COMPLETION_VARIABLE = "_DWTOP_COMPLETE"


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print a completion script for a shell. It completes commands, options and job IDs.

    \b
    bash, in ~/.bashrc:                   eval "$(dwtop completion bash)"
    zsh, in ~/.zshrc:                     eval "$(dwtop completion zsh)"
    fish, in ~/.config/fish/config.fish:  dwtop completion fish | source
    """  # noqa: D301 - the mark before literal lines is one character, not two
    from click.shell_completion import shell_complete

    shell_complete(context.find_root().command, {}, "dwtop", COMPLETION_VARIABLE, f"{shell}_source")
