"""The cost of painting the job table and Textual's DataTable: `python -m tests.bench.table_paint`.

Prints CPU milliseconds from the call to the painted frame, and the bytes that go to the terminal.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Any

from rich.text import Text
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

from tests.ui.table_host import COLUMNS, TableHost, names, plain_row

SIZE = (120, 40)
ROWS = 10_000


@dataclass(frozen=True)
class Cost:
    milliseconds: float
    size: float

    def __str__(self) -> str:
        return f"{self.milliseconds:7.2f} ms {self.size:9,.0f} B"


class DataTableHost(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table: DataTable[Text] = DataTable(cursor_type="row")
        self.frames: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        for column in COLUMNS:
            self.table.add_column(column.label, width=column.width, key=column.key)
        for job_id in names(ROWS):
            cells = plain_row(job_id).cells
            self.table.add_row(*(Text(cells[column.key].text) for column in COLUMNS), key=job_id)

    def _display(self, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            self.frames.append(renderable.render_segments(self.console))
        super()._display(screen, renderable)


async def cost(pilot: Pilot[None], frames: list[str], act: Callable[[int], object], rounds: int) -> Cost:
    """The mean over a number of rounds, minus the cost of an idle round."""
    await pilot.pause()
    spent = 0.0
    sent = 0
    for number in range(rounds):
        frames.clear()
        begin = process_time()
        act(number)
        await pilot.pause()
        spent += process_time() - begin
        sent += sum(len(frame.encode()) for frame in frames)
    idle = process_time()
    for _ in range(rounds):
        await pilot.pause()
    spent -= process_time() - idle
    return Cost(1000 * max(spent, 0.0) / rounds, sent / rounds)


async def job_table() -> dict[str, Cost]:
    host = TableHost(ROWS)
    orders = names(ROWS), list(reversed(names(ROWS)))

    def progress(number: int, job_id: str) -> None:
        percent = number % 90 + 10
        host.put(job_id, fraction=percent / 100, cells={"progress": f"{percent}%"})

    def text(number: int) -> None:
        host.put("job-00012", cells={"stage": f"Writing section {number}"})

    acts: dict[str, Callable[[int], object]] = {
        "progress of a visible row": lambda number: progress(number, "job-00010"),
        "text of a visible row": text,
        "a row off the screen": lambda number: progress(number, "job-09000"),
        "nothing new in 40 rows": lambda _: host.table.refresh_visible_rows(),
        "cursor one line": lambda number: host.table.action_move(1 if number % 2 else -1),
        "sort": lambda number: host.table.show(orders[(number + 1) % 2]),
        "page down": lambda _: host.table.action_page(1, 1),
        "scroll one line": lambda _: host.table.scroll_down(animate=False),
    }
    async with host.run_test(size=SIZE) as pilot:
        return {name: await cost(pilot, host.frames, act, 20) for name, act in acts.items()}


async def data_table() -> dict[str, Cost]:
    host = DataTableHost()
    table = host.table

    def update(number: int, job_id: str, column: str) -> None:
        table.update_cell(job_id, column, Text(f"{number}"))

    acts: dict[str, Callable[[int], object]] = {
        "progress of a visible row": lambda number: update(number, "job-00010", "progress"),
        "text of a visible row": lambda number: update(number, "job-00012", "stage"),
        "a row off the screen": lambda number: update(number, "job-09000", "stage"),
        "sort": lambda number: table.sort("title", key=str, reverse=number % 2 == 0),
        "cursor one line": lambda number: table.move_cursor(row=number % 2),
        "page down": lambda _: table.action_page_down(),
        "scroll one line": lambda _: table.scroll_down(animate=False),
    }
    async with host.run_test(size=SIZE) as pilot:
        return {name: await cost(pilot, host.frames, act, 5) for name, act in acts.items()}


async def main() -> None:
    ours, theirs = await job_table(), await data_table()
    print(f"{ROWS:,} rows at {SIZE[0]}x{SIZE[1]}\n")
    print(f"{'':28}{'JobTable':>22}{'DataTable':>26}")
    for name, figure in ours.items():
        print(f"{name:28}{figure!s:>22}{theirs.get(name, '')!s:>26}")


if __name__ == "__main__":
    asyncio.run(main())
