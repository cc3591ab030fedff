"""Ages and elapsed times are right although the API's clock differs from this machine's."""

from datetime import UTC, datetime
from email.utils import formatdate

import pytest

from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.client import Client
from app.deepwriter.errors import ApiError
from app.job import Job
from tests.faults.scripted_server import JOB_ID, Behaviour, ScriptedServer, job_payload, message, reply_with

NOW = 1_800_000_000.0
HOUR = 3600.0


def stamp(at: float) -> str:
    return formatdate(at, usegmt=True)


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def answer(theirs: float, *, status: int = 200, body: object = None, age: int | None = None) -> Behaviour:
    """An answer at a moment of the API's clock: a job created 50 minutes before, and updated just now."""
    job = job_payload(created_at=iso(theirs - 3000), updated_at=iso(theirs))
    headers = {"Date": stamp(theirs)} | ({} if age is None else {"Age": str(age)})
    return reply_with(message(status, job if body is None else body, headers))


async def fetched(*answers: Behaviour) -> tuple[list[Job | ApiError], Client]:
    """The results of a client, by whose clock it is `NOW`."""
    seen: list[Job | ApiError] = []
    async with ScriptedServer(list(answers)) as server:
        client = Client(server.base_url, make_credential("a-token-0123456789"), now=lambda: NOW)
        for _ in answers:
            try:
                seen.append(await client.fetch(JOB_ID))
            except ApiError as error:
                seen.append(error)
        await client.aclose()
    return seen, client


@pytest.mark.parametrize("ahead", [0.0, 2 * HOUR, -2 * HOUR, 86_400.0, 90.0, -7.0])
async def test_times_are_by_our_clock(ahead: float) -> None:
    (job,), client = await fetched(answer(NOW - ahead))
    assert isinstance(job, Job)
    assert NOW - job.created_at == pytest.approx(3000, abs=2)
    assert NOW - job.updated_at == pytest.approx(0, abs=2)
    assert client.server_clock.offset == pytest.approx(ahead, abs=2)


async def test_a_small_difference_is_ignored() -> None:
    moved = [answer(NOW - 2 * HOUR + jitter) for jitter in (0, 2, -2, 3, -3)]
    for answers, offset in (
        (moved, pytest.approx(2 * HOUR, abs=2)),
        ([answer(NOW + 3), answer(NOW - 3)], 0.0),
    ):
        _, client = await fetched(*answers)
        assert client.server_clock.offset == offset
    same = reply_with(message(200, job_payload(), {"Date": stamp(NOW - 2 * HOUR)}))
    later = reply_with(message(200, job_payload(), {"Date": stamp(NOW - 2 * HOUR + 3)}))
    jobs, _ = await fetched(same, later)
    assert jobs[0] == jobs[1]


@pytest.mark.parametrize(
    ("answers", "offset", "age"),
    [
        ([answer(NOW - 2 * HOUR), answer(NOW)], 0.0, 3000),
        ([answer(NOW - 300, age=300)], 0.0, 3300),  # from a cache, so it is older than its date
        ([reply_with(message(200, job_payload(created_at=iso(NOW))))], None, 0),
    ],
    ids=["corrected", "cached", "without a date"],
)
async def test_a_clock_is_trusted_again_and_times_without_a_clock_are_unchanged(
    answers: list[Behaviour], offset: float | None, age: float
) -> None:
    jobs, client = await fetched(*answers)
    assert client.server_clock.offset == offset
    assert isinstance(jobs[-1], Job)
    assert NOW - jobs[-1].created_at == pytest.approx(age, abs=2)


@pytest.mark.parametrize(
    ("status", "body", "known"),
    [
        (401, {"error": "no"}, True),
        (404, {"error": "no"}, True),
        (404, b"<html>", False),
        (403, b"", False),
        (200, b"<html>", False),
        (502, b"<html>", False),
    ],
)
async def test_only_the_apis_own_answers_show_its_time(status: int, body: object, known: bool) -> None:
    (error,), client = await fetched(answer(NOW - 2 * HOUR, status=status, body=body))
    assert isinstance(error, ApiError)
    assert (client.server_clock.offset is not None) is known
