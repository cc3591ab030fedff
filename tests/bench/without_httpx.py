"""The dashboard with prepared answers: the cost of a poll without httpx.

`python -m tests.bench.without_httpx DATABASE BASE_URL JOBS SECONDS`. Answers are decoded, stored, forecast and painted as
usual, but nothing is sent.
"""

import sys
from pathlib import Path

from app.cli.open_dashboard import show_dashboard
from app.cli.session import new_session
from app.job import Job
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.account import Connected
from app.watch.watch_list import WatchList
from tests.bench.api_server import Jobs
from tests.no_account import NoAccount


class PreparedApi(NoAccount):
    def __init__(self, number: int) -> None:
        from app.deepwriter.payloads import read_job
        from tests.bench.jobs import job_id

        self._read = read_job
        jobs = Jobs(number)
        names = [job_id(place) for place in range(number)]
        self._bodies = {
            name: [jobs.answer(f"/api/getJobStatus?jobId={name}")[1] for _ in range(60)] for name in names
        }
        self._asked = dict.fromkeys(names, 0)

    async def fetch(self, job_id: str) -> Job:
        self._asked[job_id] += 1
        bodies = self._bodies[job_id]
        return self._read(bodies[self._asked[job_id] % len(bodies)], job_id)

    async def cancel(self, job_id: str) -> str:
        raise AssertionError(f"unexpected cancel of {job_id}")


def main(path: Path, base_url: str, number: int, interval: float) -> int:
    settings = Settings(interval=interval, requests_per_minute=6000, base_url=base_url)
    return show_dashboard(
        new_session(settings, WatchList(Store(path, base_url)), lambda: Connected(PreparedApi(number))),
        settings,
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
