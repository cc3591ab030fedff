"""The content of the help: the keys that work now, in few words."""

from collections.abc import Iterable, Mapping

from app.presentation.keymap import key_names
from widgets.dialogs.model import HelpSection
from widgets.model import KeyHelp

_SECTIONS = {
    "Jobs": {
        "jobs.add": "add jobs, or paste",
        "jobs.mine": "add your own jobs",
        "jobs.open": "open the document",
        "jobs.cancel": "cancel this or marked",
        "jobs.remove": "remove from this list",
        "jobs.clean": "remove all finished",
        "jobs.undo": "undo a removal",
        "jobs.mute": "mute, or unmute",
        "copy.id copy.json": "copy ID, copy JSON",
    },
    "Select": {
        "mark.toggle": "mark and move down",
        "mark.range": "mark down to here",
        "mark.all": "mark all shown",
    },
    "Refresh": {
        "poll.one": "this job now",
        "poll.all": "all unfinished jobs",
        "poll.pause": "pause, or resume",
        "poll.slower poll.faster": "less, or more often",
    },
    "Look": {
        "view.details view.open view.close": "details",
        "view.filter": "filter",
        "view.sort view.reverse": "sort by, reverse",
        "view.columns view.layout": "columns, layout",
        "view.theme": "theme",
        "view.log": "events",
        "view.redraw": "draw again",
        "view.back": "one step back",
    },
    "Move": {
        "table.down table.up": "down, up",
        "table.top table.bottom": "first, last",
        "table.page_down table.page_up": "a page",
        "table.half_page_down table.half_page_up": "half a page",
    },
    "dwtop": {
        "app.palette": "all commands and jobs",
        "app.login": "sign in",
        "app.help": "these keys",
        "app.quit app.leave": "quit; jobs keep running",
        "app.suspend": "suspend",
    },
}
"""For each section the lines, by the IDs of the actions whose keys they show."""


def help_sections(active: Mapping[str, Iterable[str]], *, plain: bool = False) -> tuple[HelpSection, ...]:
    """The help for the keys that work now, named by action ID as Textual names them."""
    sections = []
    for title, texts in _SECTIONS.items():
        lines = []
        for actions, text in texts.items():
            names = [name for action_id in actions.split() for name in active.get(action_id, ())]
            if names:
                lines.append(KeyHelp(key_names(names, plain=plain), text))
        if lines:
            sections.append(HelpSection(title, tuple(lines)))
    return tuple(sections)
