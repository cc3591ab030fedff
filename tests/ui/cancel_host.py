"""The cancel dialog over an empty screen, with a clock of its own, and what it answered."""

from textual.pilot import Pilot

from tests.timing import ManualClock
from tests.ui.pane_host import PaneHost
from widgets.dialogs.cancel import CancelDialog, CountField
from widgets.model import CancelQuestion


class CancelHost(PaneHost):
    """Opens the dialog and keeps its answers."""

    def __init__(self, question: CancelQuestion) -> None:
        super().__init__()
        self.answers: list[tuple[str, ...] | None] = []
        self.clock = ManualClock(1000.0)
        self.dialog = CancelDialog(question, clock=self.clock)

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)

    @property
    def focus_id(self) -> str | None:
        return self.focused.id if self.focused else None

    @property
    def typed(self) -> str:
        return self.dialog.query_one(CountField).value


async def listen(pilot: Pilot[None], host: CancelHost) -> None:
    """Wait until the dialog is there and takes a yes."""
    await pilot.pause()
    host.clock.now += 0.41
