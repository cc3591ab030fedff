"""The cost of httpx alone: `python -m tests.bench.bare_httpx BASE_URL JOBS SECONDS` requests jobs and discards the answers.

Requests are spread evenly, as in the dashboard: one at a time costs more than many at once.
"""

import asyncio
import sys

import httpx

from tests.bench.jobs import job_id

AT_ONCE = 8


async def main(base_url: str, number: int, interval: float) -> None:
    clock = asyncio.get_running_loop().time
    places = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(headers={"Authorization": "Bearer bench"}) as client:

        async def poll(name: str) -> None:
            async with places:
                await client.get(f"{base_url}/getJobStatus", params={"jobId": name})

        print("ready", flush=True)
        due = clock()
        async with asyncio.TaskGroup() as group:
            while True:
                for place in range(number):
                    due += interval / number
                    await asyncio.sleep(max(0.0, due - clock()))
                    group.create_task(poll(job_id(place)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
