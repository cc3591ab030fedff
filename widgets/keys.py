"""The one table of keys: which action each key runs, by default. Importing this needs no Textual.

Every action has an ID by which the settings can give it other keys.
"""

from typing import NamedTuple


class Key(NamedTuple):
    """An action and its default keys.

    Attributes:
        keys: Textual's names of the keys, with commas between them; empty for an action that only the palette runs.
        action: The Textual action; empty for one that the main screen runs by its ID.
        id: The action's ID.
        name: The action's name in a word or two.
        tooltip: What it does, for the help and the documentation.
        in_line: Whether the key line shows it.
        priority: Whether it takes priority over a focused text field.
    """

    keys: str
    action: str
    id: str
    name: str
    tooltip: str
    in_line: bool = False
    priority: bool = False


APP: tuple[Key, ...] = (
    Key("ctrl+c", "quit", "app.leave", "Quit", "Quit; jobs keep running", priority=True),
    Key("ctrl+z", "suspend_process", "app.suspend", "Suspend", "Suspend (fg resumes)"),
)
"""Keys that work everywhere, even in a text field."""

VIEW: tuple[Key, ...] = (
    Key("enter", "", "view.details", "Details", "Open or close the details", in_line=True),
    Key("right", "", "view.open", "Open details", "Open the details"),
    Key("left", "", "view.close", "Close details", "Close the details"),
    Key("slash", "", "view.filter", "Filter", "Filter by title, stage, status or ID", in_line=True),
    Key("escape", "", "view.back", "Back", "Close details, filter or marks"),
    Key("s", "", "view.sort", "Sort", "Sort by the next column"),
    Key("S", "", "view.reverse", "Reverse", "Reverse the order"),
    Key("c", "", "view.columns", "Columns", "Choose the columns"),
    Key("z", "", "view.layout", "Layout", "Layout: auto, compact, full"),
    Key("t", "", "view.theme", "Theme", "Choose a theme"),
    Key("ctrl+l", "", "view.redraw", "Redraw", "Draw the screen again"),
    Key("e", "", "view.log", "Events", "Show recent events"),
    Key("space", "", "mark.toggle", "Mark", "Mark and move down"),
    Key("V", "", "mark.range", "Mark range", "Mark from the last mark to here"),
    Key("asterisk", "", "mark.all", "Mark all", "Mark all shown"),
    Key("y", "", "copy.id", "Copy ID", "Copy the job's ID"),
    Key("Y", "", "copy.json", "Copy JSON", "Copy the job as JSON"),
)
"""Keys that change only how the list is seen."""

JOBS: tuple[Key, ...] = (
    Key("a", "", "jobs.add", "Add", "Add jobs by ID (or paste anywhere)", in_line=True),
    Key("A", "", "jobs.mine", "My jobs", "Add your own jobs, from the API's list"),
    Key("o", "", "jobs.open", "Open", "Open the finished document"),
    Key("x", "", "jobs.cancel", "Cancel", "Cancel the marked jobs, or this one", in_line=True),
    Key(
        "d,delete", "", "jobs.remove", "Remove", "Remove from this list (the job keeps running)", in_line=True
    ),
    Key("D", "", "jobs.clean", "Remove finished", "Remove all finished jobs"),
    Key("u", "", "jobs.undo", "Undo", "Undo the last removal"),
    Key("m", "", "jobs.mute", "Mute", "Mute or unmute this job"),
    Key("r", "", "poll.one", "Refresh", "Refresh this job"),
    Key("R,f5", "", "poll.all", "Refresh all", "Refresh all unfinished jobs"),
    Key("p", "", "poll.pause", "Pause", "Pause or resume"),
    Key("plus", "", "poll.slower", "Slower", "Refresh less often"),
    Key("minus", "", "poll.faster", "Faster", "Refresh more often"),
    Key("L", "", "app.login", "Login", "Sign in with a different token"),
    Key("colon,ctrl+p", "app.command_palette", "app.palette", "Palette", "All commands and jobs"),
    Key("question_mark,f1", "", "app.help", "Help", "All keys", in_line=True),
    Key("q", "app.quit", "app.quit", "Quit", "Quit; jobs keep running", in_line=True),
)
"""Keys for jobs, polling and the program."""

MAIN = (*VIEW, *JOBS)
"""All keys of the main screen itself, without those of its widgets."""

EXPORTS: tuple[Key, ...] = (
    Key("", "", "export.list_json", "Export list as JSON", "Export the list to a JSON file"),
    Key("", "", "export.list_csv", "Export list as CSV", "Export the list to a CSV file"),
    Key(
        "",
        "",
        "export.history_json",
        "Export history as JSON",
        "Export the history of all jobs to a JSON file",
    ),
    Key(
        "", "", "export.history_csv", "Export history as CSV", "Export the history of all jobs to a CSV file"
    ),
)
"""Actions without a key."""

NOT_IN_PALETTE = ("app.palette", "view.back", "view.open", "view.close", "mark.toggle")
"""Actions that make no sense as a command."""

TABLE = (
    Key("down,j", "move(1)", "table.down", "Down", "Next job"),
    Key("up,k", "move(-1)", "table.up", "Up", "Previous job"),
    Key("home,g", "top", "table.top", "Top", "First job"),
    Key("end,G", "bottom", "table.bottom", "End", "Last job"),
    Key("pagedown", "page(1, 1)", "table.page_down", "Page down", "One page down"),
    Key("pageup", "page(-1, 1)", "table.page_up", "Page up", "One page up"),
    Key("ctrl+d", "page(1, 2)", "table.half_page_down", "Half page down", "Half a page down"),
    Key("ctrl+u", "page(-1, 2)", "table.half_page_up", "Half page up", "Half a page up"),
)

DETAIL = (
    Key("down,j", "scroll_by(1)", "detail.down", "Down", "Scroll down"),
    Key("up,k", "scroll_by(-1)", "detail.up", "Up", "Scroll up"),
    Key("home,g", "scroll_ends(False)", "detail.top", "Top", "To the top"),
    Key("end,G", "scroll_ends(True)", "detail.end", "End", "To the end"),
    Key("pagedown", "scroll_pages(1)", "detail.page_down", "Page down", "One page down"),
    Key("pageup", "scroll_pages(-1)", "detail.page_up", "Page up", "One page up"),
    Key("ctrl+d", "scroll_pages(0.5)", "detail.half_down", "Half page down", "Half a page down"),
    Key("ctrl+u", "scroll_pages(-0.5)", "detail.half_up", "Half page up", "Half a page up"),
)

FILTER = (
    Key("enter", "submit", "filter.keep", "Keep", "Keep the filter", in_line=True),
    Key("escape", "screen.run('view.back')", "filter.clear", "Clear", "Show all jobs again", in_line=True),
)

ADD = (
    Key("enter", "accept", "add.accept", "Add", "Add the new jobs"),
    Key("escape", "close", "add.close", "Close", "Add nothing"),
)

MY_JOBS = (
    Key("enter", "accept", "my_jobs.accept", "Add", "Add the chosen jobs", priority=True),
    Key("space", "switch", "my_jobs.switch", "Choose", "Choose this job, or not", priority=True),
    Key("asterisk", "switch_all", "my_jobs.switch_all", "All", "Choose all shown, or none", priority=True),
    Key("down", "step(1)", "my_jobs.down", "Down", "Next job"),
    Key("up", "step(-1)", "my_jobs.up", "Up", "Previous job"),
    Key("pagedown", "page(1)", "my_jobs.page_down", "Page down", "One page down"),
    Key("pageup", "page(-1)", "my_jobs.page_up", "Page up", "One page up"),
    Key("escape", "close", "my_jobs.close", "Close", "Show all again, or add nothing"),
)

PRESS = (Key("enter", "press", "dialog.press", "Press", "Press the button, or enter the number"),)

CANCEL = (
    Key("escape,n", "keep", "cancel.keep", "Keep running", "Let the jobs run"),
    Key("y", "send", "cancel.send", "Cancel", "Cancel the jobs"),
    Key("tab,right", "step(1)", "cancel.next", "Next button", "Next button"),
    Key("shift+tab,left", "step(-1)", "cancel.previous", "Previous button", "Previous button"),
    Key("down,j", "scroll_by(1)", "cancel.down", "Down", "Scroll down"),
    Key("up,k", "scroll_by(-1)", "cancel.up", "Up", "Scroll up"),
    Key("pagedown", "scroll_pages(1)", "cancel.page_down", "Page down", "One page down"),
    Key("pageup", "scroll_pages(-1)", "cancel.page_up", "Page up", "One page up"),
)

COLUMNS = (
    Key("escape", "close", "columns.close", "Close", "Change nothing"),
    Key("enter", "accept", "columns.accept", "Show these", "Show these columns", priority=True),
    Key("space", "switch", "columns.switch", "Switch", "Show this column, or not"),
    Key("j", "step(1)", "columns.down", "Down", "Next column"),
    Key("k", "step(-1)", "columns.up", "Up", "Previous column"),
)

SCROLLING = (
    Key("j,down", "scroll_by(1)", "dialog.down", "Down", "Scroll down"),
    Key("k,up", "scroll_by(-1)", "dialog.up", "Up", "Scroll up"),
    Key("pagedown,space,ctrl+d", "scroll_pages(1)", "dialog.page_down", "Page down", "One page down"),
    Key("pageup,ctrl+u", "scroll_pages(-1)", "dialog.page_up", "Page up", "One page up"),
    Key("home,g", "scroll_ends(False)", "dialog.top", "Top", "To the top"),
    Key("end,G", "scroll_ends(True)", "dialog.end", "End", "To the end"),
)

HELP = (Key("escape,q,question_mark,f1", "close", "help.close", "Close", "Close the help"),)

LOG = (Key("escape,q,e", "close", "log.close", "Close", "Close the event log"),)

LOGIN = (
    Key("escape", "close", "login.close", "Close", "Change nothing"),
    Key("f2", "switch_kind", "login.kind", "Token or key", "Token or API key", priority=True),
    Key("f3", "switch_keep", "login.keep", "Keep", "Keep it for later runs, or not", priority=True),
)

LOGIN_FIELD = (Key("enter", "submit", "login.accept", "Sign in", "Sign in with the token"),)

CHARACTERS = {
    "exclamation_mark": "!",
    "quotation_mark": '"',
    "number_sign": "#",
    "dollar_sign": "$",
    "percent_sign": "%",
    "ampersand": "&",
    "apostrophe": "'",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "asterisk": "*",
    "plus": "+",
    "comma": ",",
    "minus": "-",
    "full_stop": ".",
    "slash": "/",
    "colon": ":",
    "semicolon": ";",
    "less_than_sign": "<",
    "equals_sign": "=",
    "greater_than_sign": ">",
    "question_mark": "?",
    "at": "@",
    "left_square_bracket": "[",
    "backslash": "\\",
    "right_square_bracket": "]",
    "circumflex_accent": "^",
    "underscore": "_",
    "grave_accent": "`",
    "left_curly_bracket": "{",
    "vertical_line": "|",
    "right_curly_bracket": "}",
    "tilde": "~",
}
"""ASCII punctuation, by Textual's names of the keys."""

_SHOWN = {
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "backspace": "Backspace",
    "insert": "Insert",
    "delete": "Delete",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "\N{UPWARDS ARROW}",
    "down": "\N{DOWNWARDS ARROW}",
    "left": "\N{LEFTWARDS ARROW}",
    "right": "\N{RIGHTWARDS ARROW}",
    **CHARACTERS,
}

_SHOWN_PLAIN = {"up": "Up", "down": "Down", "left": "Left", "right": "Right"}


def key_name(key: str, *, plain: bool = False) -> str:
    """Return the display name of a key.

    Args:
        key: Textual's name for it.
        plain: Whether to use ASCII characters only.
    """
    *modifiers, base = key.split("+")
    shown = (plain and _SHOWN_PLAIN.get(base)) or _SHOWN.get(base, base)
    if base[:1] == "f" and base[1:].isdigit():
        shown = base.upper()
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])
