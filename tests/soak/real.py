"""The whole program, for real: on a terminal, against a server that is faulty, stopped and restarted by turns.

Keys are pressed and the terminal changes its size meanwhile. Memory, descriptors, threads, tasks and the database
are looked at from outside; once warm, none of them may grow.
"""

import itertools
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from app.simulator.scenarios import Step
from app.store.store import Store
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.scripted_world import ScriptedWorld
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import assert_restored, dwtop, processor_seconds, threads_of, timed

SECONDS = 600.0
JOBS = 60

_PHASE = 10.0
"""Seconds that each kind of bad weather lasts."""

_FAIR = 20.0
"""Seconds of fair weather after each, so that there is work to do most of the time."""

_SAMPLE_EVERY = 4.0

_SHOWN = 20.0
"""Seconds that a job stays on the list once it has ended."""

_STAGES = ("Outline", "Research", "Drafting", "Polishing")

_SIZES = ((120, 30), (80, 24), (200, 60), (40, 8), (120, 30))
_KEYS = (
    ("j", "k", "G", "g"),
    ("enter", "j", "j", "enter"),
    ("e", "escape"),
    ("?", "escape"),
    ("s", "S"),
    (" ", "V", "escape"),
    ("R", "r"),
    ("p", "p"),
    ("x", "escape"),
    ("z", "z", "z"),
)


@dataclass(frozen=True)
class Pulse:
    """What was seen from outside at one moment."""

    second: int
    weather: str
    requests: int
    cpu_percent: int
    kib: int
    files: int
    threads: int
    tasks: int
    database_kib: int

    def row(self) -> str:
        """One line of the table."""
        return "".join(f"{getattr(self, field.name):>{_WIDTHS[field.name]}}" for field in fields(self))


_WIDTHS = {
    field.name: max(14 if field.name == "weather" else 8, len(field.name) + 2) for field in fields(Pulse)
}
HEAD = "".join(f"{name:>{width}}" for name, width in _WIDTHS.items())

_SLACK = {"kib": 10 * 1024, "files": 2, "threads": 1, "tasks": 10}
"""By how much the later half of the samples may lie above the earlier one, warm-up left out.

Textual remembers results about sizes and places, of each kind the last 1024 or 4096 (`lru_cache`, half a KiB each):
with ever new sizes and toasts these fill up for a quarter of an hour, by some 28 KiB a second at first.
"""


def soak(seconds: float = SECONDS, seed: int = 1, tell: Callable[[str], None] = print) -> list[Pulse]:
    """Run the program for so long, and end it in good order.

    Args:
        seconds: How long.
        seed: For weather, keys and sizes.
        tell: Told each line of the table.

    Returns:
        What was seen.

    Raises:
        AssertionError: It ended by itself, did not recover, or left the terminal in disorder.
    """
    world = ScriptedWorld(seed, 0)
    pulses: list[Pulse] = []
    tell(HEAD)
    with tempfile.TemporaryDirectory() as folder, FaultySimulator(world) as server:
        database, note = Path(folder, "db"), Path(folder, "tasks")
        chance = random.Random(seed)
        with (
            _Customer(database, server, chance) as customer,
            dwtop(
                *("--interval", "2"),
                base_url=server.base_url,
                database=database,
                env={"SOAK_NOTE": str(note), "HOME": folder, "XDG_CONFIG_HOME": folder},
                entry=("-m", "tests.soak.entry"),
            ) as pane,
        ):
            pane.wait_for("in progress")
            start = time.monotonic()
            hands = _hands(pane, chance)
            for weather, storm in _seasons():
                if time.monotonic() - start > seconds:
                    break
                with storm(server):
                    end = time.monotonic() + (_FAIR if storm is _fair else _PHASE)
                    while time.monotonic() < end:
                        pulses.append(_pulse(pane, server, start, weather, database, note, pulses))
                        tell(pulses[-1].row())
                        customer.come_by()
                        next(hands)
                        pane.written_during(_SAMPLE_EVERY)
                        assert pane.exit_code is None, f"it ended by itself\n{_report(pane, folder)}"
            pane.resize(120, 30)
            pane.press("escape", "escape", "escape", "r")
            pane.wait_for(lambda pane: "Offline" not in pane.text and "running" in pane.text, timeout=90)
            with timed(2.5):
                pane.press("ctrl+c")
                assert pane.wait_exit() == 0
            assert_restored(pane)
    return pulses


def assert_steady(pulses: list[Pulse]) -> None:
    """Nothing grew after the first third.

    Raises:
        AssertionError: Something did; the message says what.
    """
    warm = pulses[len(pulses) // 3 :]
    half = len(warm) // 2
    assert half >= 5, "too short to tell: run it for two minutes or more"
    for name, slack in _SLACK.items():
        early = _middle([getattr(pulse, name) for pulse in warm[:half]])
        late = _middle([getattr(pulse, name) for pulse in warm[half:]])
        assert late <= early + slack, f"{name} grew from {early} to {late}"
    # What is written is what happened: changes of jobs, at most one each poll, and the log of the weather.
    grown = 1024 * (warm[-1].database_kib - warm[0].database_kib)
    asked = warm[-1].requests - warm[0].requests
    assert grown <= 4 * 1024 * 1024 + 200 * asked, f"the database grew by {grown} bytes in {asked} requests"


def _report(pane: Pane, folder: str) -> str:
    """What it says of its end."""
    return "\n".join([pane.text, *(path.read_text() for path in Path(folder).rglob("crash-*.txt"))])


class _Customer:
    """Somebody who works with the same watch list from elsewhere: the load stays the same however many jobs end."""

    def __init__(self, database: Path, server: FaultySimulator, chance: random.Random) -> None:
        self._server = server
        self._chance = chance
        self._store = Store(database, server.base_url)
        self._ends: dict[str, float] = {}
        self._order(JOBS, begun=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def come_by(self) -> None:
        """Take what ended a while ago off the list, and order as many new jobs."""
        ended = [job_id for job_id, end in self._ends.items() if end + _SHOWN < time.monotonic()]
        if ended:
            self._store.remove(ended).result(10)
            for job_id in ended:
                self._server.world.remove(job_id)
                del self._ends[job_id]
            self._order(len(ended))

    def _order(self, number: int, *, begun: bool = False) -> None:
        names = []
        for _ in range(number):
            seconds = self._chance.uniform(40.0, 160.0)
            age = self._chance.uniform(0.0, seconds) if begun else 0.0
            share = seconds / len(_STAGES)
            steps = [
                Step("in_progress", stage, 100.0 * n / len(_STAGES), 100.0 * (n + 1) / len(_STAGES), share)
                for n, stage in enumerate(_STAGES)
            ]
            end = self._chance.choices(["completed", "failed", "moderated"], [80, 15, 5])[0]
            name = self._server.world.add(
                [Step("queued", None, None, None, 5.0), *steps, Step(end, None, 100.0, 100.0, 1.0)], age=age
            )
            self._ends[name] = time.monotonic() + 5.0 + seconds - age
            names.append(name)
        self._store.add(names).result(10)


def _middle(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]


@contextmanager
def _fair(server: FaultySimulator) -> Iterator[None]:
    yield


@contextmanager
def _stopped(server: FaultySimulator) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


def _faulty(*faults: Fault) -> Callable[[FaultySimulator], AbstractContextManager[None]]:
    @contextmanager
    def storm(server: FaultySimulator) -> Iterator[None]:
        server.faults.add(*faults)
        try:
            yield
        finally:
            server.faults.clear()

    return storm


_WEATHER: dict[str, Callable[[FaultySimulator], AbstractContextManager[None]]] = {
    "stopped": _stopped,
    "errors": _faulty(
        *(
            Fault(kind=kind, probability=0.15)
            for kind in (FaultKind.RESET, FaultKind.TRUNCATED, FaultKind.NOT_JSON)
        ),
        Fault(kind=FaultKind.HTTP, code=502, probability=0.15),
    ),
    "hanging": _faulty(Fault(kind=FaultKind.HANG, seconds=8.0, probability=0.5)),
    "hostile": _faulty(Fault(kind=FaultKind.HOSTILE)),
    "limited": _faulty(Fault(kind=FaultKind.HTTP, code=429, retry_after=3.0, probability=0.1)),
    "signed out": _faulty(Fault(kind=FaultKind.HTTP, code=401, count=1)),
    "odd": _faulty(
        *(
            Fault(kind=kind, probability=0.2)
            for kind in (FaultKind.OTHER_JOB, FaultKind.NULLS, FaultKind.UNKNOWN_STATUS)
        )
    ),
    "huge": _faulty(Fault(kind=FaultKind.HUGE, size=4 * 1024 * 1024, probability=0.2)),
}


def _seasons() -> Iterator[tuple[str, Callable[[FaultySimulator], AbstractContextManager[None]]]]:
    """Each kind of bad weather after some fair one, for ever."""
    for weather in itertools.cycle(_WEATHER.items()):
        yield "fair", _fair
        yield weather


def _hands(pane: Pane, chance: random.Random) -> Iterator[None]:
    """What a person does at the terminal now and then."""
    for count in itertools.count():
        if count % 4 == 3:
            pane.resize(*chance.choice(_SIZES))
        pane.press(*chance.choice(_KEYS))
        if count % 3 == 2:
            pane.press("r")  # after which a signed-out program finds out that it is let in again
        yield


def _pulse(
    pane: Pane,
    server: FaultySimulator,
    start: float,
    weather: str,
    database: Path,
    note: Path,
    before: list[Pulse],
) -> Pulse:
    note.unlink(missing_ok=True)
    pane.signal(signal.SIGUSR1)
    pane.wait_for(lambda pane: note.exists(), timeout=10)
    second = time.monotonic() - start
    status = Path(f"/proc/{pane.pid}/status").read_text(encoding="utf-8")
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    used = processor_seconds(pane.pid)
    return Pulse(
        int(second),
        weather,
        len(server.requests),
        round(100 * used / max(second, 1.0)),
        int(resident.split()[1]),
        len(os.listdir(f"/proc/{pane.pid}/fd")),  # noqa: PTH208 - entries that vanish meanwhile count as well
        threads_of(pane.pid),
        int(note.read_text(encoding="ascii")),
        sum(path.stat().st_size for path in database.parent.glob("db*")) // 1024,
    )
