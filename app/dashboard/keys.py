"""The keys of the main screen, each with the ID by which it can be given others, and the help made from them."""

from collections.abc import Iterable, Mapping

from textual.binding import ActiveBinding, Binding, BindingType

from widgets.model import HelpSection, KeyHelp


def _key(
    keys: str, action: str, id: str, name: str, does: str, *, in_line: bool = False, priority: bool = False
) -> Binding:
    """A key.

    Args:
        keys: Textual's names of the keys, with commas between them.
        action: What it calls.
        id: The action's ID, by which it can be given other keys.
        name: The action's name in a word or two.
        does: What it does, for the help.
        in_line: Whether it stands in the line of keys.
        priority: Whether it goes before a focused text field.
    """
    return Binding(keys, action, name, show=in_line, priority=priority, tooltip=does, id=id)


APP: list[BindingType] = [
    _key("ctrl+c", "quit", "app.leave", "Quit", "Quit; jobs keep running", priority=True),
    _key("ctrl+z", "suspend_process", "app.suspend", "Suspend", "Back to the shell; fg returns"),
]
"""Keys that work everywhere, even in a text field."""

VIEW: list[BindingType] = [
    _key("enter", "details", "view.details", "Details", "Open or close the details", in_line=True),
    _key("slash", "filter", "view.filter", "Filter", "Filter by title, stage, status or ID", in_line=True),
    _key("escape", "back", "view.back", "Back", "Close details, filter or marks"),
    _key("s", "sort_next", "view.sort", "Sort", "Sort by the next column"),
    _key("S", "sort_reverse", "view.reverse", "Reverse", "Reverse the order"),
    _key("c", "columns", "view.columns", "Columns", "Choose the columns"),
    _key("z", "layout", "view.layout", "Layout", "Layout: auto, compact, full"),
    _key("t", "theme", "view.theme", "Theme", "Choose the colours"),
    _key("e", "log", "view.log", "Events", "Show what has happened"),
    _key("space", "mark", "mark.toggle", "Mark", "Mark, and go on to the next"),
    _key("V", "mark_range", "mark.range", "Mark range", "Mark from the last mark to here"),
    _key("asterisk", "mark_all", "mark.all", "Mark all", "Mark all that are shown"),
    _key("y", "copy_id", "copy.id", "Copy ID", "Copy the job's ID"),
    _key("Y", "copy_json", "copy.json", "Copy JSON", "Copy the job as JSON"),
]
"""Keys that change nothing but how the list is seen."""

JOBS: list[BindingType] = [
    _key("a", "add", "jobs.add", "Add", "Add jobs by their IDs (or paste them anywhere)", in_line=True),
    _key("x", "cancel", "jobs.cancel", "Cancel", "Cancel the marked jobs, else this one", in_line=True),
    _key("d,delete", "remove", "jobs.remove", "Remove", "Take off the list; the job goes on", in_line=True),
    _key("D", "remove_finished", "jobs.clean", "Remove finished", "Remove all finished jobs"),
    _key("u", "undo", "jobs.undo", "Undo", "Put back what was removed last"),
    _key("m", "mute", "jobs.mute", "Mute", "No toast and bell for this job, or again"),
    _key("r", "refresh", "poll.one", "Refresh", "Ask for this job now"),
    _key("R", "refresh_all", "poll.all", "Refresh all", "Ask for all unfinished jobs"),
    _key("p", "pause", "poll.pause", "Pause", "Pause polling, or go on"),
    _key("plus", "interval(1)", "poll.slower", "Slower", "Ask less often"),
    _key("minus", "interval(-1)", "poll.faster", "Faster", "Ask more often"),
    _key("L", "login", "app.login", "Login", "Sign in with another token"),
    _key("colon,ctrl+p", "app.command_palette", "app.palette", "Palette", "All commands and jobs"),
    _key("question_mark,f1", "help", "app.help", "Help", "All keys", in_line=True),
    _key("o", "app.demo", "app.demo", "Demo", "Go on with the demo"),
    _key("q", "app.quit", "app.quit", "Quit", "Quit; jobs keep running", in_line=True),
]
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

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "asterisk": "*",
    "escape": "Esc",
    "enter": "Enter",
    "space": "space",
    "delete": "Delete",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "colon": ":",
}

_PLAIN_NAMES = {"up": "Up", "down": "Down"}


def help_of(active: Mapping[str, ActiveBinding], *, plain: bool = False) -> tuple[HelpSection, ...]:
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
    return " ".join(_PLAIN_NAMES.get(key, _key_name(key)) if plain else _key_name(key) for key in found)


def key_of(action: str, remapped: Mapping[str, str]) -> str:
    """The first key of an action, as people write it.

    Args:
        action: Its ID.
        remapped: The keys that the settings give to actions, by ID, with commas between them.
    """
    keys = remapped.get(action) or next(
        binding.key
        for binding in (*APP, *VIEW, *JOBS)
        if isinstance(binding, Binding) and binding.id == action
    )
    return _key_name(keys.partition(",")[0].strip())


def _key_name(key: str) -> str:
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key[5:]}"
    return key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else key
