"""`dwtop status --tmux`: one short line from the database alone, for a status bar that asks every few seconds.

The usual way to a command takes several times as long as starting Python, most of it importing. So the plain
cases are answered here with next to nothing: whatever is out of the ordinary (a wrong setting, an address in
another spelling, an option that has no bearing) makes `answer` give up, and the command is run the usual way.
The facts repeated here for the sake of speed are held against their originals by the tests.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from app.percent import whole_percent
from app.watch.store.errors import StoreError
from app.watch.store.glance import Glance, glance

BASE_URL = "https://app.deepwriter.com/api"
FORMAT = "{running} {attention} {done} {percent} {eta} {age}"
SIGNS = {"running": "▶", "waiting": "○", "attention": "✖", "done": "✔"}
PLAIN_SIGNS = {"running": ">", "waiting": "o", "attention": "!", "done": "+"}

NO_JOBS = "dwtop: no jobs"

OLD = 180.0
"""Seconds after which the age of the data is told."""

_OPTIONS = {"--database": "database", "--base-url": "base_url", "--config": "config"}
_FLAGS = ("--ascii", "--no-color", "--read-only")
_IN_FILE = ("database", "base_url", "tmux_format", "ascii")
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


class FormatError(ValueError):
    """The format asks for what there is not; the message goes on from the setting's name."""


def answer(arguments: Sequence[str], environ: Mapping[str, str], now: float) -> int | None:
    """Print the line, if this command line asks for it and is a plain case.

    Args:
        arguments: The words after the program's name.
        environ: The environment.
        now: Seconds since the epoch.

    Returns:
        The exit code; None, and nothing was printed, where the command has to be run the usual way.
    """
    try:
        options = _options(arguments)
        if options is None:
            return None
        path, base_url, template, plain = _settings(options, environ)
        found = glance(path, base_url)
        if found and not found.jobs and base_url != BASE_URL:
            return None  # filed under the same address in another spelling, perhaps
        print_line(found, template, now, plain=plain)
    except (StoreError, ValueError, OSError):
        return None
    return 0


def print_line(found: Glance | None, template: str, now: float, *, plain: bool) -> None:
    """Print what one look at the database brought; with other signs where the output cannot take ours.

    Raises:
        FormatError: The template asks for what there is not.
    """
    text = line(found, template, now, plain=plain)
    if sys.stdout is None:  # it was closed before we started
        return
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = line(found, template, now, plain=True).encode("ascii", "replace").decode()
    print(text, flush=True)


def line(found: Glance | None, template: str, now: float, *, plain: bool) -> str:
    """The status line.

    Args:
        found: What a look at the database brought; None where there is none.
        template: Text with names of facts in braces. What is zero or unknown is empty, and takes its blank along.
        now: Seconds since the epoch.
        plain: Whether to draw with ASCII alone.

    Raises:
        FormatError: The template asks for what there is not.
    """
    facts = _facts(found or Glance(), now, PLAIN_SIGNS if plain else SIGNS)
    try:
        text = " ".join(template.format_map(facts).split())
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        names = ", ".join(f"{{{name}}}" for name in facts)
        raise FormatError(f"can name {names}; write other braces twice") from None
    if found is None or not found.jobs:
        return NO_JOBS
    if not (found.running or found.attention or found.done) and "{waiting" not in template:
        return f"{facts['waiting']} {text}".rstrip()  # else it would not say a word about jobs
    return text


def _facts(found: Glance, now: float, signs: Mapping[str, str]) -> dict[str, str]:
    facts = {
        name: f"{number}{sign}" if (number := getattr(found, name)) else "" for name, sign in signs.items()
    }
    facts["percent"] = "" if found.fraction is None else f"{whole_percent(found.fraction * 100)}%"
    facts["eta"] = facts["age"] = ""
    if found.finish is not None and found.finish > now:
        from app.watch.forecast.texts import about

        facts["eta"] = about(found.finish - now)
    if found.fetched_at is not None and now - found.fetched_at > OLD:
        from app.dashboard.words import age

        facts["age"] = f"({age(now - found.fetched_at)})"
    return facts


def _options(arguments: Sequence[str]) -> dict[str, str] | None:
    """What the options say, if these words are `status --tmux` and nothing out of the ordinary."""
    options: dict[str, str] = {}
    words = []
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _OPTIONS:
            options[_OPTIONS[name]] = value if equals else next(rest, "")
            if not options[_OPTIONS[name]]:
                return None
        elif word in _FLAGS:
            options[word] = word
        else:
            words.append(word)
    return options if words == ["status", "--tmux"] else None


def _settings(options: Mapping[str, str], environ: Mapping[str, str]) -> tuple[str, str, str, bool]:
    """Database, base URL, template, and whether to draw with ASCII alone.

    Raises:
        ValueError: Something is not plain.
        OSError: The settings cannot be read.
    """
    file = options.get("config") or f"{_folder('XDG_CONFIG_HOME', '.config', environ)}/config.toml"
    config = _plain_config(file) if "config" in options or os.path.lexists(file) else {}

    def text(key: str, variable: str) -> str | None:
        value = options.get(key) or environ.get(variable, "").strip() or config.get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise ValueError(key)
        return value

    database = text("database", "DWTOP_DATABASE")
    if database is None:
        path = f"{_folder('XDG_DATA_HOME', '.local/share', environ)}/dwtop.db"
    else:
        path = os.path.expanduser(database)
        if database is config.get("database"):
            path = os.path.join(os.path.dirname(os.path.abspath(file)), path)
    base_url = (text("base_url", "DEEPWRITER_BASE_URL") or BASE_URL).strip().rstrip("/")
    return (
        path,
        base_url,
        text("tmux_format", "DWTOP_TMUX_FORMAT") or FORMAT,
        _plain(options, environ, config),
    )


def _plain(options: Mapping[str, str], environ: Mapping[str, str], config: Mapping[str, object]) -> bool:
    if "--ascii" in options:
        return True
    said = environ.get("DWTOP_ASCII", "").strip().lower() or config.get("ascii", False)
    if said in _TRUE or said is True:
        return True
    if said in _FALSE or said is False:
        return False
    raise ValueError("ascii")


def _plain_config(file: str) -> dict[str, object]:
    """The settings that matter here, out of a file of plain lines; reading TOML by the book takes too long.

    Raises:
        ValueError: The file has lines of other kinds, or sets one of them in another way.
        OSError: It cannot be read.
    """
    config: dict[str, object] = {}
    with open(file, encoding="utf-8") as content:
        text = content.read()
    if '"""' in text or "'''" in text:
        raise ValueError(file)
    for given in text.splitlines():
        name, equals, value = (part.strip() for part in given.partition("="))
        if name.startswith("["):
            break  # from here on keys belong to tables, and those that matter to none
        if not name or name.startswith("#"):
            continue
        if not equals or name[0] in "\"'" or name in config:
            raise ValueError(given)
        if name in _IN_FILE:
            config[name] = _plain_value(value)
    return config


def _plain_value(text: str) -> object:
    if text in ("true", "false"):
        return text == "true"
    quote, inner = text[:1], text[1:-1]
    if quote not in ("'", '"') or text[-1:] != quote or quote in inner or "\\" in inner:
        raise ValueError(text)
    return inner


def _folder(variable: str, usual: str, environ: Mapping[str, str]) -> str:
    """Our folder by the XDG base directory specification; the settings know the rules of other systems."""
    if sys.platform != "linux":
        raise ValueError(sys.platform)
    given = environ.get(variable, "")
    base = given if given.startswith("/") else os.path.expanduser(f"~/{usual}")
    return f"{base}/dwtop"
