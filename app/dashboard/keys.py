"""The keys of the main screen, each with the ID by which it can be given others, and the help made from them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from widgets.keys import TABLE, Key, key_name
from widgets.model import HelpSection, KeyHelp

if TYPE_CHECKING:
    from textual.binding import ActiveBinding


APP: tuple[Key, ...] = (
    Key("ctrl+c", "quit", "app.leave", "Quit", "Quit; jobs keep running", priority=True),
    Key("ctrl+z", "suspend_process", "app.suspend", "Suspend", "Back to the shell; fg returns"),
)
"""Keys that work everywhere, even in a text field."""

VIEW: tuple[Key, ...] = (
    Key("enter", "", "view.details", "Details", "Open or close the details", in_line=True),
    Key("slash", "", "view.filter", "Filter", "Filter by title, stage, status or ID", in_line=True),
    Key("escape", "", "view.back", "Back", "Close details, filter or marks"),
    Key("s", "", "view.sort", "Sort", "Sort by the next column"),
    Key("S", "", "view.reverse", "Reverse", "Reverse the order"),
    Key("c", "", "view.columns", "Columns", "Choose the columns"),
    Key("z", "", "view.layout", "Layout", "Layout: auto, compact, full"),
    Key("t", "", "view.theme", "Theme", "Choose the colours"),
    Key("e", "", "view.log", "Events", "Show what has happened"),
    Key("space", "", "mark.toggle", "Mark", "Mark, and go on to the next"),
    Key("V", "", "mark.range", "Mark range", "Mark from the last mark to here"),
    Key("asterisk", "", "mark.all", "Mark all", "Mark all that are shown"),
    Key("y", "", "copy.id", "Copy ID", "Copy the job's ID"),
    Key("Y", "", "copy.json", "Copy JSON", "Copy the job as JSON"),
)
"""Keys that change nothing but how the list is seen."""

JOBS: tuple[Key, ...] = (
    Key("a", "", "jobs.add", "Add", "Add jobs by their IDs (or paste them anywhere)", in_line=True),
    Key("x", "", "jobs.cancel", "Cancel", "Cancel the marked jobs, else this one", in_line=True),
    Key("d,delete", "", "jobs.remove", "Remove", "Take off the list; the job goes on", in_line=True),
    Key("D", "", "jobs.clean", "Remove finished", "Remove all finished jobs"),
    Key("u", "", "jobs.undo", "Undo", "Put back what was removed last"),
    Key("m", "", "jobs.mute", "Mute", "No toast and bell for this job, or again"),
    Key("r", "", "poll.one", "Refresh", "Ask for this job now"),
    Key("R", "", "poll.all", "Refresh all", "Ask for all unfinished jobs"),
    Key("p", "", "poll.pause", "Pause", "Pause polling, or go on"),
    Key("plus", "", "poll.slower", "Slower", "Ask less often"),
    Key("minus", "", "poll.faster", "Faster", "Ask more often"),
    Key("L", "", "app.login", "Login", "Sign in with another token"),
    Key("colon,ctrl+p", "app.command_palette", "app.palette", "Palette", "All commands and jobs"),
    Key("question_mark,f1", "", "app.help", "Help", "All keys", in_line=True),
    Key("o", "app.demo", "app.demo", "Demo", "Go on with the demo"),
    Key("q", "app.quit", "app.quit", "Quit", "Quit; jobs keep running", in_line=True),
)
"""Keys that do something to jobs, or to the program."""

EXPORTS = (
    ("Export list as JSON", "export.list_json", "Write the jobs that are shown to a file here"),
    ("Export list as CSV", "export.list_csv", "Write the jobs that are shown to a spreadsheet file here"),
    ("Export history as JSON", "export.history_json", "Write how each job that is shown went to a file here"),
    (
        "Export history as CSV",
        "export.history_csv",
        "Write how each job that is shown went to a spreadsheet file here",
    ),
)
"""Commands without a key: name, action ID, and what they do."""

NOT_IN_PALETTE = ("app.palette", "view.back", "mark.toggle")
"""Keys that make no sense as a command."""

_SECTIONS = {
    "jobs": "Jobs",
    "mark": "Marks",
    "table": "Move",
    "view": "View",
    "poll": "Refresh",
    "copy": "Copy",
    "app": "dwtop",
}


def help_of(active: "Mapping[str, ActiveBinding]", *, plain: bool = False) -> tuple[HelpSection, ...]:
    """The help, from the keys that work now.

    Args:
        active: Textual's active bindings, by key.
        plain: Whether it is to be ASCII alone.
    """
    by_id: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for key, entry in active.items():
        binding = entry.binding
        section = (binding.id or "").partition(".")[0]
        if binding.id and section in _SECTIONS:
            by_id.setdefault(binding.id, []).append(key)
            texts[binding.id] = binding.tooltip or binding.description
    return tuple(
        HelpSection(
            title,
            tuple(
                KeyHelp(key_names(found, plain=plain), texts[name])
                for name, found in by_id.items()
                if name.partition(".")[0] == section
            ),
        )
        for section, title in _SECTIONS.items()
        if any(name.partition(".")[0] == section for name in by_id)
    )


def key_names(found: Iterable[str], *, plain: bool = False) -> str:
    """Keys as people write them.

    Args:
        found: Textual's names of the keys.
        plain: Whether it is to be ASCII alone.
    """
    return " ".join(key_name(key, plain=plain) for key in found)


def key_of(action: str, remapped: Mapping[str, str]) -> str:
    """The first key of an action, as people write it.

    Args:
        action: Its ID.
        remapped: The keys that the settings give to actions, by ID, with commas between them.
    """
    return keys_of(action, remapped)[0]


def keys_of(action: str, remapped: Mapping[str, str]) -> list[str]:
    """All keys of an action, as people write them.

    Args:
        action: Its ID.
        remapped: As in `key_of`.
    """
    keys = remapped.get(action) or next(key.keys for key in (*APP, *VIEW, *JOBS, *TABLE) if key.id == action)
    return [key_name(key.strip()) for key in keys.split(",")]
