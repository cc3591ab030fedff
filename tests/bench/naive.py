"""A first attempt at the dashboard: a DataTable, and `update_cell` for each answer.

`python -m tests.bench.naive BASE_URL JOBS SECONDS`: requests each job every SECONDS.
"""

import asyncio
import sys
from typing import ClassVar

import httpx
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Footer

from tests.bench.jobs import job_id, title

AT_ONCE = 8


class Naive(App[None]):
    """Polls all jobs, and shows every answer at once."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit")]

    def __init__(self, base_url: str, number: int, interval: float) -> None:
        super().__init__()
        self._base_url = base_url
        self._ids = [job_id(place) for place in range(number)]
        self._interval = interval

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for name in ("STATUS", "TITLE", "PROGRESS", "STAGE", "ID"):
            table.add_column(name, key=name)
        for place, name in enumerate(self._ids):
            table.add_row("", title(place), "", "", name[:8], key=name)
        self.run_worker(self._poll())

    async def _poll(self) -> None:
        places = asyncio.Semaphore(AT_ONCE)
        async with (
            httpx.AsyncClient(headers={"Authorization": "Bearer bench"}) as client,
            asyncio.TaskGroup() as group,
        ):
            for place, name in enumerate(self._ids):
                group.create_task(self._follow(client, places, name, place / len(self._ids) * self._interval))

    async def _follow(
        self, client: httpx.AsyncClient, places: asyncio.Semaphore, name: str, wait: float
    ) -> None:
        table = self.query_one(DataTable)
        clock = asyncio.get_running_loop().time
        due = clock() + wait
        while True:
            await asyncio.sleep(max(0.0, due - clock()))
            async with places:
                response = await client.get(f"{self._base_url}/getJobStatus", params={"jobId": name})
            job = response.json()
            table.update_cell(name, "STATUS", job["status"])
            table.update_cell(name, "PROGRESS", f"{job['progress']}%")
            table.update_cell(name, "STAGE", job["progress_stage"])
            due += self._interval


if __name__ == "__main__":
    Naive(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])).run()
