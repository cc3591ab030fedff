"""Connections: when they are reused, and what is sent to whom."""

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.deepwriter import transport
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.errors import NotSignedIn, TimedOut, Unreachable
from app.job import Job
from app.watch.polling.intervals import Intervals
from tests.faults.conftest import TOKEN, ClientMaker, assert_hides_token
from tests.faults.scripted_server import (
    JOB_ID,
    Behaviour,
    Exchange,
    ScriptedServer,
    job_payload,
    message,
    reply_with,
    reset,
)
from tests.timing import ManualClock

GOOD = message(200, job_payload())
ACCEPTED = message(200, {"message": "Job cancelled"})
CERTIFICATE = Path(__file__).with_name("self_signed.pem")


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def test_a_request_has_these_headers_and_no_others(
    make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = Path.home() / ".netrc"  # which is not read
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with_a_cookie = message(200, job_payload(), {"Set-Cookie": "a=b; Path=/"})  # which is not kept
    async with ScriptedServer([reply_with(with_a_cookie)]) as server:
        client = make_client(server.base_url)
        for _ in range(2):
            job = await client.fetch(JOB_ID.upper())
            assert (job.id, job.progress) == (JOB_ID, 42.5)
        assert TOKEN not in repr(client) + repr(vars(client))
    for seen in server.seen:
        headers = dict(seen.headers)
        assert headers.pop("user-agent").startswith("dwtop/")
        assert headers == {
            "authorization": f"Bearer {TOKEN}",
            "accept": "application/json",
            "accept-encoding": "identity",
            "host": f"127.0.0.1:{server.port}",
        }


async def test_an_api_key_goes_in_its_own_header(make_client: ClientMaker) -> None:
    async with ScriptedServer([reply_with(message(202, {"message": "Job cancelled"}))]) as server:
        client = make_client(server.base_url, make_credential("key-1", "api-key"))
        assert await client.cancel(JOB_ID) == "Job cancelled"
    headers = server.seen[0].headers
    assert headers["x-api-key"] == "key-1"
    assert "authorization" not in headers


async def test_nothing_is_sent_without_a_token_and_a_new_one_at_once(make_client: ClientMaker) -> None:
    async with ScriptedServer([reply_with(GOOD)]) as server:
        client = make_client(server.base_url, None)
        for action in (client.fetch, client.cancel):
            with pytest.raises(NotSignedIn):
                await action(JOB_ID)
        assert server.connections == 0
        for token in (TOKEN, "second-token"):
            client.use(make_credential(token))
            await client.fetch(JOB_ID)
        client.use(None)
        with pytest.raises(NotSignedIn):
            await client.fetch(JOB_ID)
    tokens = [seen.headers["authorization"] for seen in server.seen]
    assert tokens == [f"Bearer {TOKEN}", "Bearer second-token"]


async def test_a_post_never_reuses_a_connection(make_client: ClientMaker) -> None:
    async with ScriptedServer(
        [reply_with(GOOD), reply_with(GOOD), reply_with(ACCEPTED), reply_with(ACCEPTED), reply_with(GOOD)]
    ) as server:
        client = make_client(server.base_url)
        await client.fetch(JOB_ID)
        await client.fetch(JOB_ID)
        await client.cancel(JOB_ID)
        await client.cancel(JOB_ID)
        await client.fetch(JOB_ID)
    assert [seen.connection for seen in server.seen] == [1, 1, 2, 3, 1]


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
async def test_a_connection_that_the_server_dropped_is_not_used_again(
    make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with ScriptedServer(
        [reply_with(GOOD, "close"), reply_with(GOOD)], tls=server_tls() if tls else None
    ) as server:
        client = make_client(server.base_url)
        await client.fetch(JOB_ID)
        await client.fetch(JOB_ID)
    assert [seen.connection for seen in server.seen] == [1, 2]


def timers_of_connections_to(port: int) -> list[str]:
    """Which timer runs for each established connection (proc_net_tcp in the kernel's documentation)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [
        timer.partition(":")[0]
        for _, _, remote, state, _, timer, *_ in rows
        if remote.endswith(f":{port:04X}") and state == "01"
    ]


@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="only Linux lists the timers of its connections"
)
async def test_idle_connections_have_tcp_keep_alive(make_client: ClientMaker) -> None:
    async with ScriptedServer([reply_with(GOOD)]) as server:
        await make_client(server.base_url).fetch(JOB_ID)
        assert timers_of_connections_to(server.port) == ["02"], "its keep-alive timer runs"


async def close_unanswered(exchange: Exchange) -> None:
    """Close an idle connection just as a request is on its way."""
    exchange.writer.close()


@pytest.mark.parametrize("breaks", [close_unanswered, reset], ids=["closed", "reset"])
async def test_a_get_that_is_lost_when_idle_is_sent_again_once(
    make_client: ClientMaker, breaks: Behaviour
) -> None:
    good = reply_with(GOOD)
    async with ScriptedServer([good, breaks, good, good, breaks]) as server:
        client = make_client(server.base_url)
        for connections in ([1], [1, 1, 2], [1, 1, 2, 3]):
            assert (await client.fetch(JOB_ID)).id == JOB_ID
            assert [seen.connection for seen in server.seen] == connections
        for connections in ([1, 1, 2, 3, 3, 4], [1, 1, 2, 3, 3, 4, 5]):  # never after a new connection
            with pytest.raises(Unreachable):
                await client.fetch(JOB_ID)
            assert [seen.connection for seen in server.seen] == connections


async def test_a_connection_outlasts_the_pause_between_slow_polls(
    make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(1000.0)
    monkeypatch.setattr("httpcore._async.http11.time", SimpleNamespace(monotonic=clock))
    async with ScriptedServer([reply_with(GOOD)]) as server:
        client = make_client(server.base_url)
        for pause in (Intervals().fast, Intervals().medium, Intervals().slow, 300.0):
            await client.fetch(JOB_ID)
            clock.now += pause
        await client.fetch(JOB_ID)
    assert [seen.connection for seen in server.seen] == [1, 1, 1, 1, 2]


@pytest.mark.parametrize("tls", [False, True], ids=["http", "in the TLS handshake"])
async def test_requests_that_time_out_leave_nothing_open(tls: bool, make_client: ClientMaker) -> None:
    async with ScriptedServer([*[reply_with(then="hang")] * 24, reply_with(GOOD)]) as server:
        client = make_client(server.base_url.replace("http:", "https:") if tls else server.base_url)
        outcomes = await asyncio.gather(*(client.fetch(JOB_ID) for _ in range(24)), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {TimedOut}
        assert server.connections == 24
        await server.wait_for(lambda: server.open == 0)
        if not tls:
            answer: Job | None = None
            async with asyncio.timeout(20):
                while answer is None:
                    with contextlib.suppress(TimedOut):  # on a slow machine
                        answer = await client.fetch(JOB_ID)
            assert answer.id == JOB_ID


def proxied(monkeypatch: pytest.MonkeyPatch, proxy: ScriptedServer) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://someone:proxy-password@127.0.0.1:{proxy.port}")


async def test_loopback_uses_no_proxy(make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with (
        ScriptedServer([reply_with(message(502))]) as proxy,
        ScriptedServer([reply_with(GOOD), reply_with(ACCEPTED)]) as plain,
        ScriptedServer([reply_with(GOOD), reply_with(ACCEPTED)], tls=server_tls()) as secure,
    ):
        proxied(monkeypatch, proxy)
        for server in (plain, secure):
            client = make_client(server.base_url)
            await client.fetch(JOB_ID)
            await client.cancel(JOB_ID)
    assert (len(plain.seen), len(secure.seen), proxy.connections) == (2, 2, 0)


async def test_a_proxy_sees_only_the_host(make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScriptedServer([reply_with(message(407))]) as proxy:
        proxied(monkeypatch, proxy)
        client = make_client("https://api.invalid/api")
        for action in (client.fetch, client.cancel):
            with pytest.raises(Unreachable, match=r"\(proxy 127.0.0.1:\d+\): the proxy refuses") as caught:
                await action(JOB_ID)
            assert_hides_token(caught.value)
            assert "proxy-password" not in str(caught.value)
    assert {seen.line for seen in proxy.seen} == {"CONNECT api.invalid:443 HTTP/1.1"}
    assert TOKEN not in repr(proxy.seen)
    assert JOB_ID not in repr(proxy.seen)


async def test_a_dead_proxy_is_named(make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound:  # bound and not listening: no other process can take the port
        bound.bind(("127.0.0.1", 0))
        proxy = f"127.0.0.1:{bound.getsockname()[1]}"
        monkeypatch.setenv("ALL_PROXY", f"http://someone:proxy-password@{proxy}")
        with pytest.raises(Unreachable) as caught:
            await make_client("https://api.invalid/api").fetch(JOB_ID)
    assert str(caught.value) == f"cannot reach api.invalid (proxy {proxy}): Connection refused"


async def test_a_proxy_that_hangs_is_named(make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScriptedServer([reply_with(then="hang")]) as proxy:
        proxied(monkeypatch, proxy)
        with pytest.raises(TimedOut, match=rf"^api.invalid \(proxy 127.0.0.1:{proxy.port}\) did not answer"):
            await make_client("https://api.invalid/api").fetch(JOB_ID)


def test_the_proxy_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def proxy_for(base_url: str) -> str | None:
        proxy = transport._proxy(base_url, context)
        return str(proxy.url) if proxy else None

    assert proxy_for("https://api.invalid") is None
    monkeypatch.setenv("HTTP_PROXY", "http://plain.invalid:1")
    monkeypatch.setenv("ALL_PROXY", "all.invalid:2")
    assert proxy_for("http://api.invalid") is None
    assert proxy_for("https://localhost:5000") is None
    assert proxy_for("https://api.invalid") == "http://all.invalid:2"
    monkeypatch.setenv("HTTPS_PROXY", "http://secure.invalid:3")
    assert proxy_for("https://api.invalid/api") == "http://secure.invalid:3"
    monkeypatch.setenv("NO_PROXY", "other.invalid, api.invalid")
    assert proxy_for("https://api.invalid/api") is None
    assert proxy_for("https://api.example.invalid/api") == "http://secure.invalid:3"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "socks5://127.0.0.1:1"),
        ("ALL_PROXY", "http://[::1"),
        ("SSL_CERT_FILE", "/nonexistent/certificates.pem"),
        ("SSL_CERT_FILE", __file__),
    ],
)
async def test_an_environment_that_cannot_be_used_is_named(
    name: str, value: str, make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Unreachable, match="unset it"):
        await make_client("https://api.invalid").fetch(JOB_ID)


async def test_a_self_signed_certificate_is_not_trusted(make_client: ClientMaker) -> None:
    async with ScriptedServer([reply_with(GOOD)], tls=server_tls()) as server:
        with pytest.raises(Unreachable) as caught:
            await make_client(server.base_url).fetch(JOB_ID)
    assert_hides_token(caught.value)
    assert "is not trusted (self-signed certificate); have this system trust its issuer" in str(caught.value)
    assert server.seen == []
