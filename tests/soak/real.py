"""The whole program on a terminal, against a server that is faulty, stopped and restarted in turns.

Meanwhile keys are pressed and the terminal is resized. Memory, descriptors, threads, tasks and the database are
measured from outside; after a warm-up, none of them may grow.
"""

import itertools
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from app.simulator.scenarios import Step
from app.store.store import Store
from tests.processes import processor_seconds, threads_of
from tests.scripted_api import job_id
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.hostile_text import ALL_HOSTILE, TEXT_FIELDS
from tests.simulator_faults.scripted_world import ScriptedWorld
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import assert_restored, dwtop

SECONDS = 600.0
JOBS = 60

_FAULT_SECONDS = 10.0
"""How long each kind of fault lasts."""

_RECOVERY_SECONDS = 20.0
"""How long the server works after each, so that there is work to do most of the time."""

_SAMPLE_INTERVAL_SECONDS = 4.0

_KEPT_SECONDS = 20.0
"""How long a job stays on the list once it has ended."""

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


class Measurement(NamedTuple):
    """What was measured at one moment."""

    second: int
    conditions: str
    requests: int
    cpu_percent: int
    kib: int
    files: int
    threads: int
    tasks: int
    database_kib: int


_SLACK = {"kib": 10 * 1024, "files": 10, "threads": 1, "tasks": 10}
"""By how much the later half of the samples may lie above the earlier one, without the warm-up. As many connections
are kept as there were requests at once, ten at most.

Textual caches the last 1024 or 4096 results of each kind about sizes and positions (`lru_cache`, half a KiB each).
With ever new sizes and toasts these caches grow for a quarter of an hour, by some 28 KiB a second at first.
"""


def soak(seconds: float = SECONDS, seed: int = 1, report: Callable[[str], None] = print) -> list[Measurement]:
    """Run the program for a time, quit it, and return what was measured."""
    world = ScriptedWorld(seed, 0)
    measurements: list[Measurement] = []
    report(_row(Measurement._fields))
    with tempfile.TemporaryDirectory() as folder, FaultySimulator(world) as server:
        database, note = Path(folder, "db"), Path(folder, "tasks")
        chance = random.Random(seed)
        with (
            _OtherProcess(database, server, chance) as other_process,
            dwtop(
                *("--interval", "2", "--database", str(database)),
                base_url=server.base_url,
                env={
                    "SOAK_NOTE": str(note),
                    "HOME": folder,
                    "XDG_CONFIG_HOME": folder,
                    "DWTOP_REQUESTS_PER_MINUTE": "300",  # as users have it
                },
                entry=("-m", "tests.soak.entry"),
            ) as pane,
        ):
            pane.wait_for("in progress")
            start = time.monotonic()
            interaction = _interact(pane, chance)
            for conditions in itertools.cycle(name for fault in _FAULTS for name in ("healthy", fault)):
                if time.monotonic() - start > seconds:
                    break
                with _faulty(server, conditions):
                    end = time.monotonic() + (_FAULT_SECONDS if conditions in _FAULTS else _RECOVERY_SECONDS)
                    while time.monotonic() < end:
                        measurements.append(_measure(pane, server, start, conditions, database, note))
                        report(_row(measurements[-1]))
                        other_process.replace_ended()
                        next(interaction)
                        pane.written_during(_SAMPLE_INTERVAL_SECONDS)
                        assert pane.exit_code is None, f"it ended early\n{_report(pane, folder)}"
            pane.resize(120, 30)
            pane.press("escape", "escape", "escape", "r")
            pane.wait_for(lambda pane: "Offline" not in pane.text and "running" in pane.text, timeout=90)
            pane.press("ctrl+c")
            assert pane.wait_exit(timeout=2.5) == 0
            assert_restored(pane)
    return measurements


def assert_steady(measurements: list[Measurement]) -> None:
    """Check that nothing grew after the first third."""
    warm = measurements[len(measurements) // 3 :]
    half = len(warm) // 2
    assert half >= 5, "too short to compare: run it for two minutes or more"
    for name, slack in _SLACK.items():
        early = _middle([getattr(measurement, name) for measurement in warm[:half]])
        late = _middle([getattr(measurement, name) for measurement in warm[half:]])
        assert late <= early + slack, f"{name} grew from {early} to {late}"
    # A poll writes one change at most, and a fault a few events.
    grown = 1024 * (warm[-1].database_kib - warm[0].database_kib)
    asked = warm[-1].requests - warm[0].requests
    assert grown <= 4 * 1024 * 1024 + 200 * asked, f"the database grew by {grown} bytes in {asked} requests"


def _row(values: Iterable[object]) -> str:
    """A line of the table: the names, or the figures of a moment."""
    return "".join(f"{value!s:>14}" for value in values)


def _report(pane: Pane, folder: str) -> str:
    """The screen and the crash reports."""
    return "\n".join([pane.text, *(path.read_text() for path in Path(folder).rglob("crash-*.txt"))])


class _OtherProcess:
    """Adds and removes jobs from another process, so that the load stays the same while jobs end."""

    def __init__(self, database: Path, server: FaultySimulator, chance: random.Random) -> None:
        self._server = server
        self._chance = chance
        self._store = Store(database, server.base_url)
        self._ends: dict[str, float] = {}
        self._add(JOBS, started=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def replace_ended(self) -> None:
        """Remove the jobs that ended a while ago, and add as many new ones."""
        ended = [job_id for job_id, end in self._ends.items() if end + _KEPT_SECONDS < time.monotonic()]
        if ended:
            self._store.remove(ended).result(10)
            for job_id in ended:
                self._server.world.remove(job_id)
                del self._ends[job_id]
            self._add(len(ended))

    def _add(self, number: int, *, started: bool = False) -> None:
        names = []
        for _ in range(number):
            seconds = self._chance.uniform(40.0, 160.0)
            age = self._chance.uniform(0.0, seconds) if started else 0.0
            work = [
                Step("in_progress", stage, 25.0 * n, 25.0 * (n + 1), seconds / 4)
                for n, stage in enumerate(("Outline", "Research", "Drafting", "Polishing"))
            ]
            status = self._chance.choices(["completed", "failed", "moderated"], [80, 15, 5])[0]
            end = Step(status, None, 100.0, 100.0, 1.0)
            name = self._server.world.add([Step("queued", None, None, None, 5.0), *work, end], age=age)
            self._ends[name] = time.monotonic() + 5.0 + seconds - age
            names.append(name)
        self._store.add(names).result(10)


def _middle(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]


_FAULTS = {
    "stopped": (),
    "errors": (
        Fault(kind=FaultKind.RESET, probability=0.15),
        Fault(kind=FaultKind.HANG, seconds=0.0, probability=0.15),
        Fault(kind=FaultKind.HTTP, code=200, body="text", text="{", probability=0.15),
        Fault(kind=FaultKind.HTTP, code=502, probability=0.15),
    ),
    "hanging": (Fault(kind=FaultKind.HANG, seconds=8.0, probability=0.5),),
    "hostile": (Fault(kind=FaultKind.FIELDS, fields=dict.fromkeys(TEXT_FIELDS, ALL_HOSTILE)),),
    "limited": (Fault(kind=FaultKind.HTTP, code=429, retry_after=3.0, probability=0.1),),
    "signed out": (Fault(kind=FaultKind.HTTP, code=401, count=1),),
    "odd": tuple(
        Fault(kind=FaultKind.FIELDS, fields=fields, probability=0.2)
        for fields in ({"id": job_id(1)}, {"progress": None, "title": None}, {"status": "paused"})
    ),
    "huge": (Fault(kind=FaultKind.HTTP, code=200, body="text", text="x" * 4_194_304, probability=0.2),),
}


@contextmanager
def _faulty(server: FaultySimulator, conditions: str) -> Iterator[None]:
    server.faults.add(*_FAULTS.get(conditions, ()))
    if conditions == "stopped":
        server.stop()
    try:
        yield
    finally:
        server.faults.clear()
        if conditions == "stopped":
            server.start()


def _interact(pane: Pane, chance: random.Random) -> Iterator[None]:
    """Press keys and resize the terminal now and then."""
    for count in itertools.count():
        if count % 4 == 3:
            pane.resize(*chance.choice(_SIZES))
        pane.press(*chance.choice(_KEYS))
        if count % 3 == 2:
            pane.press("r")  # so that a signed-out program notices that it may sign in again
        yield


def _measure(
    pane: Pane, server: FaultySimulator, start: float, conditions: str, database: Path, note: Path
) -> Measurement:
    note.unlink(missing_ok=True)
    pane.signal(signal.SIGURG)
    pane.wait_for(lambda pane: note.exists(), timeout=10)
    second = time.monotonic() - start
    status = Path(f"/proc/{pane.pid}/status").read_text(encoding="utf-8")
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    used = processor_seconds(pane.pid)
    return Measurement(
        int(second),
        conditions,
        len(server.requests),
        round(100 * used / max(second, 1.0)),
        int(resident.split()[1]),
        len(os.listdir(f"/proc/{pane.pid}/fd")),  # noqa: PTH208 - entries that vanish meanwhile count as well
        threads_of(pane.pid),
        int(note.read_text(encoding="ascii")),
        sum(path.stat().st_size for path in database.parent.glob("db*")) // 1024,
    )
