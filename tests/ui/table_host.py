"""An application around the job table: example rows, and a record of rows read and messages posted."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.pilot import Pilot

import styles
from tests.ui.pane_host import ThemedApp
from widgets.model import Cell, Column, Row, Tone
from widgets.table.job_table import JobTable

COLUMNS = (
    Column("title", "Title", ((0, 12),), max_width=60),
    Column("status", "Status", ((0, 11),), spanned=True),
    Column("progress", "Progress", ((0, 15),), spanned=True),
    Column("stage", "Stage", ((0, 14),), max_width=99, rank=1, spanned=True),
    Column("eta", "Time", ((0, 8),), right=True),
    Column("id", "ID", ((0, 8),), rank=3),
)


def names(count: int, start: int = 0) -> list[str]:
    return [f"job-{number:05}" for number in range(start, start + count)]


class TableHost(ThemedApp):
    """One table, whose rows can be changed."""

    CSS_PATH = Path(styles.__path__[0]) / "table.tcss"

    def __init__(self, count: int = 0, *, columns: tuple[Column, ...] = COLUMNS) -> None:
        super().__init__()
        self.table = JobTable(columns, self.row, id="jobs")
        self.count = count
        self.rows: dict[str, Row] = {}
        self.read: list[str] = []
        self.posted: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.show(names(self.count))

    @on(JobTable.Highlighted)
    @on(JobTable.Opened)
    @on(JobTable.HeaderPressed)
    @on(JobTable.Viewport)
    @on(JobTable.Moved)
    def record(self, message: Message) -> None:
        self.posted.append(message)

    def row(self, job_id: str, columns: Collection[str]) -> Row:
        self.read.append(job_id)
        return self.rows.get(job_id) or plain_row(job_id)

    def put(self, job_id: str, *, cells: dict[str, str] | None = None, **changes: Any) -> None:
        """Change a row, and notify the table."""
        plain = plain_row(job_id)
        texts = {key: Cell(text) for key, text in (cells or {}).items()}
        self.rows[job_id] = plain._replace(cells={**plain.cells, **texts}, **changes)
        self.table.refresh_rows([job_id])

    def lines(self) -> list[str]:
        return [self.table.render_line(y).text for y in range(self.table.size.height)]

    def posted_of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.posted if isinstance(message, kind)]


@asynccontextmanager
async def running_table(
    count: int, *rows: Row, size: tuple[int, int], columns: tuple[Column, ...] = COLUMNS
) -> AsyncIterator[tuple[TableHost, Pilot[None]]]:
    """A table on the screen, where these rows take the place of plain ones, with its application and pilot."""
    host = TableHost(count, columns=columns)
    host.rows = {row.id: row for row in rows}
    async with host.run_test(size=size) as pilot:
        await pilot.pause()
        yield host, pilot


def plain_row(job_id: str) -> Row:
    cells = {
        "title": Cell(f"Report {job_id}"),
        "status": Cell("in progress", Tone.SECONDARY),
        "progress": Cell("25%"),
        "stage": Cell("Writing"),
        "eta": Cell("~14m"),
        "id": Cell(job_id[-8:], Tone.FAINT),
    }
    return Row(job_id, Cell("▸", Tone.RUNNING), cells, fraction=0.25)
