"""The settings of a command: the one way from options, environment and file to settings that are checked.

It needs no click, so that the calls that are answered without it read their settings the same way.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.cli.encoding import why_ascii
from app.cli.settings_check import problems
from app.settings.errors import SettingsError
from app.settings.load import load_settings
from app.settings.schema import SETTINGS, Settings

CONFIG = "config"
"""The key under which options hold the file that `--config` names."""


def read_settings(
    options: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    ignore: Collection[str] = (),
    check: bool = True,
) -> Settings:
    """Read and check the settings in force.

    Where the terminal or a pipe cannot show our signs, `ascii` is set.

    Args:
        options: What the command line says, by key, `config` included.
        environ: The environment.
        ignore: Keys that keep their default wherever they are set, and whose values are not even checked.
        check: Whether to refuse names of themes, columns, keys and commands that do not exist.

    Raises:
        SettingsError: A value is wrong, a key in the file unknown, or the file cannot be read.
    """
    config = options.get(CONFIG)
    settings = load_settings(
        {key: value for key, value in options.items() if key != CONFIG and key not in ignore},
        environ,
        config_file=Path(str(config)) if config else None,
        ignore=ignore,
    )
    if check:
        for error in problems(settings):
            raise error
    chosen = settings.sources["ascii"] != "default"
    if not settings.ascii and (reason := why_ascii(environ, chosen=chosen)):
        settings = replace(settings, ascii=True, sources={**settings.sources, "ascii": reason})
    return settings


def split_options(arguments: Sequence[str]) -> tuple[dict[str, object], list[str]]:
    """Split a command line into its common options, for `read_settings`, and the other words.

    Raises:
        SettingsError: An option lacks its value, or the value does not fit.
    """
    known = {setting.option_name: setting for setting in SETTINGS if setting.option}
    options: dict[str, object] = {}
    others: list[str] = []
    words = iter(arguments)
    for word in words:
        name, has_value, value = word.partition("=")
        setting = known.get(name)
        if setting and setting.type is bool and not has_value:
            options[setting.key] = True
        elif name == f"--{CONFIG}" or (setting and setting.type is not bool):
            given = value if has_value else next(words, None)
            if given is None:
                raise SettingsError(f"{name} needs a value")
            try:
                options[setting.key if setting else CONFIG] = setting.parse(given) if setting else given
            except ValueError as error:
                raise SettingsError(f"{name} {error}") from None
        else:
            others.append(word)
    return options, others
