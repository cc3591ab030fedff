"""Every fault is one error of the right kind, after one request, and shows no token."""

import asyncio
import gzip
import json
import socket
import tracemalloc

import pytest

from app.deepwriter.errors import (
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServerError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from tests.faults.conftest import TIMEOUT_SECONDS, TOKEN, ClientMaker, assert_hides_token
from tests.faults.scripted_server import (
    JOB_ID,
    OTHER_ID,
    Behaviour,
    Flood,
    ScriptedServer,
    drip,
    job_payload,
    message,
    reply_with,
    reset,
)

GOOD = message(200, job_payload())
HTML = b"<html><title>502 Bad Gateway</title></html>"
Kind = type[ApiError]

# The status, the body, the error, and a word of its sentence.
ANSWERS: dict[str, tuple[int, object, Kind, str]] = {
    "invalid JSON": (200, b'{"id": ', BadAnswer, "JSON"),
    "JSON but a list": (200, [1, 2], BadAnswer, "object"),
    "deeply nested": (200, b"[" * 200_000, BadAnswer, "JSON"),
    "invalid UTF-8": (200, b'{"id": "\xff"}', BadAnswer, "JSON"),
    "empty 200": (200, b"", BadAnswer, "JSON"),
    "HTML 200": (200, HTML, BadAnswer, "JSON"),
    "206": (206, job_payload(), BadAnswer, "206"),
    "HTML 502": (502, HTML, ServerError, "502 Bad Gateway"),
    "500": (500, {"error": "database is gone"}, ServerError, "database is gone"),
    "503 without a body": (503, b"", ServerError, "503"),
    "599": (599, b"", ServerError, "599"),
    "408": (408, b"", ServerError, "408"),
    "400": (400, {"error": "job has ended"}, Rejected, "job has ended"),
    "401": (401, {"error": "jwt expired"}, Unauthorized, "jwt expired"),
    "403": (403, {"error": "not yours"}, Forbidden, "not yours"),
    "404": (404, {"error": "Job not found"}, NotFound, "Job not found"),
    "401 with an empty reason": (401, {"error": ""}, Unauthorized, "sign in again"),
    "418": (418, {"error": "short and stout"}, Rejected, "short and stout"),
    "token quoted back": (401, {"error": f"unknown token {TOKEN}"}, Unauthorized, "unknown token [token]"),
    "escape sequences": (400, {"error": "a\x1b]0;x\x07\u202eb"}, Rejected, "a\u241b]0;x\u2407b"),
    # A 4xx that is not in the API's format comes from a proxy, and decides nothing.
    "400 with HTML": (400, HTML, BadAnswer, "400"),
    "401 with HTML": (401, HTML, BadAnswer, "401"),
    "404 with HTML": (404, HTML, BadAnswer, "404"),
    "407 with HTML": (407, HTML, BadAnswer, "407"),
    "401 with nothing": (401, b"", BadAnswer, "401"),
    "403 with another shape": (403, {"message": "no"}, BadAnswer, "403"),
    "404 with no reason": (404, {"error": None}, BadAnswer, "404"),
}
CHUNKS_CUT_OFF = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"
GZIP = message(200, gzip.compress(json.dumps(job_payload()).encode()), {"Content-Encoding": "gzip"})
DROPPED = "dropped the connection"

# The behaviour, the error, and a word of its sentence.
FAULTS: dict[str, tuple[Behaviour, Kind, str]] = {
    "reset": (reset, Unreachable, "127.0.0.1"),
    "closed at once": (reply_with(then="close"), Unreachable, DROPPED),
    "closed in the head": (reply_with(b"HTTP/1.1 200 OK\r\nContent-", "close"), Unreachable, DROPPED),
    "hang": (reply_with(then="hang"), TimedOut, "0.5 s"),
    "hang in the body": (reply_with(GOOD[:-20], "hang"), TimedOut, "0.5 s"),
    "slow drip": (drip(GOOD), TimedOut, "0.5 s"),
    "endless small headers": (drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 999), TimedOut, "0.5 s"),
    "truncated": (reply_with(GOOD[:-20], "close"), Unreachable, DROPPED),
    "truncated chunks": (reply_with(CHUNKS_CUT_OFF, "close"), Unreachable, DROPPED),
    "header flood": (reply_with(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000, "hang"), BadAnswer, "HTTP"),
    "no HTTP": (reply_with(b"220 mail.example ESMTP\r\n\r\n", "close"), BadAnswer, "HTTP"),
    "204": (reply_with(b"HTTP/1.1 204 No Content\r\n\r\n"), BadAnswer, "204"),
    "304": (reply_with(b"HTTP/1.1 304 Not Modified\r\n\r\n"), BadAnswer, "redirect"),
    "gzip": (reply_with(GZIP), BadAnswer, "compressed"),
    "401, then hang": (reply_with(message(401, {"error": "no"})[:-1], "hang"), BadAnswer, "401"),
    "500, then cut off": (reply_with(message(500, b"{}")[:-1], "close"), ServerError, "500"),
    **{
        name: (reply_with(message(code, body)), kind, word)
        for name, (code, body, kind, word) in ANSWERS.items()
    },
}
OF_FETCHES: dict[str, tuple[Behaviour, Kind, str]] = {
    "another job": (reply_with(message(200, job_payload(id=OTHER_ID))), BadAnswer, "another job"),
    "wrong type": (reply_with(message(200, job_payload(progress="42"))), BadAnswer, "`progress`"),
    "missing field": (reply_with(message(200, {"id": JOB_ID})), BadAnswer, "without `"),
    "error with 200": (reply_with(message(200, {"error": "oops"})), BadAnswer, "without `id`"),
    "201": (reply_with(message(201, job_payload())), BadAnswer, "201"),
}
ALSO_OF_CANCELS = (
    *("reset", "closed at once", "hang", "truncated", "no HTTP", "HTML 200", "HTML 502"),
    *("408", "400", "401", "401 with HTML", "token quoted back"),
)
OF_CANCELS: dict[str, tuple[Behaviour, Kind, str]] = {
    "message of a wrong type": (reply_with(message(200, {"message": 5})), BadAnswer, "`message`"),
    **{name: FAULTS[name] for name in ALSO_OF_CANCELS},
}


async def _fails(
    make_client: ClientMaker, base_url: str, action: str, kind: Kind, word: str = "", *, hangs: bool = False
) -> ApiError:
    """Send a request that must fail; returns the error."""
    client = make_client(base_url, timeout=TIMEOUT_SECONDS if hangs or kind is TimedOut else 20.0)
    with pytest.raises(ApiError) as caught:
        await getattr(client, action)(JOB_ID)
    assert type(caught.value) is kind
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert_hides_token(caught.value)
    return caught.value


REQUESTS = {
    "fetch": (f"GET /api/getJobStatus?jobId={JOB_ID} HTTP/1.1", b""),
    "cancel": ("POST /api/cancelJob HTTP/1.1", json.dumps({"jobId": JOB_ID}, separators=(",", ":")).encode()),
}


@pytest.mark.parametrize(
    ("action", "fault"),
    [*(("fetch", fault) for fault in (*FAULTS, *OF_FETCHES)), *(("cancel", fault) for fault in OF_CANCELS)],
)
async def test_each_fault_is_one_error_of_one_request(
    action: str, fault: str, make_client: ClientMaker
) -> None:
    behaviour, kind, word = (FAULTS | (OF_FETCHES if action == "fetch" else OF_CANCELS))[fault]
    async with ScriptedServer([behaviour]) as server:
        await _fails(make_client, server.base_url, action, kind, word, hangs="hang" in fault)
    assert [(seen.line, seen.body) for seen in server.seen] == [REQUESTS[action]]


@pytest.mark.parametrize("action", ["fetch", "cancel"])
async def test_a_refused_connection_is_unreachable(action: str, make_client: ClientMaker) -> None:
    with socket.socket() as bound:  # bound and not listening: no other process can take the port
        bound.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        await _fails(make_client, base_url, action, Unreachable, "Connection refused")


async def test_a_connect_without_an_answer_times_out(make_client: ClientMaker) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for other in waiting:  # fills the backlog, so that the next connect gets no answer at all
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        base_url = f"http://127.0.0.1:{full.getsockname()[1]}"
        await _fails(make_client, base_url, "fetch", TimedOut, "0.5 s")
        for other in waiting:
            other.close()


@pytest.mark.parametrize(
    ("action", "head"),
    [
        ("fetch", b"HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n"),
        ("fetch", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("cancel", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("fetch", b"HTTP/1.1 500 Oops\r\n\r\n"),
    ],
    ids=["announced", "unannounced", "of a cancel", "of an error"],
)
async def test_a_huge_body_is_not_read(action: str, head: bytes, make_client: ClientMaker) -> None:
    flood = Flood(64 * 1024 * 1024, head)
    async with ScriptedServer([flood]) as server:
        client = make_client(server.base_url)
        tracemalloc.start()
        try:
            with pytest.raises(ServerError if b"500" in head else BadAnswer) as caught:
                await getattr(client, action)(JOB_ID)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert ("500" if b"500" in head else "1 MiB") in str(caught.value)
    assert len(server.seen) == 1
    assert peak < 6 * 1024 * 1024
    assert flood.sent < 24 * 1024 * 1024  # no more than the socket buffers hold


@pytest.mark.parametrize(
    ("status", "action"), [(301, "fetch"), (302, "fetch"), (303, "cancel"), (308, "cancel")]
)
async def test_a_redirect_is_not_followed(status: int, action: str, make_client: ClientMaker) -> None:
    async with ScriptedServer([reply_with(GOOD)]) as elsewhere:
        target = f"http://user:pass@127.0.0.1:{elsewhere.port}/x?token=abc"
        async with ScriptedServer([reply_with(message(status, b"", {"Location": target}))]) as server:
            error = await _fails(make_client, server.base_url, action, BadAnswer)
    assert f"http://127.0.0.1:{elsewhere.port};" in str(error)
    assert "pass@" not in str(error)
    assert "token=abc" not in str(error)
    assert len(server.seen) == 1
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("", "; the base URL may lack its /api: try {site}/api"),
        ("/api", "; check the base URL and any proxy"),
    ],
)
async def test_a_page_not_found_suggests_the_path_of_the_api(
    path: str, advice: str, make_client: ClientMaker
) -> None:
    async with ScriptedServer([reply_with(message(404, HTML, {"Content-Type": "text/html"}))]) as server:
        site = server.base_url.removesuffix("/api")
        error = await _fails(make_client, site + path, "fetch", BadAnswer)
    assert str(error).endswith(advice.format(site=site))


REASON = {"error": "a moment"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, b"", RateLimited),
        (503, b"", ServerError),
        (403, REASON, RateLimited),
        (401, REASON, Unauthorized),
        (404, REASON, NotFound),
        (400, REASON, Rejected),
        (403, HTML, BadAnswer),
        (302, b"", BadAnswer),
        (200, HTML, BadAnswer),
    ],
)
async def test_retry_after_with_any_status(
    status: int, body: object, kind: Kind, make_client: ClientMaker
) -> None:
    async with ScriptedServer([reply_with(message(status, body, {"Retry-After": "7"}))]) as server:
        error = await _fails(make_client, server.base_url, "fetch", kind)
    assert error.retry_after == 7.0


async def test_a_good_answer_can_ask_for_a_pause(make_client: ClientMaker) -> None:
    answers = [reply_with(message(200, job_payload(), {"Retry-After": "40"})), reply_with(GOOD)]
    pauses: list[float] = []
    async with ScriptedServer(answers) as server:
        client = make_client(server.base_url)
        client.on_pause = pauses.append
        for _ in answers:
            await client.fetch(JOB_ID)
    assert pauses == [40.0]


async def test_a_request_can_be_cancelled(make_client: ClientMaker) -> None:
    async with ScriptedServer([reply_with(then="hang"), reply_with(GOOD)]) as server:
        client = make_client(server.base_url)
        task = asyncio.create_task(client.fetch(JOB_ID))
        await server.wait_for(lambda: len(server.seen) == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await client.fetch(JOB_ID)).status == "in_progress"
