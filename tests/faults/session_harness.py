"""A running session without a screen, on a simulated API."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.cli.session import connect_to_api, new_session
from app.settings.schema import Settings
from app.store.store import Store
from app.watch.account import Connected
from app.watch.api import Api
from app.watch.polling.link import Link, LinkState
from app.watch.session import Session
from app.watch.watch_list import WatchList
from tests.processes import database
from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator, LoggedRequest
from tests.timing import eventually

OLD = "tok-old-1f3c9a7e5d2b4860-never-shown"
NEW = "tok-new-8e6d4c2b0a917f53-never-shown"


@dataclass
class SessionHarness:
    """A running session, its API, and the tokens that the API accepts, which may change at any time."""

    session: Session
    server: FaultySimulator
    allowed: set[str]

    @property
    def link(self) -> LinkState:
        """The state of the connection."""
        assert self.session.watcher is not None
        return self.session.watcher.link.state

    @property
    def log(self) -> list[str]:
        """The event log, newest first."""
        return [event.text for event in self.session.watch_list.store.events()]

    def sent(self, token: str) -> list[LoggedRequest]:
        """The requests that were signed with a token."""
        return [one for one in self.server.requests if f"Bearer {token}" in one.credentials.values()]

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until a condition holds."""
        await eventually(holds, lambda: (self.link, self.log, len(self.server.requests)))

    async def token_accepted(self, token: str) -> None:
        """Wait for a good answer to a request that was signed with a token."""
        await self.until(lambda: any(one.status == 200 for one in self.sent(token)))
        await self.until(lambda: self.link.status is Link.UP)

    async def signed_out(self) -> None:
        """Wait until polling has stopped, and no request is in flight."""
        await self.until(lambda: self.link.status is Link.SIGNED_OUT)
        assert self.session.watcher is not None
        poller = self.session.watcher.poller
        await self.until(lambda: not poller._fetching)


@asynccontextmanager
async def running_session(
    *, allowed: set[str], jobs: int = 1, **settings: object
) -> AsyncIterator[SessionHarness]:
    """Run a session with a number of jobs in progress, on an API that accepts the `allowed` tokens."""
    with simulated(tokens=allowed) as server:
        async with session_on(server, **settings) as session:
            await session.watch_list.add([server.world.add(RUNNING) for _ in range(jobs)])
            yield SessionHarness(session, server, allowed)


@asynccontextmanager
async def session_on(
    server: FaultySimulator,
    api: Api | None = None,
    path: Path | None = None,
    shared: bool = False,
    /,
    **settings: object,
) -> AsyncIterator[Session]:
    """Run a session on a server, with this client or one from the settings. Each job in progress is polled once a second.

    `path` is its database; without one it has its own. With `shared`, other sessions may have it open.
    """
    chosen = Settings(base_url=server.base_url, interval=1.0, **settings)  # type: ignore[arg-type]
    watch_list = WatchList(Store(path or database(), server.base_url))

    def connect() -> Connected:
        return Connected(api) if api else connect_to_api(chosen, session.account.ending.is_set)

    session = new_session(chosen, watch_list, connect, shared=shared)
    await session.start()
    running = asyncio.create_task(session.run())
    try:
        yield session
        assert not running.done(), running
    finally:
        running.cancel()
        await asyncio.wait([running])
        await session.account.disconnect()
        session.close()
