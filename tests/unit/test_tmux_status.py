"""`dwtop status --tmux`: one line from the database alone."""

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.cli.tmux_status import print_if_requested
from app.job import Group, Status, status_facts
from app.presentation.glyphs import GLYPHS
from app.presentation.tmux_line import SYMBOLS, status_line
from app.presentation.totals import Totals
from app.settings.schema import Settings
from app.store.counts_query import JobCounts, count_jobs
from app.store.jobs import read_watch_list
from app.store.store import Store
from app.watch.storage import StoreError
from app.watch.watched import Outlook, Watched
from tests.jobs import watched
from tests.processes import run_python
from tests.scripted_api import job_id

FORMAT = Settings().tmux_format
BASE_URL = "https://api.example.org/v1"
NOW = 1_800_000_000.0


def entry(number: int, status: str, progress: float | None = None, **facts: Any) -> Watched:
    return watched(number, status, progress, **({"fetched_at": NOW - 10.0} | facts))


def fill(path: Path, *entries: Watched, base_url: str = BASE_URL) -> None:
    with closing(Store(path, base_url)) as store:
        store.add([watched.id for watched in entries]).result()
        for watched in entries:
            store.save(watched)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dwtop.db"


MANY = (
    entry(1, "in_progress", 40.0, outlook=Outlook(NOW + 600.0, NOW, NOW)),
    entry(2, "in_progress", 104.0, outlook=Outlook(NOW + 840.0, NOW, NOW)),
    entry(3, "queued"),
    Watched(job_id(4), NOW),
    entry(5, "paused", 10.0),
    entry(6, "failed", 20.0),
    entry(7, "moderated"),
    entry(8, "completed", 90.0),
    entry(9, "cancelled"),
    entry(10, "completed", misses=1),
    entry(11, "completed", misses=2),
    Watched(job_id(12), NOW, misses=2),
)


def test_it_counts_as_the_dashboard_does(path: Path) -> None:
    fill(path, *MANY)
    found = count_jobs(path, BASE_URL)
    totals = Totals(read_watch_list(path, BASE_URL))
    counted = {group: getattr(found, group.value) for group in Group}
    assert counted == {group: totals.number(group) for group in Group}
    assert counted == {Group.RUNNING: 2, Group.WAITING: 3, Group.ATTENTION: 4, Group.DONE: 3}
    assert found.jobs == 12
    assert found.fraction == pytest.approx(totals.fraction)


@pytest.mark.parametrize("status", Status)
def test_each_status_is_counted_in_its_group(path: Path, status: Status) -> None:
    fill(path, entry(1, status))
    assert getattr(count_jobs(path, BASE_URL), status_facts(status).group) == 1


def test_the_symbols_are_those_of_the_dashboard() -> None:
    assert {group.value: glyph for group, glyph in GLYPHS.items()} | {"running": "▶"} == SYMBOLS


@pytest.mark.parametrize(
    ("entries", "later", "line"),
    [
        (MANY, 0.0, "2▶ 4✖ 3✔ 30% ~14m"),
        ([entry(1, "in_progress", 50.0), entry(2, "completed")], 170.0, "1▶ 1✔ 50%"),
        ([entry(1, "in_progress", 50.0), entry(2, "completed")], 14 * 60.0, "1▶ 1✔ 50% (14m)"),
        ([entry(1, "completed")], 9e6, "1✔"),
        ([entry(1, "queued")], 0.0, "1◦"),
        ([entry(1, "queued"), entry(2, "queued", 0.0)], 0.0, "2◦ 0%"),
        ([entry(1, "in_progress"), entry(2, "queued", fetched_at=NOW - 600.0)], 0.0, "1▶"),
        ([entry(1, "queued"), entry(2, "in_progress", fetched_at=NOW - 600.0)], 0.0, "1▶"),
        ([], 0.0, "dwtop: no jobs"),
    ],
)
def test_counts_and_the_age_of_stale_data(
    path: Path, entries: Sequence[Watched], later: float, line: str
) -> None:
    fill(path, *entries)
    fill(path, entry(1, "queued"), base_url="https://other.example.org")
    assert status_line(count_jobs(path, BASE_URL), FORMAT, NOW + later) == line


def test_a_format_may_have_any_text_but_only_known_fields() -> None:
    found = JobCounts(running=2, done=1)
    assert status_line(found, "#[fg=green]{done}#[default] | {running} {{x}}", NOW) == (
        "#[fg=green]1✔#[default] | 2▶ {x}"
    )
    for wrong in ("{jobs}", "{0}", "{", "{running.real.x}", "{running:d}"):
        with pytest.raises(ValueError, match=r"\{running\}.*double any other brace"):
            status_line(found, wrong, NOW)


def test_no_database_is_created(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert print_if_requested(["status", "--tmux", "--database", str(path)], {"HOME": "/nowhere"}, NOW) == 0
    assert capsys.readouterr().out == "dwtop: no jobs\n"
    assert not path.exists()


def test_a_damaged_database_is_reported_and_left_to_other_commands(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xde" * 8176)
    with pytest.raises(StoreError, match="is damaged"):
        count_jobs(path, BASE_URL)


def test_no_file_is_changed(path: Path) -> None:
    fill(path, entry(1, "in_progress", 50.0))
    store = Store(path, BASE_URL)  # another process is writing
    store.save(entry(1, "in_progress", 60.0))
    store.set_preference("any", "thing").result()
    found = count_jobs(path, BASE_URL)
    assert found.fraction == 0.6
    store.close()
    for left in path.parent.iterdir():
        if left != path:
            left.unlink()  # as after a clean end, when all is in the one file
    path.parent.chmod(0o500)
    before = path.read_bytes()
    try:
        assert count_jobs(path, BASE_URL).jobs
        assert [left.name for left in path.parent.iterdir()] == [path.name]
    finally:
        path.parent.chmod(0o700)
    assert path.read_bytes() == before


def test_the_settings_file_and_the_environment_apply(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "dwtop"
    fill(folder / "other.db", entry(1, "in_progress", 50.0))
    (folder / "config.toml").write_text(
        f'# mine\n\'database\' = """other.db"""\nbase_url = "{BASE_URL}/"\nascii = true\n\n[intervals]\nfast = 3\n',
        encoding="utf-8",
    )
    environ = {"DWTOP_TMUX_FORMAT": "{running}!"}
    assert print_if_requested(["--no-color", "status", "--interval=5", "--tmux"], environ, NOW) == 0
    assert capsys.readouterr().out == "1>!\n"


@pytest.mark.parametrize(
    ("settings", "slow"),
    [("bell = false\n", {"dataclasses"}), ("sort = 'title'\n[keys]\n'poll.one' = 'F9'\n", set())],
)
def test_it_imports_nothing_that_takes_long(path: Path, settings: str, slow: set[str]) -> None:
    fill(path, *MANY)
    config = path.with_name("config.toml")
    config.write_text(settings, encoding="utf-8")
    slow |= {"click", "pydantic", "httpx", "textual", "rich", "asyncio"}
    probe = (
        "import sys; from app.__main__ import main; code = main(); "
        f"print(code, *sorted({slow} & set(sys.modules)))"
    )
    arguments = ("status", "--tmux", "--database", path, "--config", config)
    text, code = run_python(
        probe, *arguments, env={**os.environ, "DEEPWRITER_BASE_URL": BASE_URL}
    ).splitlines()
    assert text.startswith("2▶ 4✖ 3✔ 30%")
    assert code == "0"
