"""Read-only and full disks: one sentence, and commands that need not save anything still work."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from app.store.store import Store
from tests.dwtop_process import Command, Done
from tests.scripted_api import job_id
from tests.simulated_api import RUNNING, simulated

MOUNTS = {
    "read-only": "mount --bind {0} {0} && mount -o remount,bind,ro {0}",
    "full": "mount -t tmpfs -o size=256k none {0} && (head -c 1m /dev/zero > {0}/filler || true) 2> /dev/null",
}


def _may_mount() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and not subprocess.run([unshare, "-m", "true"], capture_output=True).returncode


pytestmark = pytest.mark.skipif(not _may_mount(), reason="mounts nothing without the rights of root")


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


@pytest.mark.parametrize("disk", MOUNTS)
def test_status_works_although_nothing_can_be_saved(folder: Path, disk: str) -> None:
    with simulated() as server:
        one = server.world.add(RUNNING)
        done = dwtop(disk, folder, server.base_url, "status", one, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["jobs"][0]["id"] == one
    assert "--database" in done.sentence or "is full; make room" in done.sentence
    assert "Nothing is saved: " in done.sentence


@pytest.mark.parametrize("disk", MOUNTS)
def test_add_is_refused_in_one_sentence(folder: Path, disk: str) -> None:
    done = dwtop(disk, folder, "http://127.0.0.1:9/api", "add", job_id(1))
    assert (done.code, done.out) == (2, "")
    assert "--database" in done.sentence or "is full; make room" in done.sentence


def test_status_works_with_a_read_only_watch_list(folder: Path) -> None:
    with simulated() as server:
        one = server.world.add(RUNNING)
        store = Store(folder / "dwtop.db", server.base_url)
        store.add([one]).result(10)
        store.close()
        done = dwtop("read-only", folder, server.base_url, "status", "--json")
        waited = dwtop("read-only", folder, server.base_url, "wait", one, "--timeout", "1")
    assert done.code == 0, done.err
    assert json.loads(done.out)["jobs"][0]["id"] == one
    assert "cannot be written" in done.err
    assert waited.code == 124, waited.err
    assert [one.name for one in folder.iterdir()] == ["dwtop.db"]


@pytest.mark.parametrize("disk", MOUNTS)
def test_the_doctor_tries_to_write(folder: Path, disk: str) -> None:
    done = dwtop(disk, folder, "http://127.0.0.1:9/api", "doctor")
    assert done.code == 2
    (line,) = [line for line in done.out.splitlines() if line.startswith("! writing:")]
    assert "is full; make room" in line if disk == "full" else "--database" in line
