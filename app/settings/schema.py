"""What one setting is: its names, its type and bounds, and the check that a value fits."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin


class SettingsError(Exception):
    """A setting that cannot be used: one sentence that names it, where it was given, and what would be right."""


class About(NamedTuple):
    """What a field's name, type and default leave unsaid about a setting.

    Attributes:
        help: One line for people, without a full stop.
        unit: What a number counts, in the plural.
        least: The smallest number that is taken.
        most: The largest.
        option: Whether the command line has an option for it.
        environment: Its environment variable; empty for the usual name, None for none.
        present: Whether its environment variable counts by being there and not empty, whatever it holds.
        config: Whether it can stand in the file.
    """

    help: str
    unit: str = ""
    least: float = -math.inf
    most: float = math.inf
    option: bool = False
    environment: str | None = ""
    present: bool = False
    config: bool = True


class Setting(NamedTuple):
    """A declared setting.

    Attributes:
        key: Its name in the file, with dots between tables.
        type: `str`, `bool`, `int`, `float`, `Path` or `Mapping`.
        choices: The only texts it takes; empty for any.
        default: Its value when nobody says otherwise; None for none, or for one that depends on the machine.
        about: The rest.
    """

    key: str
    type: type
    choices: tuple[str, ...]
    default: object
    about: About

    @property
    def option(self) -> str:
        """Its option's name. Whether the command line has that option, `about.option` says."""
        return "--" + self.key.replace(".", "-").replace("_", "-")

    @property
    def environment(self) -> str | None:
        """The environment variable it is read from, or None."""
        if self.about.environment == "":
            return "DWTOP_" + self.key.replace(".", "_").upper()
        return self.about.environment

    @property
    def expected(self) -> str:
        """What its value has to be, in words that follow `must be`."""
        if self.choices:
            return " or ".join(f'"{choice}"' for choice in self.choices)
        if self.type in (int, float):
            number = "a whole number" if self.type is int else "a number"
            return f"{number} of {self.about.unit} from {self.about.least:.15g} to {self.about.most:.15g}"
        if self.type is Path:
            return "the path of a file"
        if self.type is Mapping:
            return 'a table of lines such as action = "key,key"'
        return "true or false" if self.type is bool else "text that is not empty"

    def check(self, value: object) -> object:
        """The value as it goes into the settings.

        Raises:
            ValueError: It does not fit; the message goes on from the setting's name.
        """
        fit = _FITTING[self.type](self, value)
        if fit is None:
            raise ValueError(f"must be {self.expected}, not {_shown(value)}")
        return fit

    def parse(self, text: str) -> object:
        """The value that a text from the environment stands for.

        Raises:
            ValueError: It stands for none that fits.
        """
        if self.about.present:
            return True
        value = _MEANT.get(self.type, str)(text.strip())
        return self.check(text if value is None else value)


def declared(section: type, above: str = "") -> Iterator[Setting]:
    """The settings that a dataclass declares by `Annotated[type, About(...)]` fields, in order.

    A field whose type is a dataclass is a section: a table in the file.
    """
    for declaration in fields(section):
        key = above + declaration.name
        annotation: Any = declaration.type
        if is_dataclass(annotation):
            assert isinstance(annotation, type)
            yield from declared(annotation, key + ".")
        elif about := getattr(annotation, "__metadata__", ()):
            default = None if declaration.default is MISSING else declaration.default
            yield Setting(key, *_type_and_choices(annotation.__origin__), default, about[0])


def _type_and_choices(annotation: Any) -> tuple[type, tuple[str, ...]]:
    origin = get_origin(annotation)
    if origin is Literal:
        return str, get_args(annotation)
    if origin in (Union, UnionType):
        return next(kind for kind in get_args(annotation) if kind is not NoneType), ()
    return origin or annotation, ()


def _shown(value: object) -> str:
    """A wrong value as an error names it: as the file would spell it, and short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    shown = repr(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


# What a value of each type must look like: the value to keep, or None.


def _text(setting: Setting, value: object) -> str | None:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return None
    return value if not setting.choices or value in setting.choices else None


def _flag(_: Setting, value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(setting: Setting, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Not-a-number fails both comparisons, so it is refused with everything out of bounds.
    return float(value) if setting.about.least <= value <= setting.about.most else None


def _whole(setting: Setting, value: object) -> int | None:
    return int(value) if isinstance(value, int) and _number(setting, value) is not None else None


def _path(setting: Setting, value: object) -> Path | None:
    text = _text(setting, str(value) if isinstance(value, Path) else value)
    try:
        return None if text is None else Path(text).expanduser()
    except RuntimeError:  # a ~name that nobody here has
        return None


def _table(_: Setting, value: object) -> Mapping[str, str] | None:
    """Names with texts. A dot in a name that is not quoted makes a table within the table: undone here."""
    if not isinstance(value, dict):
        return None
    flat: dict[str, str] = {}
    for name, entry in value.items():
        if isinstance(entry, str) and entry.strip():
            flat[name] = entry
        elif inner := _table(_, entry):
            flat.update((f"{name}.{rest}", text) for rest, text in inner.items())
        else:
            return None
    return flat


_FITTING = {str: _text, bool: _flag, float: _number, int: _whole, Path: _path, Mapping: _table}


# What a text from the environment means for types that are no text: the value, or None for nonsense.


def _flag_meant(text: str) -> bool | None:
    return {
        "true": True,
        "1": True,
        "yes": True,
        "on": True,
        "false": False,
        "0": False,
        "no": False,
        "off": False,
    }.get(text.lower())


def _float_meant(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _int_meant(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _table_meant(text: str) -> dict[str, str] | None:
    """`action=key,key` pairs with blanks between them."""
    pairs = [word.partition("=") for word in text.split()]
    return (
        {name: value for name, _, value in pairs} if all(name and value for name, _, value in pairs) else None
    )


_MEANT = {bool: _flag_meant, float: _float_meant, int: _int_meant, Mapping: _table_meant}
