"""Several processes on one database, processes killed while they write, and disks that are read-only or full."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest

from app.store.store import Store
from tests.dwtop_process import Command, Done
from tests.processes import ROOT, run_together
from tests.scripted_api import BASE_URL, job_id
from tests.simulated_api import RUNNING
from tests.simulator_faults.server import FaultySimulator

_WRITER = """
import random, sys
from dataclasses import replace
from pathlib import Path
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.store.store import Store
from tests.scripted_api import job, job_id

path, first, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
store = Store(Path(path), "https://example.invalid/api")
watched = []
print("ready", flush=True)
for number in range(first, first + 100_000):
    entry = store.add([job_id(number)]).result()[0]
    watched.append(number)
    print("+", number, flush=True)
    for at in range(20):
        store.save(
            replace(entry, job=job(entry.id, progress=at)),
            Sample(float(at), "in_progress", float(at), "Drafting"),
            Event(float(at), EventKind.STATUS, "queued", entry.id),
        )
    if chance.random() < 0.3:
        gone = watched.pop(chance.randrange(len(watched)))
        print("?", gone, flush=True)
        store.remove([job_id(gone)]).result()
        print("-", gone, flush=True)
"""

_ADDER = """
import sys
from pathlib import Path
from app.store.store import Store
from tests.scripted_api import job_id
first = int(sys.argv[2])
store = Store(Path(sys.argv[1]), "https://example.invalid/api")
for number in range(first, first + 20):
    store.add([job_id(number)]).result()
store.close()
"""


def kill_at_some_instant(path: Path, first: int, chance: random.Random) -> tuple[set[int], set[int]]:
    """Let a process write, and kill it.

    Returns:
        The jobs that must be on the list, and those whose removal may have been too late.
    """
    sure: set[int] = set()
    open_question: set[int] = set()
    command = [sys.executable, "-c", _WRITER, str(path), str(first), str(first)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        give_up = Timer(60.0, writer.kill)  # a writer that says nothing more would be waited for without end
        give_up.start()
        assert writer.stdout.readline() == "ready\n"
        lines = []
        end = monotonic() + chance.uniform(0.0, 0.25)
        while monotonic() < end:
            lines.append(writer.stdout.readline())
        writer.kill()  # just after it has acknowledged a change
        give_up.cancel()
        lines += writer.stdout.readlines()
        assert writer.stderr.read() == ""
    for line in lines:
        if not line.endswith("\n"):
            break
        sign, number = line.split()
        if sign == "+":
            sure.add(int(number))
        else:
            sure.discard(int(number))
            (open_question.add if sign == "?" else open_question.discard)(int(number))
    return sure, open_question


@pytest.mark.parametrize("rounds", [5, pytest.param(200, marks=pytest.mark.long)])
def test_killed_at_any_instant_nothing_acknowledged_is_lost(tmp_path: Path, rounds: int) -> None:
    path = tmp_path / "dwtop.db"
    chance = random.Random(rounds)
    sure: set[int] = set()
    open_questions: set[int] = set()
    for number in range(rounds):
        first = number * 1_000_000
        added, unknown = kill_at_some_instant(path, first, chance)
        sure |= added
        open_questions |= unknown
        store = Store(path, BASE_URL)
        assert store.repair_notice.value == ""
        found = {int(entry.id[-12:], 16) for entry in store.load()}
        assert store._database.writer.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        store.close()
        assert sure <= found, "every acknowledged addition is there"
        extra = found - sure - open_questions
        assert len(extra) <= 1, "every acknowledged removal holds; one unacknowledged addition may be there"
        sure |= extra
    assert len(sure) > rounds


def test_additions_from_four_processes_at_once_all_survive(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    run_together(_ADDER, *((path, 100 * number) for number in range(4)))
    store = Store(path, BASE_URL)
    found = {entry.id for entry in store.load()}
    store.close()
    assert found == {job_id(100 * number + more) for number in range(4) for more in range(20)}


MOUNTS = {
    "read-only": "mount --bind {0} {0} && mount -o remount,bind,ro {0}",
    "full": "mount -t tmpfs -o size=256k none {0} && (head -c 1m /dev/zero > {0}/filler || true) 2> /dev/null",
}


def _may_mount() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and not subprocess.run([unshare, "-m", "true"], capture_output=True).returncode


needs_to_mount = pytest.mark.skipif(not _may_mount(), reason="mounts nothing without the rights of root")


def dwtop(disk: str, folder: Path, base_url: str, *arguments: str) -> Done:
    """Run dwtop with its database on such a disk, in a mount namespace of its own."""
    script = f'{MOUNTS[disk].format(folder)} && exec "$@"'
    command = Command(base_url, through=("unshare", "-m", "sh", "-c", script, "sh"))
    return command(*arguments, "--database", str(folder / "dwtop.db"), timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


@needs_to_mount
@pytest.mark.parametrize("disk", MOUNTS)
def test_where_nothing_can_be_saved_status_works_and_the_doctor_says_why(
    simulator: FaultySimulator, folder: Path, disk: str
) -> None:
    why = "is full; make room" if disk == "full" else "--database"
    one = simulator.world.add(RUNNING)
    status = dwtop(disk, folder, simulator.base_url, "status", one, "--json")
    add = dwtop(disk, folder, "http://127.0.0.1:9/api", "add", job_id(1))
    doctor = dwtop(disk, folder, "http://127.0.0.1:9/api", "doctor")
    assert status.code == 0, status.err
    assert json.loads(status.out)["jobs"][0]["id"] == one
    assert "Nothing is saved: " in status.sentence
    assert why in status.sentence
    assert (add.code, add.out) == (2, "")
    assert why in add.sentence
    assert doctor.code == 2
    (line,) = [line for line in doctor.out.splitlines() if line.startswith("! writing:")]
    assert why in line


@needs_to_mount
def test_status_works_with_a_read_only_watch_list(simulator: FaultySimulator, folder: Path) -> None:
    one = simulator.world.add(RUNNING)
    assert Command(simulator.base_url)("add", one, "--database", str(folder / "dwtop.db")).code == 0
    done = dwtop("read-only", folder, simulator.base_url, "status", "--json")
    waited = dwtop("read-only", folder, simulator.base_url, "wait", one, "--timeout", "1")
    assert done.code == 0, done.err
    assert json.loads(done.out)["jobs"][0]["id"] == one
    assert "cannot be used" in done.err
    assert waited.code == 124, waited.err
    assert [one.name for one in folder.iterdir()] == ["dwtop.db"]


def test_a_disk_without_room_for_the_index_of_the_log_hides_no_job(
    simulator: FaultySimulator, tmp_path: Path
) -> None:
    database = ("--database", str(tmp_path / "dwtop.db"))
    one = simulator.world.add(RUNNING)
    assert Command(simulator.base_url)("add", one, *database).code == 0
    # No file may grow beyond 4 KiB, and the index has 32.
    full = Command(simulator.base_url, through=("sh", "-c", 'ulimit -f 8; exec "$@"', "sh"))
    added = full("add", job_id(2), *database)
    done = full("status", "--json", *database)
    listed = full("list", "--json", *database)
    assert added.code == 2
    assert "is full; make room" in added.sentence
    assert "is full; make room" in done.sentence
    assert [[job["id"] for job in json.loads(run.out)["jobs"]] for run in (done, listed)] == [[one], [one]]
