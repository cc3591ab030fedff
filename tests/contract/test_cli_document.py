"""`dwtop open` and `dwtop get`: the finished document, whole or not at all."""

import errno
import fcntl
import os
import re
from pathlib import Path

import pytest

from app.cli import document
from app.cli.document import document_name
from app.simulator.documents import pdf
from app.simulator.scenarios import Step
from tests.dwtop_process import Command, Inside, argv
from tests.simulated_api import COMPLETED, RUNNING, simulated
from tests.simulator_faults.server import FaultySimulator
from tests.simulator_faults.variants import Variants
from tests.terminal.pane import Pane

FAILED = (Step("failed", None, 64.0, 64.0, 0.0),)
ID = "3f0e0c1e-5a71-4a86-9d52-0d6f2f6b8f11"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_document_is_saved_under_its_title(server: FaultySimulator, dwtop: Inside, tmp_path: Path) -> None:
    job_id = server.world.add(COMPLETED, title="Tides: a/b history?")
    done = dwtop("get", job_id)
    assert (done.code, done.out, done.err) == (0, "Saved Tides a b history.pdf\n", "")
    assert [path.name for path in tmp_path.glob("*.pdf")] == ["Tides a b history.pdf"]
    assert (tmp_path / "Tides a b history.pdf").read_bytes() == pdf("Tides: a/b history?")
    assert not list(tmp_path.glob(".*.part"))


def test_a_file_is_only_overwritten_by_force(server: FaultySimulator, dwtop: Inside, tmp_path: Path) -> None:
    job_id = server.world.add(COMPLETED, title="Tides")
    file = tmp_path / "mine.pdf"
    file.write_text("mine")
    done = dwtop("get", job_id, "-o", str(file))
    assert done.code == 2
    assert done.sentence == f"{file} exists; add --force to overwrite it, or name another file with -o."
    assert file.read_text() == "mine"
    assert dwtop("get", job_id, "-o", str(file), "--force").code == 0
    assert file.read_bytes() == pdf("Tides")


def test_force_replaces_files_alone(server: FaultySimulator, dwtop: Inside, tmp_path: Path) -> None:
    job_id = server.world.add(COMPLETED)
    file, link, pipe = (tmp_path / name for name in ("file.pdf", "link.pdf", "pipe"))
    file.write_bytes(b"old")
    link.symlink_to(file)
    os.mkfifo(pipe)
    assert dwtop("get", job_id, "-o", str(link), "--force").code == 0
    assert link.is_symlink()
    assert file.read_bytes().startswith(b"%PDF")
    done = dwtop("get", job_id, "-o", str(pipe), "--force")
    assert (done.code, done.sentence) == (2, f"{pipe} is not a regular file; name another file with -o.")
    assert pipe.is_fifo()


def test_a_folder_that_is_not_there_is_named(server: FaultySimulator, dwtop: Inside, tmp_path: Path) -> None:
    job_id = server.world.add(COMPLETED, title="Tides")
    done = dwtop("get", job_id, "-o", str(tmp_path / "no" / "mine.pdf"))
    says = f"{tmp_path}/no/mine.pdf cannot be written (No such file or directory); name another file with -o."
    assert (done.code, done.sentence) == (2, says)


def test_an_empty_name_is_not_the_title(server: FaultySimulator, dwtop: Inside, tmp_path: Path) -> None:
    done = dwtop("get", server.world.add(COMPLETED, title="Tides"), "-o", "")
    assert (done.code, done.sentence) == (2, ". is not a regular file; name another file with -o.")
    assert list(tmp_path.iterdir()) == []


def test_a_document_is_saved_where_there_are_no_hard_links(
    server: FaultySimulator, dwtop: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    job_id = server.world.add(COMPLETED, title="Tides")
    assert dwtop("get", job_id).out == "Saved Tides.pdf\n"
    assert dwtop("get", job_id).code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["Tides.pdf"]


def test_what_a_killed_get_left_is_removed(server: FaultySimulator, dwtop: Inside, tmp_path: Path) -> None:
    job_id = server.world.add(COMPLETED, title="Tides")
    for name in (".Tides.pdf.12.part", ".Tides.pdf.34.part", ".Other.pdf.12.part"):
        (tmp_path / name).touch()
    with (tmp_path / ".Tides.pdf.34.part").open("rb") as running:
        fcntl.flock(running, fcntl.LOCK_EX)  # as a process does that is still saving
        assert dwtop("get", job_id).code == 0
    kept = [".Other.pdf.12.part", ".Tides.pdf.34.part", "Tides.pdf"]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept


def test_the_standard_output_keeps_what_it_holds(server: FaultySimulator, tmp_path: Path) -> None:
    job_id = server.world.add(COMPLETED, title="Tides")
    file = tmp_path / "all.pdf"
    file.write_bytes(b"before")
    append = ("sh", "-c", f'exec "$@" >>"{file}"', "sh")
    assert Command(server.base_url, through=append)("get", job_id, "-o", "-").code == 0
    assert file.read_bytes() == b"before" + pdf("Tides")


@pytest.mark.parametrize(("options", "drawn"), [((), "━ 100%"), (("--ascii",), "Saving 100%")])
def test_progress_is_drawn_on_terminals_alone(
    server: FaultySimulator, options: tuple[str, ...], drawn: str
) -> None:
    job_id = server.world.add(COMPLETED, title="Tides")
    dwtop = Command(server.base_url, env={"TERM": "xterm-256color", "FORCE_COLOR": "1"})
    with Pane(*argv("get", job_id, *options), env=dwtop.environment) as pane:
        assert pane.wait_exit() == 0
        assert drawn in pane.raw.decode()
        assert b"m" not in re.findall(rb"\x1b\[[0-9;?]*(.)", pane.raw)
        assert pane.raw.isascii() or not options
    assert dwtop("get", job_id, "--force", *options).err == ""


@pytest.mark.parametrize("command", ["get", "open"])
@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (RUNNING, "There is no document yet: the job is in progress."),
        (FAILED, "This job has no document; its status is failed."),
    ],
    ids=["unfinished", "finished"],
)
def test_a_job_without_a_document(
    server: FaultySimulator, dwtop: Inside, command: str, steps: tuple[Step, ...], sentence: str
) -> None:
    done = dwtop(command, server.world.add(steps))
    assert (done.code, done.sentence) == (4, sentence)


def test_without_a_display_the_link_is_printed(
    server: FaultySimulator, dwtop: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    job_id = server.world.add(COMPLETED)
    done = dwtop("open", job_id)
    assert done.code == 0
    assert f"/documents/{job_id}.pdf?" in done.out


def test_the_link_is_kept_nowhere(server: FaultySimulator, dwtop: Inside, tmp_path: Path) -> None:
    job_id = server.world.add(COMPLETED, title="Tides")
    dwtop("add", job_id)
    dwtop("status")
    dwtop("get", job_id)
    files = [path for path in Path.home().rglob("*") if path.is_file()]
    assert any(path.name == "dwtop.db" for path in files)
    assert [path for path in files if b"signature=" in path.read_bytes()] == []


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize(("expired", "code"), [(1, 0), (2, 5)])
def test_a_link_that_has_expired_is_asked_for_once_more(
    dwtop: Inside, tmp_path: Path, expired: int, code: int, status: int
) -> None:
    with simulated(variants=Variants(expired_links=expired + 1, expired_link_status=status)) as server:
        job_id = server.world.add(COMPLETED, title="Tides")
        done = dwtop("get", job_id, "--base-url", server.base_url)
    assert (done.code, "signature" in done.err) == (code, False)
    saved = [path.read_bytes() for path in tmp_path.iterdir()]
    assert saved == ([pdf("Tides")] if code == 0 else [])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The Salt Roads", "The Salt Roads.pdf"),
        (None, f"{ID}.pdf"),
        ("...", f"{ID}.pdf"),
        ("con", f"{ID}.pdf"),
        ('a<b>:"c"/\\|?*\n', "a b c.pdf"),
        ("東京の水道" * 40, "東京の水道" * 8 + ".pdf"),
        ("-rf", "rf.pdf"),
    ],
)
def test_names_are_safe_on_every_file_system(title: str | None, name: str) -> None:
    assert document_name(title, ID) == name


def test_a_second_get_leaves_a_finished_download_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch = Path.touch

    def touch_during_another_get(path: Path, *, exist_ok: bool) -> None:
        document._remove_abandoned(path)
        touch(path, exist_ok=exist_ok)

    monkeypatch.setattr(Path, "touch", touch_during_another_get)
    with document._new_file(tmp_path / "Report.pdf", force=False) as file:
        file.write(b"all of it")
    assert (tmp_path / "Report.pdf").read_bytes() == b"all of it"
