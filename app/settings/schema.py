"""Declares every setting once: its type, default, bounds and help, and where it can be set.

Each setting is an annotated field of `Settings` or of one of its sections. Its key in the file, its environment
variable, its option, the check of its value and its line in the documentation all follow from that declaration.
"""

import math
from collections.abc import Iterator, Mapping
from operator import attrgetter
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from app.deepwriter.base_url import DEFAULT_BASE_URL
from app.settings.errors import SettingsError

DATABASE_NAME = "dwtop.db"
_DAY_SECONDS = 86_400
_MAX_SHOWN_CHARACTERS = 60  # of a wrong value in an error message
_MAX_SHOWN_BITS = 195  # of a wrong number; any such number fits in those characters


class Setting(NamedTuple):
    """One setting."""

    help: str  # one line, without a full stop
    unit: str = ""  # of a number, in the plural
    min: float = -math.inf
    max: float = math.inf
    option: bool = False  # whether the command line has an option for it
    environment: str | None = ""  # its variable; empty for the default name, None for none
    is_presence: bool = False  # whether the variable switches it on whatever its value, as `NO_COLOR` does
    in_file: bool = True
    example: str = ""  # of an entry, for a table
    is_command: bool = False  # whether it is a command to run
    # The rest is taken from the annotated field.
    key: str = ""  # its name in the file, with the table before a dot
    type: type = str  # or `bool`, `int`, `float`, `Path`, `Mapping`
    choices: tuple[str, ...] = ()  # the only texts allowed; empty for any
    default: object = None  # None if there is none, or if it depends on the machine

    @property
    def option_name(self) -> str:
        """The name of its command-line option; valid only if `option` is true."""
        return "--" + self.key.replace(".", "-").replace("_", "-")

    @property
    def variable(self) -> str | None:
        """The name of its environment variable; None if it has none."""
        if self.environment == "":
            return "DWTOP_" + self.key.replace(".", "_").upper()
        return self.environment

    @property
    def expected(self) -> str:
        """A description of valid values, to follow the words `must be`."""
        if self.choices:
            return " or ".join(f'"{choice}"' for choice in self.choices)
        if self.type in (int, float):
            number = "a whole number" if self.type is int else "a number"
            return f"{number} of {self.unit} from {self.min:.15g} to {self.max:.15g}"
        if self.type is Path:
            return "the path of a file"
        if self.type is Mapping:
            return f"a table of lines such as {self.example}"
        return "true or false" if self.type is bool else "text that is not empty"

    def validate(self, value: object) -> object:
        """Return the value as `Settings` holds it. The message of a `ValueError` follows the name of the setting."""
        valid = _validated(self, value)
        if valid is None and self.type is Mapping and isinstance(value, dict):
            raise ValueError(
                f"may only have entries such as {self.example}, each with text that is not empty"
            )
        if valid is None:
            raise ValueError(f"must be {self.expected}, not {_shown(value)}")
        return valid

    def parse(self, text: str) -> object:
        """Parse a value from the environment or the command line; raises like `validate`."""
        if self.is_presence:
            return True
        value = _from_text(self.type, text.strip())
        if self.type is Mapping and isinstance(value, str):
            entry = self.example.replace(" = ", "=").replace('"', "")
            raise ValueError(f"must be entries such as {entry}, separated by spaces, not {_shown(value)}")
        return self.validate(value)


def _interval(help_text: str) -> Setting:
    return Setting(help_text, "seconds", min=1, max=_DAY_SECONDS)


class IntervalSettings(NamedTuple):
    """How often jobs are polled, in seconds; the budget may stretch all of them."""

    fast: Annotated[float, _interval("how often a job in progress is polled")] = 5.0
    medium: Annotated[float, _interval("how often a waiting job is polled")] = 15.0
    slow: Annotated[float, _interval("how often any other unfinished job is polled")] = 60.0


class HistorySettings(NamedTuple):
    """How much history is kept."""

    days: Annotated[
        int, Setting("how long events and the history of finished jobs are kept", "days", min=1, max=3650)
    ] = 30
    samples: Annotated[
        int,
        Setting(
            "how many changes of progress are kept for each job; beyond that, the first, the last, changes of"
            " status and stage, and an even spread of the others remain",
            "samples",
            min=20,
            max=100_000,
        ),
    ] = 300
    events: Annotated[
        int,
        Setting("how many events are kept; the oldest are deleted first", "events", min=100, max=10_000_000),
    ] = 50_000


class HookSettings(NamedTuple):
    """Commands to run when something happens to a job."""

    on_finish: Annotated[
        str | None,
        Setting("a command to run, without a shell, when a job is completed or cancelled", is_command=True),
    ] = None
    on_attention: Annotated[
        str | None,
        Setting(
            "a command to run, without a shell, when a job fails, is moderated, stalls or cannot be found",
            is_command=True,
        ),
    ] = None
    document: Annotated[
        bool,
        Setting("give on_finish the link to the finished document, which opens without sign-in"),
    ] = False


class Settings(NamedTuple):
    """Every setting in force. `Settings()` holds the defaults; `load_settings` places the database in the data folder.

    Attributes:
        sources: Where each setting was set, by key: an option (`--base-url`), an environment variable
            (`DEEPWRITER_BASE_URL`), a position in a file (`path:line`) or `default`. Entries of a table have their
            own, such as `keys.table.down`.
    """

    base_url: Annotated[
        str, Setting("the base URL of the API", option=True, environment="DEEPWRITER_BASE_URL")
    ] = DEFAULT_BASE_URL
    auth: Annotated[
        Literal["bearer", "api-key"], Setting("how the token is sent: as a bearer token or an API key")
    ] = "bearer"
    token_command: Annotated[
        str | None, Setting("a command that prints the token; runs without a shell", is_command=True)
    ] = None
    token_file: Annotated[
        Path | None, Setting("a file that holds the token", option=True, environment=None, in_file=False)
    ] = None
    allow_insecure_http: Annotated[
        bool, Setting("allow plain http to other machines, where others can read the token on the way")
    ] = False
    interval: Annotated[
        float | None,
        Setting(
            "poll every job in progress exactly this often, and other jobs 3 or 12 times less often",
            "seconds",
            min=1,
            max=_DAY_SECONDS,
            option=True,
            environment=None,
            in_file=False,
        ),
    ] = None
    intervals: IntervalSettings = IntervalSettings()
    requests_per_minute: Annotated[
        int, Setting("the budget that all jobs share, spread evenly", "requests", min=1, max=6000)
    ] = 300
    history: HistorySettings = HistorySettings()
    database: Annotated[
        Path, Setting("the file that holds the watch list, history and events", option=True)
    ] = Path(DATABASE_NAME)
    follow: Annotated[
        bool,
        Setting("add your new unfinished jobs automatically, but never one that you removed", option=True),
    ] = False
    read_only: Annotated[bool, Setting("never cancel a job", option=True)] = False
    theme: Annotated[str, Setting("the colour theme")] = "dwtop-dark"
    themes: Annotated[
        Mapping[str, str], Setting("themes of your own", example='forest.primary = "#87af5f"')
    ] = {}
    ascii: Annotated[
        bool,
        Setting(
            "draw with ASCII only; automatic in the C locale, on the Linux console, and if the encoding lacks the symbols",
            option=True,
        ),
    ] = False
    no_color: Annotated[
        bool,
        Setting("draw without colour", option=True, environment="NO_COLOR", is_presence=True, in_file=False),
    ] = False
    bell: Annotated[bool, Setting("ring the terminal's bell when a job finishes, stalls or needs a look")] = (
        True
    )
    desktop_notifications: Annotated[
        Literal["auto", "on", "off"],
        Setting("notify through the terminal (OSC 9); auto: only terminals known to support it"),
    ] = "auto"
    sort: Annotated[str, Setting("the column that the list is sorted by at start")] = "status"
    columns: Annotated[
        str, Setting("the columns beside status, title, progress and time left, separated by commas")
    ] = "stage,id"
    hooks: HookSettings = HookSettings()
    web_url: Annotated[
        str | None,
        Setting(
            "the address of a job's web page, with {job_id} or {project_id}; the dashboard opens it if a job has no document"
        ),
    ] = None
    tmux_format: Annotated[
        str,
        Setting(
            "what dwtop status --tmux prints: text with {running}, {waiting}, {attention}, {done}, {percent},"
            " {eta} and {age}"
        ),
    ] = "{running} {attention} {done} {percent} {eta} {age}"
    keys: Annotated[
        Mapping[str, str], Setting("other keys for actions, by action ID", example='action = "key,key"')
    ] = {}
    sources: Mapping[str, str] = {}

    def value(self, key: str) -> Any:
        """The value of one setting by its key, such as `intervals.fast`."""
        return attrgetter(key)(self)

    def is_set(self, key: str) -> bool:
        """Whether an option, a variable or the file sets this."""
        return self.sources.get(key, "default") != "default"

    def error(self, key: str, why: str) -> SettingsError:
        """The error for a value that proves unusable after loading; `key` may name an entry of a table."""
        source = self.sources.get(key)
        if source is None and (table := self.sources.get(key.partition(".")[0])):
            return SettingsError(f"{table}: {key} {why}")  # set by a variable that holds the whole table
        return SettingsError(describe_problem(source or "default", key, why))


def describe_problem(source: str, key: str, why: str) -> str:
    """A sentence about a wrong value. It names the setting, unless the source is an option or a variable."""
    if source == "default":
        return f"{key} {why}"
    if source.startswith("--") or source.isidentifier():
        return f"{source} {why}"
    return f"{source}: {key} {why}"


def _declared(section: Any, prefix: str = "") -> Iterator[Setting]:
    """The settings that a class declares by fields of the form `Annotated[type, Setting(...)]`, in order.

    A field whose type is such a class is a section: a table in the file.
    """
    for name, annotation in section.__annotations__.items():
        key = prefix + name
        if hasattr(annotation, "_fields"):
            yield from _declared(annotation, key + ".")
        elif metadata := getattr(annotation, "__metadata__", ()):
            kind, choices = _type_and_choices(annotation.__origin__)
            default = None if kind is Path else section._field_defaults[name]
            yield metadata[0]._replace(key=key, type=kind, choices=choices, default=default)


def _type_and_choices(annotation: Any) -> tuple[type, tuple[str, ...]]:
    origin = get_origin(annotation)
    if origin is Literal:
        return str, get_args(annotation)
    if origin is UnionType:  # with None
        return get_args(annotation)[0], ()
    return origin or annotation, ()


SETTINGS: tuple[Setting, ...] = tuple(_declared(Settings))
"""Every setting, in the order of the documentation."""

COMMANDS = frozenset(setting.key for setting in SETTINGS if setting.is_command)
"""The keys of the settings that are commands."""

CONFIG = Setting("read the settings from this file", option=True, key="config", type=Path)
"""The option `--config`, which is not a setting itself."""

OPTIONS = (CONFIG, *(setting for setting in SETTINGS if setting.option))
"""Every option that all commands have."""


def _shown(value: object) -> str:
    """A wrong value as an error message shows it: shortened, and as written in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and value.bit_length() > _MAX_SHOWN_BITS:
        return "such a long number"
    shown = (
        repr(value) if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else str(value)
    )
    return shown if len(shown) <= _MAX_SHOWN_CHARACTERS else f"{shown[: _MAX_SHOWN_CHARACTERS - 1]}…"


def _validated(setting: Setting, value: object) -> object:
    """The validated value; None if it is not allowed."""
    if setting.type is bool:
        return value if isinstance(value, bool) else None
    if setting.type in (int, float):
        if not isinstance(value, int | float) or type(value) not in (int, setting.type):
            return None
        # NaN fails both comparisons, so it is refused like any number out of bounds.
        return setting.type(value) if setting.min <= value <= setting.max else None
    if setting.type is Mapping:
        try:
            return _flatten(value)
        except RecursionError:
            return None
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return None
    if setting.type is Path:
        try:
            return Path(value).expanduser()
        except RuntimeError:  # no such user
            return None
    return value if not setting.choices or value in setting.choices else None


def _flatten(table: object) -> dict[str, str] | None:
    """Flatten a table of texts, since an unquoted dot in a TOML key makes an inner table; None if a value is not text."""
    if not isinstance(table, dict):
        return None
    flat: dict[str, str] = {}
    for name, entry in table.items():
        if name and isinstance(entry, str) and entry.strip():
            flat[name] = entry
        elif inner := _flatten(entry):
            flat.update((f"{name}.{rest}", text) for rest, text in inner.items())
        else:
            return None
    return flat


_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


def _from_text(kind: type, text: str) -> object:
    """Convert a text to a type; returns the text itself if that fails."""
    try:
        if kind is bool and text.lower() in (*_TRUE, *_FALSE):
            return text.lower() in _TRUE
        if kind in (int, float):
            return kind(text)
        if kind is Mapping:  # `action=key,key` pairs separated by blanks
            return dict(pair.split("=", 1) for pair in text.split())
    except ValueError:
        pass
    return text
