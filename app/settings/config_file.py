"""Reads the settings file, and finds the line of each key."""

import re
import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from app.settings.errors import SettingsError
from app.settings.schema import SETTINGS, Setting

_BY_KEY = {setting.key: setting for setting in SETTINGS}
_IN_FILE = [setting.key for setting in SETTINGS if setting.in_file]
_SECTIONS = {key.partition(".")[0] for key in _IN_FILE if "." in key}


class ConfigFile(NamedTuple):
    """A settings file."""

    path: Path
    tables: Mapping[str, Any]
    lines: Mapping[str, int]
    """The line, counted from 1, on which each key or table first appears. The key `a.b` in `[c]` is `c.a.b`."""

    def place(self, key: str) -> str:
        """The position of a key, or else of its table, as `path:line`, which editors can open."""
        while key and key not in self.lines:
            key = key.rpartition(".")[0]
        return f"{self.path}:{self.lines[key]}" if key else str(self.path)

    def values(self) -> dict[str, object]:
        """The values in the file by setting key. Raises `SettingsError` for a key that is unknown or not allowed here."""
        values: dict[str, object] = {}
        for name, value in self.tables.items():
            if isinstance(value, dict) and name not in _IN_FILE and (value or name in _SECTIONS):
                values |= {f"{name}.{inner}": entry for inner, entry in value.items()}
            else:
                values[name] = value
        for key in values:
            setting = _BY_KEY.get(key)
            if setting is None:
                raise SettingsError(f"{self.place(key)}: {_unknown(key)}")
            if not setting.in_file:
                raise SettingsError(f"{self.place(key)}: {key} cannot be in a file; {_alternative(setting)}")
        return values

    def source(self, setting: Setting, value: object) -> str:
        """The position of a setting in the file; for a table, that of its first invalid entry, if it has one."""
        if isinstance(value, dict):
            for name, entry in value.items():
                try:
                    setting.validate({name: entry})
                except ValueError:
                    return self.place(f"{setting.key}.{name}")
        return self.place(setting.key)


def read_config(path: Path) -> ConfigFile:
    """Read a settings file. Raises `SettingsError` if it cannot be read or is not TOML."""
    try:
        mode = path.stat().st_mode
        # A pipe from the shell (/dev/fd) ends. Any other pipe may have no writer, and block forever.
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or path.parent == Path("/dev/fd")):
            raise SettingsError(f"{path} is not a file; make it one, or name another with --config")
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise SettingsError(
            f"{path} cannot be read: {reason}; make it readable, or name another with --config"
        ) from None

    try:
        # Some editors begin a file with a byte order mark, which TOML does not allow.
        text = content.decode("utf-8-sig")
        return ConfigFile(path, tomllib.loads(text), _lines(text))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: this is not UTF-8 text; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line, problem = _syntax_problem(str(error), text)
        raise SettingsError(f"{path}:{line}: this is not valid TOML: {problem}") from None
    except ValueError:  # from int(), which tomllib does not catch
        raise SettingsError(f"{path}: a number in it has too many digits; correct it") from None
    except RecursionError:
        raise SettingsError(f"{path}: tables or lists in it are nested too deeply; correct it") from None


def _unknown(key: str) -> str:
    """A sentence about an unknown key that suggests the most similar known one."""
    import difflib  # needed only for this error

    if key in _SECTIONS:
        return f"{key} is a table; set one of {', '.join(k for k in _BY_KEY if k.startswith(f'{key}.'))}"
    near = difflib.get_close_matches(key, _IN_FILE, 1) or difflib.get_close_matches(
        f"{key}.", _IN_FILE, 1, 0.5
    )
    hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(_IN_FILE)}"
    return f"there is no setting {key}; {hint}"


def _alternative(setting: Setting) -> str:
    ways = [f"the option {setting.option_name}"] if setting.option else []
    ways += [f"the environment variable {setting.variable}"] if setting.variable else []
    return f"use {' or '.join(ways)}"


_TABLE_NAME = re.compile(r"\('(.*)',?\)")
"""A table's name as tomllib shows it: a tuple."""


def _syntax_problem(message: str, text: str) -> tuple[int, str]:
    problem, _, position = message.rpartition(" (at ")  # which is `line 3, column 5)` or `end of document)`
    problem = _TABLE_NAME.sub(lambda match: match[1].replace("', '", "."), problem)
    number = re.match(r"line (\d+)", position)
    line = int(number[1]) if number else text.rstrip().count("\n") + 1
    return line, problem[:1].lower() + problem[1:]


def _lines(text: str) -> dict[str, int]:
    """The line of each key and table, which tomllib does not report."""
    lines: dict[str, int] = {}
    table: list[str] = []
    statement = ""
    for number, line in enumerate(text.split("\n"), 1):
        statement += f"{line}\n"
        with suppress(tomllib.TOMLDecodeError):  # the statement goes on in the next line
            content: Any = tomllib.loads(statement)
            is_header = statement.lstrip().startswith("[")
            names = [] if is_header else table.copy()
            while isinstance(content, dict) and content:
                name, content = next(iter(content.items()))
                names.append(name)
            for key in accumulate(names, "{}.{}".format):
                lines.setdefault(key, number + 1 - statement.count("\n"))
            table = names if is_header else table
            statement = ""
    return lines
