"""The Textual application: its life from the first frame to the last."""

import asyncio
import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import constants, events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.geometry import Size
from textual.screen import Screen
from textual.worker import WorkerFailed

from app import __version__
from app.dashboard.main_screen import MainScreen
from app.dashboard.palette import JobCommands
from app.dashboard.platform.input_order import OrderedInputApp
from app.dashboard.platform.terminal_output import TerminalOutput
from app.dashboard.platform.terminal_watchdog import TerminalWatchdog
from app.dashboard.platform.textual_workarounds import STYLE_CACHE_INTERVAL_SECONDS, clear_style_cache
from app.dashboard.view_state import NAME, ViewState, load
from app.notify.desktop import takes_notifications
from app.presentation.keymap import key_names, keymap_of
from app.settings.errors import SettingsError
from app.settings.paths import data_path
from app.settings.schema import Settings
from app.watch.session import Session
from widgets import keys
from widgets.bindings import action_of, bindings
from widgets.themes import DARK, LIGHT, role_defaults

if TYPE_CHECKING:
    from app.dashboard.hook_runner import HookRunner

DEMO = "demo"
"""What the dashboard returns if the demo shall follow."""

_AT_REST = 0.25
"""Seconds without another size after which the size is taken to stay."""

_TURN = 0.0005
"""Seconds after which a thread that waits gets its turn: Textual reads keys and writes frames in threads of their own,
and each of them waits so long where the work of polling is in the way. Python's usual 5 ms are felt."""

_CRASHED = 70  # the exit code for a mistake of our own, as in sysexits.h


class Dashboard(OrderedInputApp, inherit_bindings=False):
    """Shows the last known state first, then connects and keeps it up to date."""

    TITLE = "dwtop"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        f"../../styles/{name}.tcss" for name in ("base", "table", "detail", "status")
    ]
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.APP)
    COMMANDS = App.COMMANDS | {JobCommands}

    def __init__(
        self,
        session: Session,
        settings: Settings,
        *,
        demo: bool = False,
        added: Sequence[str] = (),
        alone: bool = False,
        last_words: Callable[[], None] | None = None,
    ) -> None:
        """Nothing is shown or sent before `run`.

        Args:
            session: Not started yet.
            settings: In force.
            demo: Whether the API is simulated.
            added: Jobs named on the command line, to show first.
            alone: Whether it has the process and its terminal for itself, and takes over the signals.
            last_words: What has to be done where the end is forced; None to close the session. It is called in a
                thread of its own and gets little time.
        """
        if settings.no_color:
            os.environ["NO_COLOR"] = "1"  # where Textual looks for it
        else:
            os.environ.pop("NO_COLOR", None)  # there, but empty: that means colour
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (40, "-narrow"), (80, "-normal"), (120, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-flat"), (4, "-low"), (12, "-high")]
        self.session = session
        self._settings = settings
        self._demo = demo
        self.animation_level = "none"
        self.set_keymap(keymap_of(settings))
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        view_state = load(session.watch_list.store.preference(NAME), settings)
        self.theme = self._theme_of(view_state)
        self._terminal = TerminalOutput(self._write)
        self._hooks: HookRunner | None = None
        self._at_rest: asyncio.TimerHandle | None = None
        self._seen_size: Size | None = None
        self._alone = alone
        self._up = False
        self._unwanted: int | None = None
        self._watchdog = TerminalWatchdog(self._leave_once_there, last_words or session.close, self._rest)
        if settings.ascii:
            from widgets.scroll_bars import draw_plainly

            draw_plainly()
            self.add_class("-ascii")
        self.main_screen = MainScreen(session, settings, self._terminal, view_state, demo=demo, added=added)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the command palette offers beside jobs: everything that has a key."""
        for key in (*keys.JOBS, *keys.VIEW, *keys.EXPORTS):
            if key.id in keys.NOT_IN_PALETTE or (key.id == "app.demo" and not self.check_action("demo", ())):
                continue
            yield SystemCommand(key.name, key.tooltip, partial(self.run_action, action_of(key)))

    def get_driver_class(self) -> type[Driver]:
        """The way to the terminal, unless another one is asked for as Textual has it."""
        if constants.DRIVER is not None:
            return super().get_driver_class()
        from app.dashboard.platform.driver import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> MainScreen:
        """The main screen."""
        return self.main_screen

    def on_load(self) -> None:
        """Take over the signals before the terminal is changed, so that whichever comes next restores it."""
        if self._alone:
            self._watchdog.install()

    def on_mount(self) -> None:
        """Connect as soon as the first frame is out."""
        if self._alone:
            self._watchdog.install_suspend()
        loop = asyncio.get_running_loop()
        self.session.watch_list.store.on_save_error = lambda sentence: _tell_in(
            loop, self.main_screen.show_trouble, sentence
        )
        self.theme_changed_signal.subscribe(self, lambda theme: self.main_screen.save_view_state())
        self.set_interval(STYLE_CACHE_INTERVAL_SECONDS, clear_style_cache)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """The first frame is out."""
        self._up = True
        if self._unwanted is None:
            self.run_worker(self._connect(), group="poll")
        else:
            self._leave(self._unwanted)

    def on_resize(self, event: events.Resize) -> None:
        """Look at the size once more when it has come to rest.

        In a storm of sizes Textual may be left with a frame that was made for one of them until something else
        happens; another signal is what a terminal would send.
        """
        if self.is_headless or event.size == self._seen_size:
            return
        self._seen_size = event.size
        if self._at_rest:
            self._at_rest.cancel()
        self._at_rest = asyncio.get_running_loop().call_later(_AT_REST, os.kill, os.getpid(), signal.SIGWINCH)

    def watch_app_focus(self, focused: bool) -> None:
        """Give the keys to something on the screen, whenever the terminal has the focus.

        While it has none, Textual focuses nothing that appears, and later focuses what had the focus before, even if
        that is hidden by now.
        """
        if not focused or not self.screen_stack:
            return
        screen, selector = self.screen, self.screen.AUTO_FOCUS
        chain = screen.focus_chain
        if chain and screen.focused not in chain:
            wanted = screen.query(self.AUTO_FOCUS if selector is None else selector) if selector != "" else ()
            screen.set_focus(next((widget for widget in wanted if widget in chain), chain[0]))

    async def _connect(self) -> None:
        await self.main_screen.complete()
        choice = self._settings.desktop_notifications
        self._terminal.takes_notifications = choice == "on" or (
            choice == "auto" and await asyncio.to_thread(takes_notifications, os.environ)
        )
        try:
            await self._watch()
        finally:
            await self.session.disconnect()

    async def _watch(self) -> None:
        warnings = await self.session.start()
        _collect_garbage()
        for warning in warnings:
            self.notify(warning, severity="warning", markup=False, timeout=15)
        assert self.session.watcher is not None
        self.main_screen.connected()
        from app.dashboard.hook_runner import HookRunner

        if not self._demo:
            self._hooks = HookRunner(self.session, self._settings)
        await self.session.run()

    async def action_quit(self) -> None:
        """Quit; jobs keep running."""
        self._leave(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The way to the demo is open only where there is nothing else to do."""
        if action == "demo":
            return self.session.without_token and not self.session.watch_list.entries
        return super().check_action(action, parameters)

    def action_demo(self) -> None:
        """Go on with the demo instead."""
        self._leave(0, DEMO)

    def _leave_once_there(self, code: int) -> None:
        """End, though not while the screens are being made: Textual would go on with half of them."""
        if self._up:
            self._leave(code)
        else:
            self._unwanted = code

    def _leave(self, code: int, instead: str | None = None) -> None:
        if not self.is_headless:
            self._watchdog.force_exit_after_grace(code)
        self._terminal.restore_title()
        self.exit(instead, return_code=code)

    def action_suspend_process(self) -> None:
        """Back to the shell, as Ctrl-Z does it: with all that the shell started together with us."""
        if not self.is_headless:
            os.kill(0, signal.SIGTSTP)

    def _rest(self, stop: bool) -> None:
        """Leave the terminal in order, stop if asked to, and take it up again when set going.

        Args:
            stop: Whether to stop; without, whoever stopped us may have changed the terminal.
        """
        self._terminal.restore_title()
        with self.suspend():
            if stop:
                os.kill(os.getpid(), signal.SIGSTOP)
                self._watchdog.exit_if_requested()  # `kill %1` in a shell: the terminal is no longer ours to change
        self.main_screen.show_totals()

    def on_unmount(self) -> None:
        """Give the window its title back, by whatever way the end came."""
        self._terminal.restore_title()

    def _print_error_renderables(self) -> None:
        """Keep tracebacks from the terminal; `run_dashboard` says what happened in a sentence."""
        self._exit_renderables.clear()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The roles of colours, for themes that do not give them."""
        return role_defaults(self.current_theme)

    def _theme_of(self, view_state: ViewState) -> str:
        """The theme to start with: the one that the settings name, else the saved one."""
        settings = self._settings
        if settings.sources.get("theme", "default") != "default":
            return settings.theme
        if view_state.theme in self.available_themes:
            return view_state.theme
        # A palette of 16 colours is the terminal's own: shades of ours would come out as any of them.
        return "ansi-dark" if self.console.color_system == "standard" else settings.theme

    def get_key_display(self, binding: Binding) -> str:
        """A key as people write it."""
        return binding.key_display or key_names([binding.key], plain=self._settings.ascii)

    @property
    def crash(self) -> BaseException | None:
        """The mistake of ours that ended the program; None if it ended as it should."""
        error: BaseException | None = self._exception
        # Textual never raises this one, so that it has no traceback; the worker's own error has.
        return error.error if isinstance(error, WorkerFailed) else error

    def _write(self, sequence: str) -> None:
        driver = self._driver
        if driver is not None and not self.is_headless:
            driver.write(sequence)
            driver.flush()


def run_dashboard(
    session: Session,
    settings: Settings,
    *,
    demo: bool = False,
    added: Sequence[str] = (),
    last_words: Callable[[], None] | None = None,
) -> int:
    """Show the dashboard until it is quit.

    Args:
        session: Not started yet.
        settings: In force.
        demo: Whether the API is simulated.
        added: Jobs named on the command line, to show first.
        last_words: What has to be done where the end is forced; None to close the session.

    Returns:
        The exit code.
    """
    sys.setswitchinterval(_TURN)
    try:
        app = Dashboard(session, settings, demo=demo, added=added, alone=True, last_words=last_words)
        app.run()
    finally:
        session.close()
    if (crash := app.crash) is not None:
        print(crash_report(crash), file=sys.stderr)
        return _CRASHED
    if app.return_value == DEMO:
        # Another process takes the place of this one: nothing of the real session is left in it.
        os.execv(sys.executable, [sys.executable, "-P", "-m", "app", "--demo"])  # noqa: S606 because it is ourselves
    return app.return_code or 0


def _tell_in(loop: asyncio.AbstractEventLoop, tell: Callable[[str], None], sentence: str) -> None:
    with suppress(RuntimeError):  # the loop has ended, and the screen with it
        loop.call_soon_threadsafe(tell, sentence)


def _collect_garbage() -> None:
    """Begin with it where the start did without; what the start has made stays, so no collection looks at it."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def crash_report(error: BaseException) -> str:
    """Keep what a maintainer needs to know of a crash in a file, and say so in a sentence."""
    text = "".join(traceback.format_exception(error))
    try:
        path = data_path() / f"crash-{time.strftime('%Y%m%d-%H%M%S')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"dwtop {__version__}\n{text}", encoding="utf-8")
    except (OSError, SettingsError):
        return f"dwtop: it ended because of a mistake of its own ({error!r}); please report it."
    return f"dwtop: it ended because of a mistake of its own; please report it with the file {path}"
