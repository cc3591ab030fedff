"""Loads the settings. Precedence: option, environment variable, file, default."""

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.deepwriter.base_url import parse_base_url
from app.settings.errors import SettingsError
from app.settings.paths import config_path, data_path
from app.settings.schema import CONFIG, DATABASE_NAME, SETTINGS, Settings, describe_problem

if TYPE_CHECKING:
    from app.settings.config_file import ConfigFile

_KEYS = frozenset(setting.key for setting in (CONFIG, *SETTINGS))


def load_settings(
    options: Mapping[str, str],
    environ: Mapping[str, str],
    *,
    ignore: Collection[str] = (),
) -> Settings:
    """Load the settings in force. Raises `SettingsError` if a value is not allowed, or a key in the file is unknown.

    Args:
        options: The options of the command line by setting key, such as `base_url`, and `config`.
        environ: The environment. An empty variable counts as unset.
        ignore: Keys that keep their default even if they are set; their values are not checked.
    """
    assert _KEYS.issuperset((*options, *ignore))
    config = _read_config_file(options.get(CONFIG.key))
    in_file = config.values() if config else {}

    settings = Settings()
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        key = setting.key
        sources[key] = "default"
        if key in ignore:
            continue
        variable = setting.variable
        try:
            if key in options:
                sources[key] = setting.option_name
                settings = _with(settings, key, setting.parse(options[key]))
            elif variable and environ.get(variable, "").strip():
                sources[key] = variable
                settings = _with(settings, key, setting.parse(environ[variable]))
            elif config and key in in_file:
                sources[key] = config.source(setting, in_file[key])
                value = setting.validate(in_file[key])
                # A relative path in the file is relative to the file, not to the working directory.
                value = config.path.absolute().parent / value if isinstance(value, Path) else value
                settings = _with(settings, key, value)
                if isinstance(value, Mapping):
                    sources |= {f"{key}.{name}": config.place(f"{key}.{name}") for name in value}
        except ValueError as error:
            raise SettingsError(describe_problem(sources[key], key, str(error))) from None
    if sources["base_url"] != "default":
        try:
            base_url = parse_base_url(settings.base_url, allow_insecure_http=settings.allow_insecure_http)
        except ValueError as error:
            raise SettingsError(f"{sources['base_url']}: {error}") from None
        settings = settings._replace(base_url=base_url)
    if "database" in ignore:
        settings = settings._replace(database=Path(os.devnull))  # the default would need a home folder
    elif sources["database"] == "default":
        try:
            settings = settings._replace(database=data_path() / DATABASE_NAME)
        except SettingsError as error:
            raise SettingsError(f"{error}, or name the database with --database") from None
    _check_link(settings.database)
    return settings._replace(sources=sources)


def _with(settings: Any, key: str, value: object) -> Any:
    """The settings with another value for a key, such as `intervals.fast`."""
    name, _, rest = key.partition(".")
    return settings._replace(**{name: _with(getattr(settings, name), rest, value) if rest else value})


def _read_config_file(named: str | None) -> "ConfigFile | None":
    """Read the file that the user named, or else the default one; None if that does not exist."""
    try:
        path = config_path() if named is None else Path(str(CONFIG.parse(named)))
    except ValueError as error:
        raise SettingsError(f"{CONFIG.option_name} {error}") from None
    except SettingsError:
        return None  # without a home folder there is no default file
    with suppress(OSError):  # reading the file reports the problem
        if not path.exists():
            _check_link(path)
            if named is not None:
                raise SettingsError(f"there is no file {path}; name another with --config, or leave it out")
            return None
    from app.settings.config_file import read_config  # imported late, since most users have no such file

    return read_config(path)


def _check_link(path: Path) -> None:
    """Raise a `SettingsError` if a path is missing because it, or one of its parents, is a dangling link."""
    with suppress(OSError):  # using the file reports the problem
        if path.exists():
            return
        for part in (path, *path.parents):
            if part.is_symlink() and not part.exists():
                raise SettingsError(
                    f"{part} is a link to {part.readlink()}, which does not exist; correct the link or remove it"
                )
