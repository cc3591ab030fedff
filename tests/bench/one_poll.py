"""The CPU time of one answer: `python -m tests.bench.one_poll` prints microseconds a poll as JSON.

The dashboard decodes, stores, forecasts and paints rounds of answers about 100 running jobs, of which half have made
progress, with one frame a round. Pacing and the event loop are left out.
"""

import asyncio
import json
import os
import tempfile
from time import process_time

from app.deepwriter.payloads import read_job
from app.job import Status
from app.watch.forecast.forecaster import Forecaster
from tests.bench import jobs
from tests.bench.api_server import Jobs
from tests.timing import ManualClock
from tests.ui.dashboard_host import running_dashboard
from tests.ui.pane_host import frames

_JOBS = 100
_ROUNDS = 30
_ROUND_SECONDS = 5.0  # between two rounds, by the dashboard's clock


async def main() -> dict[str, float]:
    names = [jobs.job_id(number) for number in range(_JOBS)]
    api = Jobs(_JOBS)
    clock = ManualClock(jobs.NOW)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder  # where the dashboard opens its database
        known = [jobs.entry(number, Status.IN_PROGRESS) for number in range(_JOBS)]
        async with running_dashboard(size=(120, 40), jobs=known, now=clock) as dash:
            await dash.connected()
            watch_list = dash.app.session.watch_list
            assert len(watch_list.entries) == _JOBS
            watch_list.forecaster = Forecaster(watch_list.store)
            spent = 0.0
            for number in range(_ROUNDS + 1):
                bodies = [(name, api.answer(f"/api/getJobStatus?jobId={name}")[1]) for name in names]
                clock.now += _ROUND_SECONDS
                with frames():
                    begin = process_time()
                    for name, body in bodies:
                        watch_list.record_answer(read_job(body, name))
                    dash.main._batch._show_batch()
                    await dash.pilot.pause()
                    watch_list.store.set_preference("round", str(number)).result(10)
                    if number:  # the first one reads each job's history, once
                        spent += process_time() - begin
    return {"us": spent / (_ROUNDS * _JOBS) * 1e6}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main())))
