"""All keys, and the action that each of them runs by default. Importing this does not import Textual.

Every action has an ID by which the settings can give it other keys.
"""

import string
import unicodedata
from typing import NamedTuple


class Key(NamedTuple):
    """An action and its default keys."""

    keys: str  # Textual's names, with commas between them; empty for an action that only the palette runs
    id: str
    name: str  # in a word or two
    tooltip: str  # what it does, for the help and the documentation
    action: str = ""  # the Textual action; empty for one that the main screen runs by its ID
    priority: bool = False  # whether it takes priority over a focused text field


APP: tuple[Key, ...] = (
    Key("ctrl+c", "app.leave", "Quit", "Quit; jobs keep running", "app.quit", priority=True),
    Key("ctrl+z", "app.suspend", "Suspend", "Suspend (fg resumes)", "app.suspend_process"),
    Key("ctrl+l", "view.redraw", "Redraw", "Draw the screen again", "app.redraw"),
)
"""Keys that work everywhere, even in a text field."""

VIEW: tuple[Key, ...] = (
    Key("enter", "view.details", "Details", "Open or close the details"),
    Key("right", "view.open", "Open details", "Open the details"),
    Key("left", "view.close", "Close details", "Close the details"),
    Key("slash", "view.filter", "Filter", "Filter by title, stage, status or ID"),
    Key("escape", "view.back", "Back", "Close details, filter or marks"),
    Key("s", "view.sort", "Sort", "Sort by the next column"),
    Key("S", "view.reverse", "Reverse", "Reverse the order"),
    Key("c", "view.columns", "Columns", "Choose the columns"),
    Key("z", "view.layout", "Layout", "Layout: auto, compact, full"),
    Key("t", "view.theme", "Theme", "Choose a theme", "app.change_theme"),
    Key("e", "view.log", "Events", "Show recent events"),
    Key("space", "mark.toggle", "Mark", "Mark and move down"),
    Key("V", "mark.range", "Mark range", "Mark from the last mark to here"),
    Key("asterisk", "mark.all", "Mark all", "Mark all shown"),
    Key("y", "copy.id", "Copy ID", "Copy the job's ID"),
    Key("Y", "copy.json", "Copy JSON", "Copy the job as JSON"),
)
"""Keys that change only how the list is seen."""

JOBS: tuple[Key, ...] = (
    Key("a", "jobs.add", "Add", "Add jobs by ID (or paste anywhere)"),
    Key("A", "jobs.mine", "My jobs", "Add your own jobs, from the API's list"),
    Key("o", "jobs.open", "Open", "Open the finished document"),
    Key("x", "jobs.cancel", "Cancel", "Cancel the marked jobs, or this one"),
    Key("d,delete", "jobs.remove", "Remove", "Remove from this list (the job keeps running)"),
    Key("D", "jobs.clean", "Remove finished", "Remove all finished jobs"),
    Key("u", "jobs.undo", "Undo", "Undo the last removal"),
    Key("m", "jobs.mute", "Mute", "Mute or unmute this job"),
    Key("r", "poll.one", "Refresh", "Refresh this job"),
    Key("R,f5", "poll.all", "Refresh all", "Refresh all unfinished jobs"),
    Key("p", "poll.pause", "Pause", "Pause or resume"),
    Key("plus", "poll.slower", "Slower", "Refresh less often"),
    Key("minus", "poll.faster", "Faster", "Refresh more often"),
    Key("L", "app.login", "Sign in", "Sign in with a different token"),
    Key("colon,ctrl+p", "app.palette", "Palette", "All commands and jobs", "app.command_palette"),
    Key("question_mark,f1", "app.help", "Help", "All keys"),
    Key("q", "app.quit", "Quit", "Quit; jobs keep running", "app.quit"),
)
"""Keys for jobs, polling and the program."""

MAIN = (*VIEW, *JOBS)
"""All keys of the main screen itself, without those of its widgets."""

EXPORTS: tuple[Key, ...] = (
    Key("", "export.list_json", "Export list as JSON", "Export the list as JSON"),
    Key("", "export.list_csv", "Export list as CSV", "Export the list as CSV"),
    Key("", "export.history_json", "Export history as JSON", "Export the history as JSON"),
    Key("", "export.history_csv", "Export history as CSV", "Export the history as CSV"),
)
"""Actions without a key."""

NOT_IN_PALETTE = ("app.palette", "app.leave", "view.back", "view.open", "view.close", "mark.toggle")
"""Actions that make no sense as commands of the palette."""

TABLE = (
    Key("down,j", "table.down", "Down", "Next job", "move(1)"),
    Key("up,k", "table.up", "Up", "Previous job", "move(-1)"),
    Key("home,g", "table.top", "Top", "First job", "ends(False)"),
    Key("end,G", "table.bottom", "End", "Last job", "ends(True)"),
    Key("pagedown", "table.page_down", "Page down", "One page down", "page(1, 1)"),
    Key("pageup", "table.page_up", "Page up", "One page up", "page(-1, 1)"),
    Key("ctrl+d", "table.half_page_down", "Half page down", "Half a page down", "page(1, 2)"),
    Key("ctrl+u", "table.half_page_up", "Half page up", "Half a page up", "page(-1, 2)"),
)

DETAIL = (
    Key("down,j", "detail.down", "Down", "Scroll down", "scroll_by(1)"),
    Key("up,k", "detail.up", "Up", "Scroll up", "scroll_by(-1)"),
    Key("home,g", "detail.top", "Top", "To the top", "scroll_ends(False)"),
    Key("end,G", "detail.end", "End", "To the end", "scroll_ends(True)"),
    Key("pagedown", "detail.page_down", "Page down", "One page down", "scroll_pages(1)"),
    Key("pageup", "detail.page_up", "Page up", "One page up", "scroll_pages(-1)"),
    Key("ctrl+d", "detail.half_down", "Half page down", "Half a page down", "scroll_pages(0.5)"),
    Key("ctrl+u", "detail.half_up", "Half page up", "Half a page up", "scroll_pages(-0.5)"),
)

FILTER = (
    Key("enter", "filter.keep", "Keep", "Keep the filter"),
    Key("escape", "filter.clear", "Clear", "Show all jobs again"),
)

ADD = (
    Key("enter", "add.accept", "Add", "Add the new jobs", "accept", priority=True),
    Key("escape", "add.close", "Close", "Add nothing", "close"),
)

MY_JOBS = (
    Key("enter", "my_jobs.accept", "Add", "Add the chosen jobs", "accept", priority=True),
    Key("space", "my_jobs.switch", "Choose", "Choose this job, or not", "switch", priority=True),
    Key("asterisk", "my_jobs.switch_all", "All", "Choose all shown, or none", "switch_all", priority=True),
    Key("down", "my_jobs.down", "Down", "Next job", "step(1)"),
    Key("up", "my_jobs.up", "Up", "Previous job", "step(-1)"),
    Key("pagedown", "my_jobs.page_down", "Page down", "One page down", "page(1)"),
    Key("pageup", "my_jobs.page_up", "Page up", "One page up", "page(-1)"),
    Key("escape", "my_jobs.close", "Close", "Show all again, or add nothing", "close"),
)

PRESS = (Key("enter", "dialog.press", "Press", "Press the button, or enter the number", "press"),)

CANCEL = (
    Key("escape,n", "cancel.keep", "Keep running", "Let the jobs run", "keep"),
    Key("y", "cancel.send", "Cancel", "Cancel the jobs", "send"),
    Key("tab,right", "cancel.next", "Next button", "Next button", "step(1)"),
    Key("shift+tab,left", "cancel.previous", "Previous button", "Previous button", "step(-1)"),
    Key("down,j", "cancel.down", "Down", "Scroll down", "scroll_by(1)"),
    Key("up,k", "cancel.up", "Up", "Scroll up", "scroll_by(-1)"),
    Key("pagedown", "cancel.page_down", "Page down", "One page down", "scroll_pages(1)"),
    Key("pageup", "cancel.page_up", "Page up", "One page up", "scroll_pages(-1)"),
)

COLUMNS = (
    Key("escape", "columns.close", "Close", "Change nothing", "close"),
    Key("enter", "columns.accept", "Show these", "Show these columns", "accept", priority=True),
    Key("space", "columns.switch", "Switch", "Show or hide this column", "switch"),
    Key("j", "columns.down", "Down", "Next column", "step(1)"),
    Key("k", "columns.up", "Up", "Previous column", "step(-1)"),
)

SCROLLING = (
    Key("j,down", "dialog.down", "Down", "Scroll down", "scroll_by(1)"),
    Key("k,up", "dialog.up", "Up", "Scroll up", "scroll_by(-1)"),
    Key("pagedown,space,ctrl+d", "dialog.page_down", "Page down", "One page down", "scroll_pages(1)"),
    Key("pageup,ctrl+u", "dialog.page_up", "Page up", "One page up", "scroll_pages(-1)"),
    Key("home,g", "dialog.top", "Top", "To the top", "scroll_ends(False)"),
    Key("end,G", "dialog.end", "End", "To the end", "scroll_ends(True)"),
)

HELP = (Key("escape,q,question_mark,f1", "help.close", "Close", "Close the help", "close"),)

LOG = (Key("escape,q,e", "log.close", "Close", "Close the event log", "close"),)

LOGIN = (
    Key("escape", "login.close", "Close", "Change nothing", "close"),
    Key("f2", "login.kind", "Token or key", "Token or API key", "switch_kind", priority=True),
    Key("f3", "login.keep", "Keep", "Remember it on this machine, or not", "switch_keep", priority=True),
)

LOGIN_FIELD = (Key("enter", "login.accept", "Sign in", "Sign in with the token", "submit"),)

_RENAMED = {
    "plus_sign": "plus",
    "hyphen_minus": "minus",
    "solidus": "slash",
    "commercial_at": "at",
    "reverse_solidus": "backslash",
    "low_line": "underscore",
}


def name_of_character(character: str) -> str:
    """Textual's name of the key that types a character other than a letter or digit; empty if there is none."""
    name = unicodedata.name(character, "").lower().replace(" ", "_").replace("-", "_")
    return _RENAMED.get(name, name)


CHARACTERS = {name_of_character(character): character for character in string.punctuation}
"""ASCII punctuation, by Textual's names of the keys."""

_SHOWN = {
    **{name: name.capitalize() for name in ("enter", "tab", "backspace", "insert", "delete", "home", "end")},
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "\N{UPWARDS ARROW}",
    "down": "\N{DOWNWARDS ARROW}",
    "left": "\N{LEFTWARDS ARROW}",
    "right": "\N{RIGHTWARDS ARROW}",
    **CHARACTERS,
}

_SHOWN_PLAIN = {"up": "Up", "down": "Down", "left": "Left", "right": "Right"}


def key_name(key: str, *, plain: bool = False) -> str:
    """The display name of a key, given Textual's name; `plain` for ASCII characters only."""
    *modifiers, base = key.split("+")
    shown = (plain and _SHOWN_PLAIN.get(base)) or _SHOWN.get(base, base)
    if base[:1] == "f" and base[1:].isdigit():
        shown = base.upper()
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])
