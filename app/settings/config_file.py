"""Reading `config.toml`: its values, and the line that each of them stands on."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.settings.schema import SettingsError


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file of settings as it was read.

    Attributes:
        path: Where it is.
        values: The tables and values in it, nested as in the file.
        lines: The line, counted from 1, on which each key or table first stands, by its path of names.
    """

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int]

    def place(self, *names: str) -> str:
        """Where a key stands, as `path:line`, the way editors and compilers write it."""
        return f"{self.path}:{self.lines.get(names, 1)}"


def read_config(path: Path) -> ConfigFile:
    """Read a file of settings.

    Raises:
        SettingsError: It cannot be read, or is not TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise SettingsError(
            f"{path} cannot be read: {reason}; make it readable, or name another with --config"
        ) from None

    try:
        # Some editors put a byte order mark first, which means nothing in UTF-8; TOML would refuse it.
        text = content.decode("utf-8-sig")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: this is not UTF-8 text; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line, problem = _syntax_problem(str(error), text)
        raise SettingsError(f"{path}:{line}: this is not valid TOML: {problem}") from None
    return ConfigFile(path, values, dict(_lines(text)))


_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


def _syntax_problem(message: str, text: str) -> tuple[int, str]:
    """The line of a syntax error, and what it is."""
    position = _POSITION.search(message)
    problem = message[: position.start()] if position else message
    number = position["line"] if position else None
    line = int(number) if number else text.rstrip().count("\n") + 1
    return line, problem[:1].lower() + problem[1:]


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every key path in a valid TOML text, with its line.

    The parser keeps no positions, so the text is handed to it once more, a statement at a time: a statement
    is complete as soon as it parses by itself, since no TOML value can go on after it could have ended.
    """
    seen: set[tuple[str, ...]] = set()
    table: tuple[str, ...] = ()
    start, statement = 1, ""
    # Only \n ends a line in TOML; other separators may stand within a string.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not statement:
            start = number
        statement += line + "\n"
        try:
            parsed = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        paths = list(_paths(parsed))
        if statement.lstrip().startswith("["):
            table = paths[-1]
            found = paths
        else:
            found = [table + path for path in paths]
        for path in found:
            if path not in seen:
                seen.add(path)
                yield path, start
        statement = ""


def _paths(values: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all keys and tables, the outer before the inner."""
    for name, value in values.items():
        path = (*above, name)
        yield path
        if isinstance(value, dict):
            yield from _paths(value, path)
