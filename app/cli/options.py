"""The options common to all commands, derived from the settings. They work before and after the command's name."""

import functools
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from app.cli.configuration import CONFIG, read_settings
from app.cli.errors import CliError, capitalized
from app.settings.schema import SETTINGS, Setting, Settings

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")
R = TypeVar("R")


class Seconds(click.types.FloatParamType):
    """A number of seconds above 0."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number; anything else, such as `nan`, is a usage error."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not number > 0:
            self.fail(f"{value} is not a number of seconds above 0", param, ctx)
        return number


SECONDS = Seconds()


def common_options(command: F) -> F:
    """Add the common options to a command; `settings_of` returns the resulting settings."""
    for setting in reversed([setting for setting in SETTINGS if setting.option]):
        command = _option(setting)(command)
    return click.option(
        f"--{CONFIG}",
        metavar="FILE",
        expose_value=False,
        callback=_store_value,
        help="Read the settings from this file.",
    )(command)


def pass_settings(command: Callable[Concatenate[Settings, P], R]) -> Callable[P, R]:
    """Pass the settings in force to a command as its first argument."""

    @functools.wraps(command)
    def with_settings(*arguments: P.args, **options: P.kwargs) -> R:
        return command(settings_of(click.get_current_context()), *arguments, **options)

    return with_settings


def settings_of(context: click.Context, *, ignore: tuple[str, ...] = (), check: bool = True) -> Settings:
    """The settings in force for a command; see `read_settings`."""
    return read_settings(_given(context), os.environ, ignore=ignore, check=check)


def _option(setting: Setting) -> Callable[[F], F]:
    metavar = {Path: "FILE", float: "SECONDS"}.get(setting.type, setting.key.rpartition("_")[2].upper())
    return click.option(
        setting.option_name,
        setting.key,
        is_flag=True if setting.type is bool else None,  # False would make the value optional
        metavar=None if setting.type is bool else metavar,
        expose_value=False,
        callback=_store_value,
        help=f"{capitalized(setting.help)}.",
    )


def _store_value(context: click.Context, parameter: click.Parameter, value: object) -> None:
    """Collect the value of an option, whether it was given to the group or to the command."""
    if value is None or value is False or parameter.name is None:
        return
    setting = next((setting for setting in SETTINGS if setting.key == parameter.name), None)
    if setting and isinstance(value, str):
        try:
            value = setting.parse(value)
        except ValueError as error:
            if context.resilient_parsing:
                return
            raise CliError(f"{setting.option_name} {error}") from None
    _given(context)[parameter.name] = value


def _given(context: click.Context) -> dict[str, object]:
    given = context.find_root().ensure_object(dict)
    assert isinstance(given, dict)
    return given
