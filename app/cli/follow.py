"""Follows jobs with the dashboard's own poller, and tells every change of status."""

import asyncio
import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from app.cli.errors import SIGNED_OUT, CliError, way_in
from app.cli.session import begun
from app.presentation.json_fields import Transition
from app.watch.events import reported_status
from app.watch.polling.link import Link, LinkState
from app.watch.session import Session
from app.watch.watch_list import Change
from app.watch.watcher import Watcher

_SECOND_LOOK = 1.0
"""Seconds after which a job that the API did not know is asked for once more, to be sure."""

_RENEWAL = 15.0
"""Seconds for which another token is waited for where one that was good is refused."""


class Follower:
    """Tells the transitions of a sitting's jobs, beginning with the state in which each is found."""

    def __init__(
        self,
        session: Session,
        tell: Callable[[Transition], None],
        on_change: Callable[[LinkState], None] = lambda link: None,
        *,
        output: TextIO | None = None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            session: The sitting; all jobs on its watch list are followed.
            tell: Told each transition. What it raises ends `run`.
            on_change: Told the state of the connection whenever that or any job changes.
            output: What `tell` prints to, if there is nothing left to do once nobody reads it. A pipe whose reader
                goes then ends `run` at once, and not only when the next line is to be printed.
        """
        self._session = session
        self._tell = tell
        self._on_change = on_change
        self._output = output
        self._told: dict[str, str] = {}
        self._let_in = False
        self._changed = asyncio.Event()
        self._looks: set[asyncio.Task[object]] = set()
        self._broken: Exception | None = None
        self._watcher: Watcher | None = None

    async def run(self, done: Callable[[], bool]) -> None:
        """Follow until there is no more to wait for.

        A request that fails is only a request that fails; the poller goes on until there is an answer.

        Args:
            done: Whether that is so; asked at the start and after every change.

        Raises:
            CliError: The sign-in is missing, or was not accepted.
        """
        async with begun(self._session) as watcher:
            self._watcher = watcher
            unsubscribe = self._session.watch_list.subscribe(self._on_entry)
            watcher.link.subscribe(lambda state: self._note())
            for entry in tuple(self._session.watch_list.entries.values()):
                if entry.finished:
                    self._on_entry(Change(entry, entry))
            polling = asyncio.create_task(self._session.run(), name="polling")
            polling.add_done_callback(lambda task: self._changed.set())
            try:
                with _when_unread(self._output, self._unread):
                    await self._until(done, watcher, polling)
            finally:
                unsubscribe()
                for task in (polling, *self._looks):
                    task.cancel()
                await asyncio.gather(polling, *self._looks, return_exceptions=True)

    async def _until(self, done: Callable[[], bool], watcher: Watcher, polling: "asyncio.Task[None]") -> None:
        clock = asyncio.get_running_loop().time
        give_up: float | None = None
        while not (done() or self._broken):
            self._changed.clear()
            if watcher.link.state.status is not Link.SIGNED_OUT:
                give_up = None
            elif give_up is None:
                if await self._session.another_token():
                    continue
                # A token that was good may have run out, and its source may have another in a moment.
                give_up = clock() + (_RENEWAL if self._let_in else 0.0)
            try:
                async with asyncio.timeout_at(give_up):
                    await self._changed.wait()
            except TimeoutError:
                raise CliError(way_in(watcher.link.state.reason), SIGNED_OUT) from None
            if polling.done():
                polling.result()  # it never ends but by an error of ours
        if self._broken:
            raise self._broken

    def _note(self) -> None:
        self._changed.set()
        if self._watcher:
            self._on_change(self._watcher.link.state)

    def _on_entry(self, change: Change) -> None:
        entry = change.after
        if entry is None:
            return
        if entry.misses == 1:
            self._look_again(entry.id)
        self._let_in = self._let_in or (entry.failure is None and not entry.finished)
        status = reported_status(entry)
        # What was known from an earlier run is no news, and may be long out of date.
        known = entry.misses > 1 or (entry.failure is None and not entry.misses)
        if status and known and status != self._told.get(entry.id):
            transition = Transition(self._session.now(), self._told.get(entry.id), entry)
            self._told[entry.id] = status
            try:
                self._tell(transition)
            except OSError as error:  # a poll must not fail because nobody reads what we print
                self._broken = error
        self._note()

    def _unread(self) -> None:
        self._broken = BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        self._changed.set()

    def _look_again(self, job_id: str) -> None:
        async def look() -> None:
            await asyncio.sleep(_SECOND_LOOK)
            assert self._watcher is not None
            await self._watcher.poller.fetch_now(job_id)

        task: asyncio.Task[object] = asyncio.create_task(look(), name=f"second look {job_id}")
        self._looks.add(task)
        task.add_done_callback(self._looks.discard)


@contextmanager
def _when_unread(output: TextIO | None, tell: Callable[[], None]) -> Iterator[None]:
    """Have it told, once, when the reader of a pipe has gone; any other output has none that could go."""
    place = _pipe(output)
    if place is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(place)
        tell()

    # There is never anything to read here, so that all it can be is the other end closing.
    loop.add_reader(place, gone)
    try:
        yield
    finally:
        loop.remove_reader(place)


def _pipe(output: TextIO | None) -> int | None:
    """The descriptor of an output that is a pipe; None for any other."""
    try:
        place = output.fileno() if output else None
        return place if place is not None and stat.S_ISFIFO(os.fstat(place).st_mode) else None
    except (OSError, ValueError):  # it was closed, or is no file at all
        return None
