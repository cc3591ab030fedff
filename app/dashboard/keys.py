"""The keys of the main screen, each with the ID by which it can be given others, and the help made from them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from widgets.keys import Key, key_name
from widgets.model import HelpSection, KeyHelp

if TYPE_CHECKING:
    from textual.binding import ActiveBinding


APP: tuple[Key, ...] = (
    Key("ctrl+c", "quit", "app.leave", "Quit", "Quit; jobs keep running", priority=True),
    Key("ctrl+z", "suspend_process", "app.suspend", "Suspend", "Back to the shell; fg returns"),
)
"""Keys that work everywhere, even in a text field."""

VIEW: tuple[Key, ...] = (
    Key("enter", "details", "view.details", "Details", "Open or close the details", in_line=True),
    Key("slash", "filter", "view.filter", "Filter", "Filter by title, stage, status or ID", in_line=True),
    Key("escape", "back", "view.back", "Back", "Close details, filter or marks"),
    Key("s", "sort_next", "view.sort", "Sort", "Sort by the next column"),
    Key("S", "sort_reverse", "view.reverse", "Reverse", "Reverse the order"),
    Key("c", "columns", "view.columns", "Columns", "Choose the columns"),
    Key("z", "layout", "view.layout", "Layout", "Layout: auto, compact, full"),
    Key("t", "theme", "view.theme", "Theme", "Choose the colours"),
    Key("e", "log", "view.log", "Events", "Show what has happened"),
    Key("space", "mark", "mark.toggle", "Mark", "Mark, and go on to the next"),
    Key("V", "mark_range", "mark.range", "Mark range", "Mark from the last mark to here"),
    Key("asterisk", "mark_all", "mark.all", "Mark all", "Mark all that are shown"),
    Key("y", "copy_id", "copy.id", "Copy ID", "Copy the job's ID"),
    Key("Y", "copy_json", "copy.json", "Copy JSON", "Copy the job as JSON"),
)
"""Keys that change nothing but how the list is seen."""

JOBS: tuple[Key, ...] = (
    Key("a", "add", "jobs.add", "Add", "Add jobs by their IDs (or paste them anywhere)", in_line=True),
    Key("x", "cancel", "jobs.cancel", "Cancel", "Cancel the marked jobs, else this one", in_line=True),
    Key("d,delete", "remove", "jobs.remove", "Remove", "Take off the list; the job goes on", in_line=True),
    Key("D", "remove_finished", "jobs.clean", "Remove finished", "Remove all finished jobs"),
    Key("u", "undo", "jobs.undo", "Undo", "Put back what was removed last"),
    Key("m", "mute", "jobs.mute", "Mute", "No toast and bell for this job, or again"),
    Key("r", "refresh", "poll.one", "Refresh", "Ask for this job now"),
    Key("R", "refresh_all", "poll.all", "Refresh all", "Ask for all unfinished jobs"),
    Key("p", "pause", "poll.pause", "Pause", "Pause polling, or go on"),
    Key("plus", "interval(1)", "poll.slower", "Slower", "Ask less often"),
    Key("minus", "interval(-1)", "poll.faster", "Faster", "Ask more often"),
    Key("L", "login", "app.login", "Login", "Sign in with another token"),
    Key("colon,ctrl+p", "app.command_palette", "app.palette", "Palette", "All commands and jobs"),
    Key("question_mark,f1", "help", "app.help", "Help", "All keys", in_line=True),
    Key("o", "app.demo", "app.demo", "Demo", "Go on with the demo"),
    Key("q", "app.quit", "app.quit", "Quit", "Quit; jobs keep running", in_line=True),
)
"""Keys that do something to jobs, or to the program."""

EXPORTS = (
    ("Export list as JSON", "export('json', False)", "Write the jobs that are shown to a file here"),
    (
        "Export list as CSV",
        "export('csv', False)",
        "Write the jobs that are shown to a spreadsheet file here",
    ),
    (
        "Export history as JSON",
        "export('json', True)",
        "Write how each job that is shown went to a file here",
    ),
    (
        "Export history as CSV",
        "export('csv', True)",
        "Write how each job that is shown went to a spreadsheet file here",
    ),
)
"""Commands without a key: what they are called, their action on the main screen, and what they do."""

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
    keys = remapped.get(action) or next(key.keys for key in (*APP, *VIEW, *JOBS) if key.id == action)
    return key_name(keys.partition(",")[0].strip())
