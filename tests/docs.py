"""The pages of docs/ that are made from the code: `python -m tests.docs --write` makes them, `--check` compares."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import cleandoc
from pathlib import Path
from textwrap import dedent

import click

from app.cli import errors
from app.cli.completion import SHELLS
from app.cli.main import dwtop
from app.presentation import json_fields
from app.presentation.keymap import SCOPES, key_names
from app.settings.schema import SETTINGS, Setting
from widgets.keys import Key

FOLDER = Path(__file__).parent.parent / "docs"

MADE = "<!-- Made by `python -m tests.docs --write`. Do not edit. -->"


def commands() -> str:
    """Every command, its options, and the exit codes."""
    root = click.Context(dwtop, info_name="dwtop")
    common = {option.name for option in _options(dwtop) if option.name not in ("version", "demo", "help")}
    assert isinstance(dwtop, click.Group)
    parts = ["# Commands", MADE]
    for name in dwtop.list_commands(root):
        command = dwtop.get_command(root, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=root)
        usage = " ".join(
            ["dwtop", name, *(piece for piece in command.collect_usage_pieces(context) if piece)]
        )
        own = [option for option in _options(command) if option.name not in common]
        parts += [f"## dwtop {name}", f"```\n{usage}\n```", _prose(command.help or "")]
        if own:
            parts.append(_table(("option", "what it does"), map(_option_row, own)))
    parts += [
        "## Options of every command",
        "They count before and after the command's name.",
        _table(
            ("option", "what it does"),
            (_option_row(option) for option in _options(dwtop) if option.name in common),
        ),
        "## Job IDs",
        dedent("""\
            A job ID is a UUID in any common spelling. Where a watched job is meant, the beginning of its ID is enough
            if no other watched job's ID begins so. `-` stands for all job IDs in the standard input, whatever text
            stands around them."""),
        "## Exit codes",
        _table(("code", "meaning"), ((str(code), text) for code, text in errors.MEANINGS.items())),
        "Where several apply, 3 goes before 5, 5 before 4, and 4 before 1. The dashboard ends with 0.",
        "## Shell completion",
        _table(
            ("shell", "put this where it starts"), ((shell, f"`{line}`") for shell, line in SHELLS.items())
        ),
    ]
    return _page(parts)


def settings() -> str:
    """Every setting."""
    rows = [
        (f"`{setting.key}`", _default(setting), _about(setting), _otherwise(setting)) for setting in SETTINGS
    ]
    return _page(
        [
            "# Settings",
            MADE,
            dedent("""\
                An option goes before an environment variable, that before `config.toml`, and that before the default.
                `dwtop doctor` prints what is in force, and where each value came from. On Linux the file is
                `~/.config/dwtop/config.toml`, and the database `~/.local/share/dwtop/dwtop.db`. A key with a dot
                stands in a table: `intervals.fast` is `fast` below `[intervals]`. dwtop does not start with a setting
                that is wrong or unknown; it names the line."""),
            _table(("key in the file", "default", "what it is", "other ways"), rows),
            "## Tokens",
            dedent("""\
                The first of these that is there counts: the file named with `--token-file`, `DEEPWRITER_TOKEN`,
                `DEEPWRITER_API_KEY`, what `token_command` prints, what `dwtop login` kept. Tokens go as
                `Authorization: Bearer`, those from `DEEPWRITER_API_KEY` and `dwtop login --api-key` as `x-api-key`;
                with `auth = "api-key"` all do.

                A token may have around it what is copied along with it: quotes, `Bearer`, `export NAME=`, a header
                (`x-api-key: ...` is sent as an API key), or a JSON object with one token in it. A JWT that a terminal
                has wrapped is joined. Where there is doubt, dwtop says so and sends nothing."""),
            "## Hooks",
            dedent("""\
                `hooks.on_finish` runs when a job was completed or cancelled, `hooks.on_attention` when it failed, was
                moderated, was not found twice in a row, or stands still for longer than usual. The command gets no
                shell and no standard input. It may take 30 s; four run at once. What it prints goes to the event log.
                It finds the facts in `DWTOP_EVENT` (`finish` or `attention`), `DWTOP_EVENT_TEXT`, `DWTOP_EVENT_AT`,
                `DWTOP_JOB_ID`, `DWTOP_JOB_TITLE`, `DWTOP_JOB_STATUS`, `DWTOP_JOB_STATUS_BEFORE` (empty where the
                status did not change), `DWTOP_JOB_STAGE`, `DWTOP_JOB_PROGRESS`, `DWTOP_JOB_ERROR` and
                `DWTOP_JOB_BASE_URL`. Titles and errors come from the API: quote them."""),
            "## An example",
            dedent("""\
                ```toml
                token_command = "pass show deepwriter"
                requests_per_minute = 120

                [intervals]
                fast = 10

                [hooks]
                on_attention = "notify-send dwtop 'A job needs a look'"

                [keys]
                jobs.cancel = "F8"
                ```"""),
        ]
    )


def key_table() -> str:
    """Every key of every screen and dialog."""
    tables = [
        part
        for scope in SCOPES
        if scope.own
        for part in (f"## In {scope.name}", _table(("key", "does", "ID"), map(_key_row, scope.own)))
    ]
    return _page(
        [
            "# Keys",
            MADE,
            dedent("""\
                Give an action other keys in the file of settings, under `[keys]`, by its ID: `jobs.cancel = "F8"`, or
                several with commas between them. Keys are written as here, or as you know them: `Ctrl+r`, `C-r` and
                `^r` are the same, and so are `Esc` and `escape`, `PgDn` and `pagedown`, `?` and `question_mark`. A key
                that does not exist, or that two actions would share in one screen or dialog, is named at the start.
                `?` shows the keys that are in force; dialogs name theirs."""),
            *tables,
        ]
    )


def json_shapes() -> str:
    """The JSON that scripts read."""
    facts: Callable[[Sequence[json_fields.Fact[object]]], str] = lambda found: _table(  # noqa: E731
        ("key", "type", "meaning"), ((f"`{fact.key}`", _type(fact.schema), fact.meaning) for fact in found)
    )
    return _page(
        [
            "# JSON",
            MADE,
            dedent(f"""\
                Everything carries `"version": {json_fields.VERSION}`. Within a version keys are added, never renamed or
                removed; pass over those that you do not know. What is not known is `null`. Times are in UTC."""),
            "## `dwtop list --json` and `dwtop status --json`",
            'One document: `{"version": 1, "jobs": [...]}`, with an object for each job.',
            facts(json_fields.JOB),  # type: ignore[arg-type]
            "## `dwtop wait --json` and `dwtop watch --json`",
            dedent("""\
                A line for every change of status. The first line about a job has `"from": null` and tells the status
                in which it was found."""),
            facts(json_fields.TRANSITION),  # type: ignore[arg-type]
            "## JSON Schema",
            f"```json\n{json.dumps(json_fields.schema(), indent=2)}\n```",
        ]
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "settings.md": settings,
    "keys.md": key_table,
    "json.md": json_shapes,
}


def outdated() -> list[str]:
    """The pages that are not as the code would make them now."""
    return [name for name, make in PAGES.items() if _read(FOLDER / name) != make()]


def main(arguments: Sequence[str]) -> int:
    """Make the pages, or compare them."""
    if arguments == ["--write"]:
        FOLDER.mkdir(exist_ok=True)
        for name, make in PAGES.items():
            (FOLDER / name).write_text(make(), encoding="utf-8")
        return 0
    if arguments == ["--check"]:
        for name in outdated():
            print(f"docs/{name} is out of date: run python -m tests.docs --write", file=sys.stderr)
        return 1 if outdated() else 0
    print("usage: python -m tests.docs --write | --check", file=sys.stderr)
    return 2


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _prose(text: str) -> str:
    """A command's help, in which a paragraph marked as literal keeps its lines."""
    paragraphs = cleandoc(text).split("\n\n")
    return "\n\n".join(
        "```\n" + part.partition("\n")[2] + "\n```" if part.startswith("\b") else " ".join(part.split())
        for part in paragraphs
    )


def _options(command: click.Command) -> list[click.Option]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


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


def _about(setting: Setting) -> str:
    told = setting.choices or setting.type in (int, float)
    return f"{setting.help}; {setting.expected}" if told else setting.help


def _otherwise(setting: Setting) -> str:
    ways = [setting.option_name] if setting.option else []
    ways += [setting.variable] if setting.variable else []
    ways += [] if setting.in_file else ["not in the file"]
    return ", ".join(way if way.startswith("not") else f"`{way}`" for way in ways)


def _key_row(key: Key) -> tuple[str, str, str]:
    names = key_names(key.keys.split(","))
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
