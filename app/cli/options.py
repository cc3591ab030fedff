"""What all commands have in common: options derived from the settings, which work before and after the command's name."""

import functools
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
from click.core import augment_usage_errors

from app.cli.configuration import read_settings
from app.presentation.sentences import capitalized
from app.settings.schema import OPTIONS, Setting, Settings

P = ParamSpec("P")
R = TypeVar("R")

FILE = click.Path(readable=False)
"""A file name, which shells complete. It is not checked."""

_METAVARS = {Path: "FILE", float: "SECONDS"}


def positive_number(text: str) -> float:
    """The finite number above 0 in a text; anything else, such as `nan`, is a usage error."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise click.BadParameter(f"{text!r} is not a number above 0")
    return number


class Command(click.Command):
    """A command whose help lists the common options, which `app.cli.main` has already read. Its usage errors name it."""

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.params += common_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words after the name of the command."""
        with augment_usage_errors(ctx):
            return super().parse_args(ctx, args)


def common_options() -> list[click.Option]:
    """The options of every command, for its help and for completion; `settings_of` returns their values."""
    return [_option(setting) for setting in OPTIONS]


def pass_settings(command: Callable[Concatenate[Settings, P], R]) -> Callable[P, R]:
    """Pass the settings in force to a command as its first argument."""

    @functools.wraps(command)
    def with_settings(*arguments: P.args, **options: P.kwargs) -> R:
        return command(settings_of(click.get_current_context()), *arguments, **options)

    return with_settings


def settings_of(context: click.Context, *, ignore: tuple[str, ...] = (), check: bool = True) -> Settings:
    """The settings in force for a command; see `read_settings`."""
    return read_settings(context.find_root().obj, os.environ, ignore=ignore, check=check)


def _option(setting: Setting) -> click.Option:
    is_flag = setting.type is bool
    metavar = _METAVARS.get(setting.type, setting.key.rpartition("_")[2].upper())
    return click.Option(
        [setting.option_name, setting.key],
        type=FILE if setting.type is Path else None,
        is_flag=is_flag or None,  # False would make the value optional
        metavar=None if is_flag else metavar,
        expose_value=False,
        help=f"{capitalized(setting.help)}.",
    )
