"""The content of the help: the keys of the main screen."""

from itertools import chain

from app.presentation.keymap import Keymap
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
"""The lines of each section, by the IDs of the actions whose keys they show."""


def help_sections(keymap: Keymap) -> tuple[HelpSection, ...]:
    """The help for the keys in force."""
    return tuple(
        HelpSection(
            title,
            tuple(
                KeyHelp(" ".join(chain.from_iterable(map(keymap.names_of, action_ids.split()))), text)
                for action_ids, text in lines.items()
            ),
        )
        for title, lines in _SECTIONS.items()
    )
