"""The Textual application: its life from the first frame to the last."""

from collections.abc import Iterable
from functools import partial
from pathlib import PurePath
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.scrollbar import ScrollBar

from app.dashboard import keys
from app.dashboard.jobs_screen import JobsScreen
from app.dashboard.palette import JobCommands
from app.dashboard.remembered import NAME, Remembered, recall
from app.dashboard.session import Session
from app.dashboard.terminal import TerminalLine
from widgets.scroll_bars import PlainScrollBar


class Dashboard(App[None], inherit_bindings=False):
    """Shows the last known state first, then connects and keeps it up to date."""

    TITLE = "dwtop"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        f"../../styles/{name}.tcss" for name in ("base", "table", "detail", "status", "dialogs")
    ]
    BINDINGS: ClassVar[list[BindingType]] = keys.APP
    COMMANDS = App.COMMANDS | {JobCommands}

    def __init__(self, session: Session) -> None:
        """Nothing is shown or sent before `run`.

        Args:
            session: The sitting.
        """
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (40, "-narrow"), (80, "-normal"), (120, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-flat"), (4, "-low"), (12, "-high")]
        self.session = session
        self.animation_level = "none"
        remembered = recall(session.watch_list.store.preference(NAME), session.settings)
        self.theme = self._theme_of(remembered)
        self._line = TerminalLine(self._write)
        if session.settings.ascii:
            ScrollBar.renderer = PlainScrollBar
        self._jobs = JobsScreen(session, self._line, remembered)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the command palette offers beside jobs: everything that has a key."""
        for binding in (*keys.JOBS, *keys.VIEW):
            if isinstance(binding, Binding) and binding.id not in keys.NOT_IN_PALETTE:
                action = (
                    binding.action if "." in binding.action.partition("(")[0] else f"screen.{binding.action}"
                )
                yield SystemCommand(binding.description, binding.tooltip, partial(self.run_action, action))

    def get_default_screen(self) -> JobsScreen:
        """The main screen."""
        return self._jobs

    def on_mount(self) -> None:
        """Connect as soon as the first frame is out."""
        self.theme_changed_signal.subscribe(self, lambda theme: self._jobs.remember())
        self.call_after_refresh(self.run_worker, self._connect(), group="poll")

    async def _connect(self) -> None:
        for warning in await self.session.start(self._jobs.show_link):
            self.notify(warning, severity="warning", markup=False, timeout=15)
        assert self.session.watcher is not None
        await self.session.watcher.run()

    async def action_quit(self) -> None:
        """Quit; jobs keep running."""
        self._line.restore()
        self.exit()

    def _theme_of(self, remembered: Remembered) -> str:
        """The theme to start with: the one that the settings name, else the remembered one."""
        settings = self.session.settings
        if settings.sources.get("theme", "default") != "default":
            if settings.theme not in self.available_themes:
                raise settings.error(
                    "theme", f"names no theme; there are {', '.join(sorted(self.available_themes))}"
                )
            return settings.theme
        return remembered.theme if remembered.theme in self.available_themes else settings.theme

    def report_trouble(self, sentence: str) -> None:
        """Say that the database cannot be written, or with an empty sentence that it can; from any thread."""
        self.call_later(self._jobs.show_trouble, sentence)

    def _write(self, sequence: str) -> None:
        driver = self._driver
        if driver is not None and not self.is_headless:
            driver.write(sequence)
            driver.flush()


def run_dashboard(session: Session) -> int:
    """Show the dashboard until it is quit.

    Returns:
        The exit code.
    """
    app = Dashboard(session)
    try:
        app.run()
    finally:
        session.close()
    return app.return_code or 0
