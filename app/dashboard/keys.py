"""The keys of the main screen, each with the ID by which it can be given others, and the help made from them."""

from collections.abc import Iterable, Mapping

from textual.binding import ActiveBinding, Binding, BindingType

from widgets.model import HelpSection, KeyHelp

APP: list[BindingType] = [
    Binding(
        "ctrl+c", "quit", "Quit", tooltip="Quit; jobs keep running", show=False, priority=True, id="app.leave"
    ),
    Binding(
        "ctrl+z",
        "suspend_process",
        "Suspend",
        tooltip="Back to the shell; fg returns",
        show=False,
        id="app.suspend",
    ),
]
"""Keys that work everywhere, even in a text field."""

VIEW: list[BindingType] = [
    Binding(
        "enter",
        "details",
        "Details",
        key_display="Enter",
        tooltip="Open or close the details",
        id="view.details",
    ),
    Binding("slash", "filter", "Filter", tooltip="Filter by title, stage, status or ID", id="view.filter"),
    Binding("escape", "back", "Back", tooltip="Close details, filter or marks", show=False, id="view.back"),
    Binding("s", "sort_next", "Sort", tooltip="Sort by the next column", show=False, id="view.sort"),
    Binding("S", "sort_reverse", "Reverse", tooltip="Reverse the order", show=False, id="view.reverse"),
    Binding("c", "columns", "Columns", tooltip="Choose the columns", show=False, id="view.columns"),
    Binding("z", "layout", "Layout", tooltip="Layout: auto, compact, full", show=False, id="view.layout"),
    Binding("t", "theme", "Theme", tooltip="Choose the colours", show=False, id="view.theme"),
    Binding("e", "log", "Events", tooltip="Show what has happened", show=False, id="view.log"),
    Binding("space", "mark", "Mark", tooltip="Mark, and go on to the next", show=False, id="mark.toggle"),
    Binding(
        "V",
        "mark_range",
        "Mark range",
        tooltip="Mark from the last mark to here",
        show=False,
        id="mark.range",
    ),
    Binding("asterisk", "mark_all", "Mark all", tooltip="Mark all that are shown", show=False, id="mark.all"),
    Binding("y", "copy_id", "Copy ID", tooltip="Copy the job's ID", show=False, id="copy.id"),
    Binding("Y", "copy_json", "Copy JSON", tooltip="Copy the job as JSON", show=False, id="copy.json"),
]
"""Keys that change nothing but how the list is seen."""

JOBS: list[BindingType] = [
    Binding("a", "add", "Add", tooltip="Add jobs by their IDs (or paste them anywhere)", id="jobs.add"),
    Binding("x", "cancel", "Cancel", tooltip="Cancel the marked jobs, else this one", id="jobs.cancel"),
    Binding("d,delete", "remove", "Remove", tooltip="Take off the list; the job goes on", id="jobs.remove"),
    Binding(
        "D",
        "remove_finished",
        "Remove finished",
        tooltip="Remove all finished jobs",
        show=False,
        id="jobs.clean",
    ),
    Binding("u", "undo", "Undo", tooltip="Put back what was removed last", show=False, id="jobs.undo"),
    Binding(
        "m", "mute", "Mute", tooltip="No toast and bell for this job, or again", show=False, id="jobs.mute"
    ),
    Binding("r", "refresh", "Refresh", tooltip="Ask for this job now", show=False, id="poll.one"),
    Binding(
        "R", "refresh_all", "Refresh all", tooltip="Ask for all unfinished jobs", show=False, id="poll.all"
    ),
    Binding("p", "pause", "Pause", tooltip="Pause polling, or go on", show=False, id="poll.pause"),
    Binding("plus", "interval(1)", "Slower", tooltip="Ask less often", show=False, id="poll.slower"),
    Binding("minus", "interval(-1)", "Faster", tooltip="Ask more often", show=False, id="poll.faster"),
    Binding("L", "login", "Login", tooltip="Sign in with another token", show=False, id="app.login"),
    Binding(
        "colon,ctrl+p",
        "app.command_palette",
        "Palette",
        tooltip="All commands and jobs",
        show=False,
        id="app.palette",
    ),
    Binding("question_mark,f1", "help", "Help", tooltip="All keys", id="app.help"),
    Binding("o", "app.demo", "Demo", tooltip="Go on with the demo", show=False, id="app.demo"),
    Binding("q", "app.quit", "Quit", tooltip="Quit; jobs keep running", id="app.quit"),
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


def next_interval(seconds: float, step: int, least: float, most: float) -> float:
    """The next longer or shorter interval on a ladder of round numbers.

    Args:
        seconds: The one now.
        step: 1 for longer, -1 for shorter.
        least: The shortest there is, in seconds.
        most: The longest.
    """
    ladder = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
    if step > 0:
        return min(most, next((rung for rung in ladder if rung > seconds), most))
    return max(least, next((rung for rung in reversed(ladder) if rung < seconds), least))


def _key_name(key: str) -> str:
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key[5:]}"
    return key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else key
