"""A minimal Textual program to compare with: a table of 100 rows and a line of keys."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Footer

ROWS = 100


class Minimal(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("STATUS", "TITLE", "PROGRESS", "STAGE", "ETA", "ID")
        for number in range(ROWS):
            title = f"Report {number:05d} on a subject"
            table.add_row("in progress", title, "42%", "Writing sections", "5m", f"{number:08x}")


if __name__ == "__main__":
    Minimal().run()
