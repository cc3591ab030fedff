"""Settings: options, environment, `config.toml` and defaults, in this order, become one frozen `Settings`.

A setting is declared once, as an annotated field of `Settings` (or of one of its sections). Its key in the
file, its environment variable, its option, the check of its value and its line in the documentation follow
from that declaration; `SETTINGS` lists them all.
"""

import os
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from app.deepwriter.base_url import DEFAULT_BASE_URL, parse_base_url
from app.settings.schema import About, Setting, SettingsError, declared

if TYPE_CHECKING:
    from app.settings.config_file import ConfigFile

__all__ = [
    "SETTINGS",
    "History",
    "Hooks",
    "Intervals",
    "Setting",
    "Settings",
    "SettingsError",
    "config_path",
    "data_path",
    "load_settings",
]

_DAY = 86_400


def data_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder that holds the database and the stored token. It need not exist yet.

    Raises:
        SettingsError: There is no home folder that it could be in.
    """
    return _folder("data", "XDG_DATA_HOME", ".local/share", environ)


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The file that settings are read from unless another is named. It need not exist.

    Raises:
        SettingsError: There is no home folder that it could be in.
    """
    return _folder("config", "XDG_CONFIG_HOME", ".config", environ) / "config.toml"


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often jobs are asked for, in seconds; the budget may stretch all of them."""

    fast: Annotated[float, About("how often a job in progress is asked for", "seconds", 1, _DAY)] = 5.0
    medium: Annotated[
        float, About("how often a job that waits its turn is asked for", "seconds", 1, _DAY)
    ] = 15.0
    slow: Annotated[float, About("how often any other unfinished job is asked for", "seconds", 1, _DAY)] = (
        60.0
    )


@dataclass(frozen=True, slots=True)
class History:
    """What is kept of the past."""

    days: Annotated[int, About("how long events and finished jobs' samples are kept", "days", 1, 3650)] = 30
    samples: Annotated[
        int,
        About(
            "how many changes of a job's progress are kept at most; beyond, the first, the last, changes of status"
            " and stage and an even spread of the rest stay",
            "samples",
            20,
            100_000,
        ),
    ] = 300
    events: Annotated[
        int, About("how many events are kept at most; the oldest go", "events", 100, 10_000_000)
    ] = 50_000


@dataclass(frozen=True, slots=True)
class Hooks:
    """Commands to run when something happened to a job."""

    on_finish: Annotated[
        str | None, About("a command to run when a job was completed or cancelled; it runs without a shell")
    ] = None
    on_attention: Annotated[
        str | None,
        About("a command to run when a job failed, was moderated, stands still or cannot be found; likewise"),
    ] = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting in force. `Settings()` holds the defaults.

    Attributes:
        sources: Where each setting came from, by its key: an option (`--base-url`), an environment variable
            (`DEEPWRITER_BASE_URL`), a place in a file (`path:line`) or `default`. Entries of a table have
            their own, such as `keys.table.down`.
    """

    base_url: Annotated[str, About("where the API is", option=True, environment="DEEPWRITER_BASE_URL")] = (
        DEFAULT_BASE_URL
    )
    auth: Annotated[
        Literal["bearer", "api-key"], About("how a token that does not say so itself is sent")
    ] = "bearer"
    token_command: Annotated[
        str | None, About("a command that prints the token; it runs without a shell")
    ] = None
    token_file: Annotated[
        Path | None, About("a file that holds the token", option=True, environment=None, config=False)
    ] = None
    allow_insecure_http: Annotated[
        bool, About("whether plain http may leave this machine; the token can then be read on the way")
    ] = False
    interval: Annotated[
        float | None,
        About(
            "ask every job in progress exactly this often; other jobs follow at 3 and 12 times as much",
            "seconds",
            1,
            _DAY,
            option=True,
            environment=None,
            config=False,
        ),
    ] = None
    intervals: Intervals = field(default_factory=Intervals)
    requests_per_minute: Annotated[
        int, About("the budget that all jobs share, spread evenly", "requests", 1, 6000)
    ] = 300
    history: History = field(default_factory=History)
    database: Annotated[Path, About("the file that holds watch list, history and events", option=True)] = (
        field(default_factory=lambda: data_path() / _DATABASE)
    )
    read_only: Annotated[bool, About("refuse to cancel anything", option=True)] = False
    theme: Annotated[str, About("the colours")] = "dwtop-dark"
    ascii: Annotated[
        bool,
        About(
            "draw with plain ASCII only; always where the locale is C or the encoding lacks our signs",
            option=True,
        ),
    ] = False
    no_color: Annotated[
        bool, About("draw without colour", option=True, environment="NO_COLOR", present=True, config=False)
    ] = False
    bell: Annotated[bool, About("ring the terminal's bell when a job finishes or needs a look")] = True
    desktop_notifications: Annotated[
        Literal["auto", "on", "off"],
        About("whether to notify through the terminal (OSC 9); auto where the terminal is known to take it"),
    ] = "auto"
    sort: Annotated[str, About("the column that the list is sorted by at the start")] = "status"
    columns: Annotated[
        str, About("the columns to show beside mark, status, title and progress, with commas between them")
    ] = "stage,eta,age,id"
    hooks: Hooks = field(default_factory=Hooks)
    tmux_format: Annotated[
        str,
        About(
            "what dwtop status --tmux prints: any text with {running}, {waiting}, {attention}, {done}, {percent},"
            " {eta} and {age} in it"
        ),
    ] = "{running} {attention} {done} {percent} {eta} {age}"
    keys: Annotated[Mapping[str, str], About("other keys for an action, by the action's id")] = field(
        default_factory=dict
    )
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    def value(self, key: str) -> Any:
        """The value of one setting by its key, such as `intervals.fast`."""
        value: Any = self
        for name in key.split("."):
            value = getattr(value, name)
        return value

    def error(self, key: str, why: str) -> SettingsError:
        """An error about a setting's value, for whoever finds later that it cannot be used.

        Args:
            key: The setting, or an entry of a table such as `keys.table.down`.
            why: The rest of the sentence, such as `names no theme; try dwtop-dark`.
        """
        place = self.sources.get(key)
        if place is None and (table := self.sources.get(key.partition(".")[0])):
            return SettingsError(f"{table}: {key} {why}")  # a variable that holds the whole table
        return SettingsError(_complaint(place or "default", key, why))


def load_settings(
    options: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    config_file: Path | None = None,
    without: Collection[str] = (),
) -> Settings:
    """The settings in force.

    Args:
        options: What the command line says, by key (`base_url`, `intervals.fast`); None means not given.
        environ: The environment. A variable that is empty counts as not there.
        config_file: A file that the user named, which must be there; None for the usual one, which may be missing.
        without: Keys that keep their default whatever anybody says, and whose values are not even checked.

    Raises:
        SettingsError: A value is wrong, a key in the file unknown, or the file cannot be read.
        KeyError: `options` or `without` names no setting, which is a mistake of the caller.
    """
    config = _config(config_file, environ)
    in_file = dict(_config_values(config)) if config else {}
    for key in (*options, *without):
        _BY_KEY[key]

    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        key = setting.key
        sources[key] = "default"
        if key in without:
            continue
        variable = setting.environment
        try:
            if (given := options.get(key)) is not None:
                sources[key] = setting.option
                values[key] = setting.check(given)
            elif variable and environ.get(variable, "").strip():
                sources[key] = variable
                values[key] = setting.parse(environ[variable])
            elif config and key in in_file:
                sources[key] = _place_to_blame(config, setting, in_file[key])
                value = setting.check(in_file[key])
                # A path in a file means the same from wherever dwtop is started.
                values[key] = config.path.absolute().parent / value if isinstance(value, Path) else value
                if isinstance(value, Mapping):
                    sources.update(_entry_places(config, key, value))
        except ValueError as error:
            raise SettingsError(_complaint(sources[key], key, str(error))) from None
    if "base_url" in values:
        try:
            values["base_url"] = parse_base_url(
                str(values["base_url"]), allow_insecure_http=bool(values.get("allow_insecure_http"))
            )
        except ValueError as error:
            raise SettingsError(f"{sources['base_url']}: {error}") from None
    if "database" in without:
        values["database"] = Path(os.devnull)  # the caller has its own, and there may be no home folder
    elif "database" not in values:
        try:
            values["database"] = data_path(environ) / _DATABASE
        except SettingsError as error:
            raise SettingsError(f"{error}, or name the database with --database") from None
    _refuse_broken_link(Path(str(values["database"])))
    return _assemble(values, sources)


SETTINGS: tuple[Setting, ...] = tuple(declared(Settings))
"""Every setting there is, in the order in which they are documented."""

_BY_KEY = {setting.key: setting for setting in SETTINGS}
_SECTIONS = {"intervals": Intervals, "history": History, "hooks": Hooks}
_DATABASE = "dwtop.db"
_ON_LINUX = sys.platform == "linux"


def _assemble(values: Mapping[str, object], sources: Mapping[str, str]) -> Settings:
    """The settings from flat keys; what is missing keeps its default."""
    arguments: dict[str, Any] = {}
    for name, section in _SECTIONS.items():
        inner = {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{name}.")}
        arguments[name] = section(**inner)
    arguments.update((key, value) for key, value in values.items() if "." not in key)
    return Settings(**arguments, sources=sources)


def _config(named: Path | None, environ: Mapping[str, str]) -> "ConfigFile | None":
    try:
        path = named or config_path(environ)
    except SettingsError:
        return None  # without a home folder there is no usual file
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        _refuse_broken_link(path)
        if named:
            raise SettingsError(
                f"there is no file {named}; name another with --config, or leave it out"
            ) from None
        return None
    except OSError:
        pass  # it is there, or may be: reading it will say what is wrong
    from app.settings.config_file import read_config  # only here: most starts have no file to read

    return read_config(path)


def _refuse_broken_link(path: Path) -> None:
    """See that a file is not missing behind a symbolic link.

    Raises:
        SettingsError: It, or a folder it is in, is a link to nothing.
    """
    try:
        if path.exists():
            return
        link = next((part for part in (path, *path.parents) if part.is_symlink() and not part.exists()), None)
    except OSError:
        return  # using the file will say what is wrong
    if link:
        raise SettingsError(
            f"{link} is a link to {link.readlink()}, which does not exist; correct the link or remove it"
        )


def _config_values(config: "ConfigFile") -> Iterator[tuple[str, object]]:
    """The settings in a file, by key. The first key in it that does not belong there is an error."""

    def values(table: Mapping[str, Any], *above: str) -> Iterator[tuple[str, object]]:
        for name, value in table.items():
            path = (*above, name)
            key = ".".join(path)
            setting = _BY_KEY.get(key)
            if setting and setting.about.config:
                yield key, value
            elif setting and not isinstance(value, dict):
                raise SettingsError(
                    f"{config.place(*path)}: {key} cannot stand in a file; {_instead(setting)}"
                )
            elif key in _SECTIONS and isinstance(value, dict):
                yield from values(value, *path)
            elif key in _SECTIONS:
                inside = ", ".join(known for known in _BY_KEY if known.startswith(f"{key}."))
                raise SettingsError(
                    f"{config.place(*path)}: {key} is a table; set what is in it instead: {inside}"
                )
            elif isinstance(value, dict) and value:
                yield from values(value, *path)
            else:
                raise SettingsError(f"{config.place(*path)}: there is no setting {key}; {_nearest(key)}")

    return values(config.values)


def _instead(setting: Setting) -> str:
    ways = [f"the option {setting.option}"] if setting.about.option else []
    ways += [f"the environment variable {setting.environment}"] if setting.environment else []
    return f"give it as {' or '.join(ways)}"


def _nearest(key: str) -> str:
    """What a misspelt key may have meant."""
    import difflib  # only here: a key is hardly ever misspelt

    known = [setting.key for setting in SETTINGS if setting.about.config]
    near = difflib.get_close_matches(key, known, 1) or difflib.get_close_matches(f"{key}.", known, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _place_to_blame(config: "ConfigFile", setting: Setting, value: object) -> str:
    """Where a setting stands in a file; for a table, where its first wrong entry does, if there is one."""
    path = setting.key.split(".")
    if isinstance(value, dict):
        for name, entry in value.items():
            try:
                setting.check({name: entry})
            except ValueError:
                return config.place(*path, name)
    return config.place(*path)


def _entry_places(config: "ConfigFile", key: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Where the entries of a table stand, whether or not the dots in their names were quoted."""
    for path in config.lines:
        name = ".".join(path)
        if name.removeprefix(f"{key}.") in table:
            yield name, config.place(*path)


def _complaint(place: str, key: str, why: str) -> str:
    """A sentence about a wrong value. An option or a variable says by its name what it sets, a place in a file not."""
    if place == "default":
        return f"{key} {why}"
    return f"{place}: {key} {why}" if ":" in place else f"{place} {why}"


def _folder(kind: str, variable: str, usual: str, environ: Mapping[str, str]) -> Path:
    """A folder of ours, where the platform puts such things.

    On Linux that is the XDG base directory specification's two-line rule, which we follow ourselves, since
    importing platformdirs costs more time than all the rest of the settings.

    Raises:
        SettingsError: It would be in the home folder, and there is none.
    """
    try:
        if _ON_LINUX:
            given = environ.get(variable, "")
            base = Path(given) if given.startswith("/") else Path("~", usual).expanduser()
            return base / "dwtop"
        import platformdirs

        return (
            platformdirs.user_config_path("dwtop", False)
            if kind == "config"
            else platformdirs.user_data_path("dwtop", False)
        )
    except RuntimeError:  # no HOME, and no entry for this user in the password database
        raise SettingsError(f"this user has no home folder; set HOME or {variable}") from None
