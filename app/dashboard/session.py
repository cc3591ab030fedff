"""One sitting: the watch list, the settings in force, and the core as soon as there is an API to ask."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.settings import Settings
from app.watch.api import JobApi
from app.watch.connection import LinkState
from app.watch.pace import Intervals
from app.watch.watch_list import WatchList
from app.watch.watched import Watched
from app.watch.watcher import Watcher


@dataclass(frozen=True, slots=True)
class Connected:
    """What connecting brought.

    Attributes:
        api: The API to ask.
        close: Gives back what connecting took; called once, in a thread, after the last request.
        warnings: Sentences that a person should read once.
    """

    api: JobApi
    close: Callable[[], None] = lambda: None
    warnings: tuple[str, ...] = ()


Connect = Callable[[], Connected]
"""Finds the token and builds the API client. Slow to import and to run, so it is called in a thread."""


@dataclass(slots=True)
class Session:
    """What the screens share.

    Attributes:
        settings: In force since the start.
        watch_list: The jobs, loaded from the database.
        connect: How to reach the API.
        demo: Whether the API is simulated.
        added: Jobs named on the command line that were not watched yet.
        now: The wall clock, in seconds since the epoch.
        watcher: The core; None until connected.
        intervals: How often jobs are asked for.
    """

    settings: Settings
    watch_list: WatchList
    connect: Connect
    demo: bool = False
    added: tuple[str, ...] = ()
    now: Callable[[], float] = time.time
    watcher: Watcher | None = field(default=None, init=False)
    intervals: Intervals = field(init=False)
    _connected: Connected | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Work out the intervals."""
        self.intervals = intervals_of(self.settings)

    async def start(self, on_link: Callable[[LinkState], None]) -> tuple[str, ...]:
        """Connect, without holding up the screen, and build the core.

        Args:
            on_link: Told whenever the state of the connection changes.

        Returns:
            Sentences that a person should read once.
        """
        self._connected = await asyncio.to_thread(self.connect)
        self.watcher = Watcher(
            self.watch_list,
            self._connected.api,
            intervals=self.intervals,
            requests_per_minute=self.settings.requests_per_minute,
            on_link=on_link,
            now=self.now,
        )
        return self._connected.warnings

    def close(self) -> None:
        """Write what is left and let go of the API; takes 2 s at most."""
        if self._connected:
            self._connected.close()
        self.watch_list.store.close()

    def interval(self, entry: Watched) -> float | None:
        """Seconds between two polls of a job as things are; None for one that is not polled."""
        if self.watcher:
            return self.watcher.poller.interval(entry)
        return self.intervals.of(entry.cadence)


def intervals_of(settings: Settings) -> Intervals:
    """The intervals that the settings ask for."""
    if settings.interval is not None:
        return Intervals.every(settings.interval)
    chosen = settings.intervals
    return Intervals(chosen.fast, chosen.medium, chosen.slow)
