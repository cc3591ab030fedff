"""The command palette: every command with its key, then every job, one line each."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from itertools import chain, islice
from typing import ClassVar

from textual.command import Command, CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.theme import ThemeProvider
from textual.widgets import Input

from app.dashboard.main_screen import MainScreen
from app.presentation.glyphs import glyph
from widgets import keys
from widgets.bindings import action_of
from widgets.dialogs.dialog import key_pairs
from widgets.fitting import fill
from widgets.themes import DARK, LIGHT

_MAX_ENTRIES = 50
"""How many jobs are listed at most before a search, and how many matches in one."""

_ENTRIES_PER_TURN = 25
"""How many commands and jobs are searched before pending input is processed."""

_WIDTH_CELLS = 76  # with the frame
_FRAME_CELLS = 7  # for frame, padding and scroll bar
_FRAMELESS_CELLS = 3  # for padding and scroll bar, without a frame


class Palette(CommandPalette):
    """Textual's command palette in a frame like that of our dialogs. `enter` says what Enter does."""

    CSS_PATH: ClassVar[str] = "../../styles/dialogs.tcss"

    def __init__(self, provider: type[Provider], title: str, enter: str, *, placeholder: str) -> None:
        super().__init__([provider], placeholder=placeholder)
        self._title, self._enter = title, enter

    def on_mount(self) -> None:
        """Show the title, and stop the cursor from blinking."""
        self.query_one("#--container").border_title = self._title
        self.query_one(Input).cursor_blink = False

    def on_resize(self) -> None:
        """Redraw the keys and the lines for the new width, once the screen behind has resized too."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        keys_shown = key_pairs(self.app, [("Enter", self._enter), ("Esc", "close")])
        self.query_one("#--container").border_subtitle = keys_shown
        lines = self.query_one(CommandList)
        for index, option in enumerate(lines.options):
            if isinstance(option, Command) and isinstance(option.hit.command, _Entry):
                lines.replace_option_prompt_at_index(index, option.hit.command.line())


class Themes(ThemeProvider):
    """Offers all themes: the one in use, ours, then the others by name."""

    @property
    def commands(self) -> list[tuple[str, Callable[[], None]]]:
        """The name of each theme, and the function that selects it."""
        first = (self.app.theme, DARK.name, LIGHT.name)
        return sorted(
            super().commands, key=lambda each: first.index(each[0]) if each[0] in first else len(first)
        )


@dataclass(frozen=True)
class _Entry:
    """One line of the palette, and the command that it runs."""

    main: MainScreen
    label: str
    right: str  # at the right end: a key, or a short ID
    run: Callable[[], object]
    texts: tuple[str, ...]  # what a search looks at
    id: str = ""  # of a job; a search looks at its beginning

    def __call__(self) -> object:
        """Run the command."""
        return self.run()

    def line(self) -> Content:
        """The label, and at the right end the key or short ID, at the current width."""
        frame = _FRAME_CELLS if self.main.has_class("-high") else _FRAMELESS_CELLS
        width = min(self.main.app.size.width, _WIDTH_CELLS) - frame
        room = max(width - len(self.right) - 2, 1)
        label = fill(self.label, room)
        return Content.assemble(label, "  ", (self.right, "not bold $dw-accent"))


class PaletteEntries(Provider):
    """Offers commands, then jobs."""

    async def discover(self) -> Hits:
        """All commands and the jobs that are shown, before anything is typed."""
        for entry in (*self._commands(), *islice(self._jobs(), _MAX_ENTRIES)):
            yield DiscoveryHit(entry.line(), entry, text=entry.label)

    async def search(self, query: str) -> Hits:
        """The commands and jobs that match a text best."""
        matcher = self.matcher(query)
        found = []
        for position, entry in enumerate(chain(self._commands(), self._jobs())):
            if position % _ENTRIES_PER_TURN == 0:
                await asyncio.sleep(0)
            score = max(map(matcher.match, entry.texts))
            if entry.id and entry.id.startswith(query.lower()):
                score = max(score, matcher.match(query))  # scores like an exact title
            if score > 0:
                found.append((score, position, entry))
        for score, _, entry in nlargest(_MAX_ENTRIES, found, key=lambda hit: (hit[0], -hit[1])):
            # Without the matcher's highlight, which would parse the text as markup.
            yield Hit(score, entry.line(), entry, text=entry.label)

    @property
    def _main(self) -> MainScreen:
        assert isinstance(self.screen, MainScreen)  # the only screen with a key that opens the palette
        return self.screen

    def _commands(self) -> Iterator[_Entry]:
        for key in (*keys.JOBS, *keys.VIEW, *keys.APP, *keys.EXPORTS):
            action = action_of(key)
            if key.id not in keys.NOT_IN_PALETTE:
                run = partial(self.app.run_action, action)
                tooltip = key.tooltip
                if key.id == "jobs.open" and not len(self._main.board):
                    tooltip = "Open the demo"
                shown = self._main.keymap.name_of(key.id) if key.keys else ""
                yield _Entry(self._main, tooltip, shown, run, (tooltip, key.name))

    def _jobs(self) -> Iterator[_Entry]:
        main, board = self._main, self._main.board
        for job_id in tuple(main.table.ids):
            if job_id in board:  # it may have been removed since
                title, short_id = board.title(job_id), board.short_ids.of(job_id)
                label = f"{glyph(board[job_id])} {title}"
                run = partial(main.job_list.select, job_id)
                yield _Entry(main, label, short_id, run, (f"{title} {short_id}", title), job_id)
