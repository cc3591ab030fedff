"""Writes the generated parts of docs/: `python -m tests.docs --write`.

Pages are written by hand, except for the parts between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click

from app.cli import errors
from app.cli.main import dwtop
from app.presentation import json_fields
from app.presentation.keymap import SCOPES
from app.settings.schema import SETTINGS, Setting
from widgets.keys import Key, key_name
from widgets.themes import COLORS

FOLDER = Path(__file__).parent.parent / "docs"
PAGES = ("commands.md", "settings.md", "keys.md", "json.md")
SCHEMA = "settings.schema.json"

_GENERATED = re.compile(r"(<!-- generated: ([^>\n]+) -->\n\n).*?(\n\n<!-- end -->)", re.DOTALL)


def commands() -> str:
    assert isinstance(dwtop, click.Group)
    root = click.Context(dwtop, info_name="dwtop")
    parts = []
    for name in dwtop.list_commands(root):
        command = dwtop.get_command(root, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=root)
        usage = " ".join(filter(None, ["dwtop", name, *command.collect_usage_pieces(context)]))
        parts += [f"## dwtop {name}", f"```\n{usage}\n```", _prose(command.help or "")]
        if own := [option for option in _options(command) if option.name not in _common_names()]:
            parts.append(_table(("option", "what it does"), map(_option_row, own)))
    return "\n\n".join(parts)


def common_options() -> str:
    options = [option for option in _options(dwtop) if option.name in _common_names()]
    return _table(("option", "what it does"), map(_option_row, options))


def exit_codes() -> str:
    return _table(("code", "meaning"), ((str(code), text) for code, text in errors.MEANINGS.items()))


def settings() -> str:
    rows = [
        (f"`{setting.key}`", _default(setting), _meaning(setting), _also(setting)) for setting in SETTINGS
    ]
    return _table(("key in the file", "default", "meaning", "also set by"), rows)


def theme_colours() -> str:
    *first, last = (f"`{name}`" for name in COLORS)
    return f"{', '.join(first)} and {last}."


def settings_schema() -> str:
    """The JSON Schema of the settings file, for editors."""
    schema = _object("Settings of dwtop")
    for setting in SETTINGS:
        if setting.in_file:
            *section, name = setting.key.split(".")
            table = schema
            for part in section:
                table = table["properties"].setdefault(part, _object(f"The settings of {part}"))
            table["properties"][name] = _value_schema(setting)
    dialect = {"$schema": "http://json-schema.org/draft-07/schema#"}
    return json.dumps(dialect | schema, indent=2, ensure_ascii=False) + "\n"


def _object(description: str) -> dict[str, Any]:
    return {"type": "object", "description": description, "additionalProperties": False, "properties": {}}


def _value_schema(setting: Setting) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": setting.help}
    if setting.default not in (None, {}):
        schema["default"] = setting.default
    if setting.choices:
        return schema | {"enum": list(setting.choices)}
    if setting.type in (int, float):
        kind = "integer" if setting.type is int else "number"
        return schema | {"type": kind, "minimum": setting.min, "maximum": setting.max}
    if setting.type is bool:
        return schema | {"type": "boolean"}
    text = {"type": "string", "pattern": r"\S"}
    if setting.key == "themes":
        colors = _object("The colours of one theme") | {"properties": dict.fromkeys(COLORS, text)}
        return schema | {"type": "object", "additionalProperties": colors}
    if setting.type is Mapping:  # entries may also be in tables, as an unquoted dot in TOML means
        return schema | {"type": "object", "additionalProperties": {"anyOf": [text, {"type": "object"}]}}
    return schema | text


def keys() -> str:
    return "\n\n".join(
        f"## In {scope.name}\n\n{_table(('key', 'does', 'ID'), map(_key_row, scope.own))}"
        for scope in SCOPES
        if scope.own
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what commands print."""
    version = {"const": json_fields.VERSION}
    jobs = {"type": "array", "items": {"$ref": "#/$defs/job"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dwtop",
        "oneOf": [{"$ref": "#/$defs/document"}, {"$ref": "#/$defs/transition"}],
        "$defs": {
            "document": {
                "title": "what list --json and status --json print",
                "type": "object",
                "properties": {"version": version, "jobs": jobs},
                "required": ["version", "jobs"],
            },
            "job": _json_object("a job", json_fields.JOB),
            "transition": _json_object("a line of wait --json and watch --json", json_fields.TRANSITION),
        },
    }


def _json_object(title: str, fields: Sequence[json_fields.JsonField]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": {field.key: {"description": field.meaning, **field.schema} for field in fields},
        "required": [field.key for field in fields],
    }


def _json_table(fields: Iterable[json_fields.JsonField]) -> str:
    rows = ((f"`{field.key}`", _type(field.schema), field.meaning) for field in fields)
    return _table(("key", "type", "meaning"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "common options": common_options,
    "exit codes": exit_codes,
    "settings": settings,
    "theme colours": theme_colours,
    "keys": keys,
    "job": lambda: _json_table(json_fields.JOB),
    "transition": lambda: _json_table(json_fields.TRANSITION),
    "JSON Schema": lambda: f"```json\n{json.dumps(json_schema(), indent=2)}\n```",
}


def updated() -> dict[str, str]:
    """The pages that differ from what they should be, with what they should be."""
    wanted = {SCHEMA: settings_schema()}
    for name in PAGES:
        page = (FOLDER / name).read_text(encoding="utf-8")
        wanted[name] = _GENERATED.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}{part[3]}", page)
    return {
        name: page for name, page in wanted.items() if (FOLDER / name).read_text(encoding="utf-8") != page
    }


def main(arguments: Sequence[str]) -> int:
    if arguments != ["--write"]:
        print("usage: python -m tests.docs --write", file=sys.stderr)
        return 2
    for name, page in updated().items():
        (FOLDER / name).write_text(page, encoding="utf-8")
    return 0


def _common_names() -> set[str | None]:
    return {option.name for option in _options(dwtop) if option.name not in ("version", "demo", "help")}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _prose(text: str) -> str:
    """A command's help. A paragraph marked as literal keeps its lines."""
    paragraphs = cleandoc(text).split("\n\n")
    return "\n\n".join(
        "```\n" + part.partition("\n")[2] + "\n```" if part.startswith("\b") else " ".join(part.split())
        for part in paragraphs
    )


def _options(command: click.Command) -> list[click.Option]:
    return [
        parameter
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
    ]


def _option_row(option: click.Option) -> tuple[str, str]:
    names = ", ".join(option.opts)
    value = "" if option.is_flag else f" {option.metavar or option.type.name.upper()}"
    default = f" Default: {option.default}." if option.show_default else ""
    return f"`{names}{value}`", f"{option.help or ''}{default}"


def _default(setting: Setting) -> str:
    if setting.default is None or setting.default == {}:
        return ""
    value = str(setting.default).lower() if isinstance(setting.default, bool) else str(setting.default)
    return f"`{value}`"


def _meaning(setting: Setting) -> str:
    bounded = setting.choices or setting.type in (int, float)
    return f"{setting.help}; {setting.expected}" if bounded else setting.help


def _also(setting: Setting) -> str:
    ways = [setting.option_name] if setting.option else []
    ways += [setting.variable] if setting.variable else []
    ways += [] if setting.in_file else ["not in the file"]
    return ", ".join(way if way.startswith("not") else f"`{way}`" for way in ways)


def _key_row(key: Key) -> tuple[str, str, str]:
    names = " ".join(map(key_name, key.keys.split(",")))
    return (f"`` {names} ``" if "`" in names else f"`{names}`"), key.tooltip, f"`{key.id}`"


def _type(schema: Mapping[str, object]) -> str:
    if "enum" in schema:
        values = schema["enum"]
        assert isinstance(values, list)
        return ", ".join("null" if value is None else f"`{value}`" for value in values)
    if "const" in schema:
        return str(schema["const"])
    types = schema["type"]
    names = [types] if isinstance(types, str) else list(types) if isinstance(types, list) else []
    return " or ".join(
        f"{name} ({schema['format']})" if name == "string" and "format" in schema else name for name in names
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
