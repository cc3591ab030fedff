"""Read-only and full disks: one sentence, and commands that need not save anything still work."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.store.store import Store
from tests.scripted_api import job_id
from tests.simulated_api import RUNNING, simulated

ROOT = Path(__file__).parents[2]
MOUNTS = {
    "read-only": "mount --bind {0} {0} && mount -o remount,bind,ro {0}",
    "full": "mount -t tmpfs -o size=256k none {0} && (head -c 1m /dev/zero > {0}/filler || true) 2> /dev/null",
}


def _may_mount() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and not subprocess.run([unshare, "-m", "true"], capture_output=True).returncode


pytestmark = pytest.mark.skipif(not _may_mount(), reason="mounts nothing without the rights of root")


def dwtop(
    disk: str, folder: Path, base_url: str, *arguments: str, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run dwtop with its database on such a disk, in a mount namespace of its own."""
    command = [sys.executable, "-m", "app", *arguments]
    options = ["--database", str(folder / "dwtop.db"), "--base-url", base_url]
    script = f'{MOUNTS[disk].format(folder)} && exec "$@"'
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *command, *options],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder.parent),
            "DEEPWRITER_TOKEN": "a-token",
            "LANG": "C.UTF-8",
        },
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


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
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["jobs"][0]["id"] == one
    (sentence,) = done.stderr.splitlines()
    assert "--database" in sentence or "is full; make room" in sentence
    assert sentence.endswith("until then nothing is kept.")


@pytest.mark.parametrize("disk", MOUNTS)
def test_add_is_refused_in_one_sentence(folder: Path, disk: str) -> None:
    done = dwtop(disk, folder, "http://127.0.0.1:9/api", "add", job_id(1))
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert "--database" in sentence or "is full; make room" in sentence


def test_status_works_with_a_read_only_watch_list(folder: Path) -> None:
    with simulated() as server:
        one = server.world.add(RUNNING)
        store = Store(folder / "dwtop.db", server.base_url)
        store.add([one]).result(10)
        store.close()
        done = dwtop("read-only", folder, server.base_url, "status", "--json")
        waited = dwtop("read-only", folder, server.base_url, "wait", one, "--timeout", "1")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["jobs"][0]["id"] == one
    assert "cannot be written" in done.stderr
    assert waited.returncode == 124, waited.stderr
    assert [one.name for one in folder.iterdir()] == ["dwtop.db"]


@pytest.mark.parametrize("disk", MOUNTS)
def test_the_doctor_tries_to_write(folder: Path, disk: str) -> None:
    done = dwtop(disk, folder, "http://127.0.0.1:9/api", "doctor")
    assert done.returncode == 2
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("! writing:")]
    assert "is full; make room" in line if disk == "full" else "--database" in line
