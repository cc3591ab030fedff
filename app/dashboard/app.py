"""The Textual application: starting, connecting, signals and exit."""

import asyncio
import gc
import os
import signal
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from pathlib import PurePath
from typing import ClassVar

from textual import events
from textual.filter import LineFilter
from textual.reactive import Initialize, Reactive
from textual.theme import BUILTIN_THEMES, Theme
from textual.worker import WorkerFailed

from app.dashboard.details import DETAILS_BESIDE_MIN_CELLS
from app.dashboard.main_screen import MainScreen
from app.dashboard.platform.driver import TerminalDriver
from app.dashboard.platform.input_order import OrderedInputApp
from app.dashboard.platform.terminal_watchdog import TerminalWatchdog
from app.dashboard.platform.textual_workarounds import (
    FinalLayout,
    draw_scroll_bars_directly,
    focus_visible_widget,
    send_only_changed_cells,
)
from app.dashboard.view_state import PREFERENCE, load_view_state
from app.notify.desktop import supports_notifications
from app.presentation.keymap import keymap_of
from app.presentation.themes import user_themes
from app.settings.schema import Settings
from app.watch.session import Session
from widgets import keys
from widgets.bindings import bindings
from widgets.drawing import AsciiFilter
from widgets.themes import DARK, IN_SIXTEEN_COLORS, LIGHT, role_defaults, theme_of

DEMO = "demo"
"""The return value that asks for the demo."""


class Dashboard(OrderedInputApp, inherit_bindings=False):
    """Shows the last known state, then connects and keeps it up to date.

    Args:
        session: Not started yet.
        added: Jobs named on the command line, to show first.
        owns_process: Whether to handle the signals of the process.
    """

    TITLE = "dwtop"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        f"../../styles/{name}.tcss" for name in ("base", "table", "detail")
    ]
    BINDINGS = bindings(keys.APP)

    # Set before the stylesheet is loaded: setting it later would compute all styles twice.
    theme: Reactive[str] = Reactive(Initialize(attrgetter("first_theme")))

    def __init__(
        self,
        session: Session,
        settings: Settings,
        *,
        demo: bool = False,
        added: Sequence[str] = (),
        owns_process: bool = False,
    ) -> None:
        if settings.no_color:
            os.environ["NO_COLOR"] = "1"  # Textual reads it
        else:
            os.environ.pop("NO_COLOR", None)  # Textual also obeys an empty one, which should have no effect
        own = [theme_of(name, colors) for name, colors in user_themes(settings).items()]
        self._themes = {theme.name: theme for theme in (*BUILTIN_THEMES.values(), DARK, LIGHT, *own)}
        view_state = load_view_state(session.watch_list.store.preference(PREFERENCE), settings)
        use_saved = view_state.theme in self._themes and not settings.is_set("theme")
        self.first_theme = view_state.theme if use_saved else settings.theme
        # Without colour, use the terminal's own colours: Textual drops those, but turns any others into shades of grey.
        super().__init__(driver_class=TerminalDriver, ansi_color=True if settings.no_color else None)
        send_only_changed_cells()
        draw_scroll_bars_directly()
        self.HORIZONTAL_BREAKPOINTS = [
            (0, "-tiny"),
            (40, "-narrow"),
            (80, "-normal"),
            (DETAILS_BESIDE_MIN_CELLS, "-wide"),
        ]
        self.VERTICAL_BREAKPOINTS = [(0, "-flat"), (4, "-low"), (12, "-high")]
        self.session = session
        self._settings = settings
        self._demo = demo
        self.animation_level = "none"
        keymap = keymap_of(settings)
        self.set_keymap(keymap.changed)
        self._final_layout = FinalLayout()
        self._owns_process = owns_process
        self._first_frame_shown = False
        self._watchdog = TerminalWatchdog(self._leave_when_shown, session.close, self._suspend)
        self._ascii_filters = [AsciiFilter()] if settings.ascii else []
        self.set_class(settings.ascii, "-ascii")
        self.main_screen = MainScreen(
            session, settings, keymap, self._write, view_state, demo=demo, added=added
        )

    def action_command_palette(self) -> None:
        """Find a command or a job, and run it or go to it."""
        from app.dashboard.palette import Palette, PaletteEntries

        self.push_screen(
            Palette(PaletteEntries, "Commands and jobs", "run", placeholder="Go to a job, or run a command")
        )

    def search_themes(self) -> None:
        """Choose a theme, as Textual's own action `change_theme` does."""
        from app.dashboard.palette import Palette, Themes

        self.push_screen(Palette(Themes, "Themes", "choose", placeholder="Choose a theme"))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The filters of the lines that widgets have drawn."""
        return [*super().get_line_filters(), *self._ascii_filters]

    def get_default_screen(self) -> MainScreen:
        """The main screen."""
        return self.main_screen

    def on_load(self) -> None:
        """Handle signals before the terminal is changed, so that from then on each of them restores it."""
        if self._owns_process:
            self._watchdog.install()
        if not self.is_headless and self.console.color_system == "standard":
            self.theme = IN_SIXTEEN_COLORS.get(self.theme, self.theme)

    def on_mount(self) -> None:
        """Connect after the first frame."""
        if self._owns_process:
            self._watchdog.install_suspend()
        main = self.main_screen
        problem = self.session.watch_list.store.problem  # set in another thread
        problem.subscribe(lambda text: self.call_later(main.status.refresh))
        self.theme_changed_signal.subscribe(self, lambda theme: main.actions.view.theme_chosen(theme.name))
        self.call_after_refresh(self._on_first_frame)

    def _on_first_frame(self) -> None:
        self._first_frame_shown = True
        repair_notice, warn = self.session.watch_list.store.repair_notice, self.main_screen.notifications.warn
        if repair_notice.value:
            warn(repair_notice.value)
        repair_notice.subscribe(partial(self.call_later, warn))
        if self._watchdog.exit_code is None:
            self.run_worker(self._connect())
        elif self.return_code is None:  # a signal asked for the exit, not a key
            self._leave(self._watchdog.exit_code)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out the screen again once its size has stopped changing."""
        if not self.is_headless:
            self._final_layout.resized(event.size)

    def watch_app_focus(self, focused: bool) -> None:
        """Focus a visible widget when the terminal regains the focus."""
        if focused and self.screen_stack:
            focus_visible_widget(self)

    async def _connect(self) -> None:
        await self.main_screen.parts.load_rest()
        choice = self._settings.desktop_notifications
        self.main_screen.notifications.desktop = choice == "on" or (
            choice == "auto" and await asyncio.to_thread(supports_notifications, os.environ)
        )
        try:
            warnings = await self.session.start()
            if not gc.isenabled():  # it was disabled at the start; what exists by now is kept until the exit
                gc.freeze()
                gc.enable()
            for warning in warnings:
                self.main_screen.notifications.warn(warning)
            self.main_screen.connected(await self.session.connected())
            if not self._demo:
                from app.dashboard.hook_runner import HookRunner

                self.session.watch_list.subscribe(HookRunner(self.session, self._settings).run_for)
            await self.session.run()
        finally:
            await self.session.account.disconnect()

    async def action_quit(self) -> None:
        """Quit; jobs continue to run."""
        self._leave(0)

    def action_demo(self) -> None:
        """Quit and open the demo."""
        self._leave(0, DEMO)

    def _leave_when_shown(self, code: int) -> None:
        """Exit, but not before the first frame, or Textual would continue with half-built screens."""
        if self._first_frame_shown:
            self._leave(code)

    def _leave(self, code: int, result: str | None = None) -> None:
        if not self.is_headless:
            self._watchdog.force_exit_after_grace(code)
        self.exit(result, return_code=code)

    def action_redraw(self) -> None:
        """Draw the whole screen again, such as after another program wrote over it."""
        self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """Stop the whole process group, as Ctrl+Z does in other programs, which returns to the shell."""
        if not self.is_headless:
            os.kill(0, signal.SIGTSTP)

    def _suspend(self, stop: bool) -> None:
        """Restore the terminal, stop unless another process has already stopped us, and take the terminal over again."""
        with self.suspend():
            self._watchdog.wait_for_foreground(stop=stop)
        self.main_screen.status.title = ""  # the driver has restored the previous one
        self.main_screen.status.refresh()

    def _print_error_renderables(self) -> None:
        """Print no traceback (Textual 8.2.8 has no setting for it): `app.cli.open_dashboard` prints a sentence instead."""
        self._exit_renderables.clear()

    @property
    def available_themes(self) -> dict[str, Theme]:
        """All themes by name: Textual's and our own."""
        return self._themes

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colour roles, for themes that do not define them."""
        return role_defaults(self.current_theme)

    @property
    def crash(self) -> BaseException | None:
        """The exception that ended the program; None if it ended normally."""
        error: BaseException | None = self._exception
        # Textual never raises a `WorkerFailed`, so only the error in it has a traceback.
        return error.error if isinstance(error, WorkerFailed) else error

    def _write(self, sequence: str) -> None:
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)
