"""Reads the settings file, and the line number of each key."""

import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.settings.errors import SettingsError
from app.settings.schema import SECTIONS, SETTINGS, Setting

_BY_KEY = {setting.key: setting for setting in SETTINGS}

_MAX_DEPTH = 50
"""How deeply tables may be nested, far deeper than in any setting; Python's recursion limit is not far beyond."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A settings file."""

    path: Path
    tables: Mapping[str, Any]
    lines: Mapping[str, int]
    """The line, counted from 1, on which each key or table first appears; an entry `a.b` of `[c]` is `c.a.b`."""

    def place(self, key: str) -> str:
        """The position of a key as `path:line`, which editors can open."""
        return f"{self.path}:{self.lines.get(key, 1)}"

    def values(self) -> dict[str, object]:
        """The values in the file by the key of the setting. Raises `SettingsError` for a key that it may not have."""
        return dict(self._values(self.tables))

    def _values(self, table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
        for name, value in table.items():
            key = prefix + name
            setting = _BY_KEY.get(key)
            is_table = isinstance(value, dict)
            if setting and setting.in_file:
                yield key, value
            elif setting and not is_table:
                raise SettingsError(f"{self.place(key)}: {key} cannot be in a file; {_alternative(setting)}")
            elif is_table and (key in SECTIONS or value):
                yield from self._values(value, f"{key}.")
            elif key in SECTIONS:
                inside = ", ".join(known for known in _BY_KEY if known.startswith(f"{key}."))
                raise SettingsError(f"{self.place(key)}: {key} is a table; set one of {inside}")
            else:
                raise SettingsError(f"{self.place(key)}: there is no setting {key}; {_suggestion(key)}")

    def source(self, setting: Setting, value: object) -> str:
        """The position of a setting in the file; for a table, that of its first invalid entry, if there is one."""
        if isinstance(value, dict):
            for name, entry in value.items():
                try:
                    setting.validate({name: entry})
                except ValueError:
                    return self.place(f"{setting.key}.{name}")
        return self.place(setting.key)

    def entry_sources(self, key: str) -> dict[str, str]:
        """The positions of the entries of a table."""
        return {entry: self.place(entry) for entry in self.lines if entry.startswith(f"{key}.")}


def read_config(path: Path) -> ConfigFile:
    """Read a settings file. Raises `SettingsError` if it cannot be read, or is not TOML."""
    try:
        mode = path.stat().st_mode
        # A pipe created by the shell (/dev/fd) ends. Any other may have no writer, and block forever.
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or path.parent == Path("/dev/fd")):
            raise SettingsError(f"{path} is not a file; make it one, or name another with --config")
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise SettingsError(
            f"{path} cannot be read: {reason}; make it readable, or name another with --config"
        ) from None

    try:
        # Some editors begin a file with a byte order mark, which TOML would refuse.
        text = content.decode("utf-8-sig")
        tables = tomllib.loads(text)
        lines = _lines(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: this is not UTF-8 text; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line, problem = _syntax_problem(str(error), text)
        raise SettingsError(f"{path}:{line}: this is not valid TOML: {problem}") from None
    except ValueError:  # from int(), which tomllib leaves to its caller
        raise SettingsError(f"{path}: a number in it has too many digits; correct it") from None
    except RecursionError:
        raise SettingsError(f"{path}: tables or lists in it are nested too deeply; correct it") from None
    return ConfigFile(path, tables, lines)


def _alternative(setting: Setting) -> str:
    ways = [f"the option {setting.option_name}"] if setting.option else []
    ways += [f"the environment variable {setting.variable}"] if setting.variable else []
    return f"use {' or '.join(ways)}"


def _suggestion(key: str) -> str:
    import difflib  # needed only for this error

    known = [setting.key for setting in SETTINGS if setting.in_file]
    near = difflib.get_close_matches(key, known, 1) or difflib.get_close_matches(f"{key}.", known, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}"


_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_NAMES = re.compile(r"\('(.*)',?\)")
"""How tomllib shows the name of a table: as a tuple."""


def _syntax_problem(message: str, text: str) -> tuple[int, str]:
    """The line and description of a syntax error."""
    position = _POSITION.search(message)
    problem = message[: position.start()] if position else message
    problem = _NAMES.sub(lambda names: names[1].replace("', '", "."), problem)
    number = position["line"] if position else None
    line = int(number) if number else text.rstrip().count("\n") + 1
    return line, problem[:1].lower() + problem[1:]


def _lines(text: str) -> dict[str, int]:
    """The line on which each key or table of a valid TOML text begins.

    tomllib reports no positions, so the text is parsed again, one statement at a time. A statement is complete
    as soon as it parses, since no TOML value can continue after a point at which it could have ended.
    """
    lines: dict[str, int] = {}
    table = ""
    start, statement = 1, ""
    # Only \n ends a line in TOML; a string may contain the other line separators.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        statement += line + "\n"
        try:
            parsed = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if statement.lstrip().startswith("["):
            keys = list(_keys(parsed))
            table = f"{keys[-1]}."
        else:
            keys = list(_keys(parsed, table))
        for key in keys:
            lines.setdefault(key, start)
        start, statement = number + 1, ""
    return lines


def _keys(values: Mapping[str, Any], prefix: str = "", depth: int = 1) -> Iterator[str]:
    """The keys of all values and tables, outer before inner."""
    if depth > _MAX_DEPTH:
        raise RecursionError
    for name, value in values.items():
        yield prefix + name
        if isinstance(value, dict):
            yield from _keys(value, f"{prefix}{name}.", depth + 1)
