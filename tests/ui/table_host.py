"""A host for the job table: made-up rows, and a record of what was asked, told and painted."""

from pathlib import Path
from typing import Any

from textual import on
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.message import Message

import styles
from widgets.model import Align, Column, Row, Tone
from widgets.table.job_table import JobTable

COLUMNS = (
    Column("mark", "", 1),
    Column("status", "Status", 13),
    Column("title", "Title", 12, grow=3, most=60),
    Column("progress", "Progress", 10, grow=1, most=24),
    Column("stage", "Stage", 14, grow=1, most=24, rank=1),
    Column("eta", "ETA", 8, align=Align.RIGHT, rank=2),
    Column("age", "Age", 5, align=Align.RIGHT, rank=4),
    Column("id", "ID", 8, rank=3),
)


def names(count: int, start: int = 0) -> list[str]:
    """Made-up job IDs in order."""
    return [f"job-{number:05}" for number in range(start, start + count)]


class TableHost(App[None]):
    """One table; what its rows say can be changed by key."""

    CSS_PATH = Path(styles.__path__[0]) / "table.tcss"

    def __init__(
        self, count: int = 0, *, columns: tuple[Column, ...] = COLUMNS, ascii_only: bool = False
    ) -> None:
        super().__init__()
        self.table = JobTable(columns, self.row, ascii=ascii_only, id="jobs")
        self.count = count
        self.rows: dict[str, Row] = {}
        self.asked: list[str] = []
        self.told: list[Message] = []
        self.frames: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.show(names(self.count))

    @on(JobTable.Highlighted, "#jobs")
    @on(JobTable.Opened, "#jobs")
    @on(JobTable.HeaderPressed, "#jobs")
    @on(JobTable.Viewport, "#jobs")
    @on(JobTable.Moved, "#jobs")
    def listen(self, message: Message) -> None:
        self.told.append(message)

    def row(self, job_id: str) -> Row:
        self.asked.append(job_id)
        return self.rows.get(job_id) or plain_row(job_id)

    def put(self, job_id: str, **changes: Any) -> None:
        """Have a row say something else, and tell the table."""
        texts = dict(plain_row(job_id).texts) | changes.pop("texts", {})
        self.rows[job_id] = Row(
            **{"id": job_id, "tone": Tone.RUNNING, "fraction": 0.25, "texts": texts} | changes
        )
        self.table.changed([job_id])

    def lines(self) -> list[str]:
        """What stands on the screen."""
        return [self.table.render_line(y).text for y in range(self.table.size.height)]

    def told_of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.told if isinstance(message, kind)]

    def _display(self, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            self.frames.append(renderable.render_segments(self.console))
        super()._display(screen, renderable)


def plain_row(job_id: str) -> Row:
    texts = {
        "status": "▶ in progress",
        "title": f"Report {job_id}",
        "progress": "25%",
        "stage": "Writing",
        "eta": "~14m",
        "id": job_id[-8:],
    }
    return Row(job_id, Tone.RUNNING, fraction=0.25, texts=texts)
