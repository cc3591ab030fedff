"""Settings in every command: wrong ones are refused everywhere, and missing places are named."""

import errno
import os
import subprocess
from pathlib import Path

import pytest

from app.cli.errors import describe_system_error
from tests.dwtop_process import AS_UNKNOWN_USER, TOKEN, Command, Inside, argv
from tests.simulated_api import RUNNING
from tests.simulator_faults.server import FaultySimulator

ID = "11111111-2222-4333-8444-555555555555"
COMMANDS = (
    (),
    ("watch", "--json"),
    ("add", ID),
    ("remove", ID),
    ("list",),
    ("list", "--json"),
    ("status",),
    ("status", "--tmux"),
    ("wait", ID),
    ("cancel", ID, "--yes"),
    ("doctor",),
)


@pytest.fixture
def home() -> Path:
    """The home folder of this test."""
    return Path(os.environ["HOME"])


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_commands_refuse_unknown_names(dwtop: Inside, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    config = tmp_path / "config.toml"
    config.write_text("sort = 'title'\n[keys]\n'jobs.add' = 'nonsense'", encoding="utf-8")
    done = dwtop(*arguments, "--config", str(config))
    assert done.code == 2
    assert f"{config}:3: " in (done.out if arguments == ("doctor",) else done.sentence)


@pytest.mark.parametrize("text", ["colour = 1", "requests_per_minute = 'many'", "nonsense"])
def test_status_for_tmux_refuses_what_others_refuse(dwtop: Inside, tmp_path: Path, text: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text, encoding="utf-8")
    listed = dwtop("list", "--config", str(config))
    line = Command("http://127.0.0.1:9/api")(
        "status", "--tmux", "--config", str(config)
    )  # it has a way of its own
    assert (line.code, line.out, line.sentence) == (2, "", listed.sentence)


@pytest.mark.parametrize(
    "place", ["config/dwtop/config.toml", "config/dwtop", "data/dwtop/dwtop.db", "data/dwtop"]
)
def test_a_broken_link_is_not_a_missing_file(dwtop: Inside, home: Path, place: str) -> None:
    link = home / place
    link.parent.mkdir(parents=True)
    link.symlink_to("nowhere")
    says = f"{link} is a link to nowhere, which does not exist; correct the link or remove it"
    for call in (("list",), ("status", "--tmux"), ("add", ID), ()):
        done = dwtop(*call)
        assert (done.code, done.sentence) == (2, says)


def test_a_token_file_that_cannot_be_read_is_refused(dwtop: Inside, home: Path) -> None:
    for file, why in ((home / "missing", "No such file or directory"), (home, "Is a directory")):
        done = dwtop("status", ID, "--token-file", str(file))
        says = f"the token file {file} cannot be read: {why}; correct that, or sign in another way."
        assert (done.code, done.sentence) == (3, says)


def test_a_stored_token_that_is_a_broken_link(
    dwtop: Inside, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEEPWRITER_TOKEN")
    token = home / "data" / "dwtop" / "token"
    token.parent.mkdir(parents=True)
    token.symlink_to("nowhere")
    done = dwtop("status", ID)
    assert (done.code, f"the token file {token} is a broken link" in done.err) == (3, True)


@pytest.mark.parametrize(
    ("variables", "commands"),
    [
        ({"LC_ALL": "C", "PYTHONUTF8": "0"}, ("status", "list", "status --tmux", "wait")),
        ({"PYTHONIOENCODING": "latin-1"}, ("list",)),
    ],
    ids=["C locale", "latin-1"],
)
def test_symbols_that_cannot_be_shown_become_ascii(
    dwtop: Inside, server: FaultySimulator, variables: dict[str, str], commands: tuple[str, ...]
) -> None:
    job_id = server.world.add(RUNNING, title="Caf\N{LATIN SMALL LETTER E WITH ACUTE} " + "long " * 40)
    done = server.world.add((("completed", None, 100.0, 100.0, 1e9),), title="Done")
    assert dwtop("add", job_id).code == 0
    assert dwtop("status").code == 0
    begins = {"status": b"STATUS", "list": b"STATUS", "status --tmux": b"1>", "wait": b"completed: "}
    for command in commands:
        call = [*command.split(), done] if command == "wait" else command.split()
        environment = Command(server.base_url, env=variables).environment
        printed = subprocess.run(argv(*call), env=environment, capture_output=True, check=True, timeout=40)
        assert printed.stdout.startswith(begins[command])
        assert (b"> in progress" in printed.stdout) == (begins[command] == b"STATUS")
        assert b"?" not in printed.stdout
        for sign in "\N{BLACK RIGHT-POINTING TRIANGLE}\N{HEAVY CHECK MARK}\N{HORIZONTAL ELLIPSIS}":
            assert sign.encode() not in printed.stdout


def test_doctor_names_the_encoding_that_lacks_symbols(server: FaultySimulator) -> None:
    done = Command(server.base_url, env={"PYTHONIOENCODING": "iso8859-15"})("doctor")
    assert "true (the encoding iso8859-15)" in done.out


def without_home(base_url: str) -> Command:
    return Command(base_url, token="", entry=("-c", AS_UNKNOWN_USER))


NEEDS = "this user has no home folder; set HOME or XDG_DATA_HOME"


@pytest.mark.parametrize("call", [("add", ID), ("status", "--tmux"), ()])
def test_without_a_home_folder_a_sentence_says_what_to_set(call: tuple[str, ...]) -> None:
    done = without_home("http://127.0.0.1:9/api")(*call)
    assert (done.code, done.sentence) == (2, f"{NEEDS}, or name the database with --database")


def test_without_a_home_folder_named_files_are_enough(server: FaultySimulator, tmp_path: Path) -> None:
    dwtop, job_id = without_home(server.base_url), server.world.add(RUNNING)
    database = ("--database", str(tmp_path / "jobs.db"))
    assert dwtop("list", *database).sentence.startswith("No jobs are watched")
    assert dwtop("logout", *database).sentence == NEEDS
    assert dwtop("add", job_id, *database).out == "Added 1 job.\n"
    assert dwtop("status", *database).code == 3
    token, report = tmp_path / "token", tmp_path / "report.zip"
    token.write_text(TOKEN, encoding="utf-8")
    places = (*database, "--token-file", str(token))
    signed_in = dwtop("status", *places)
    assert (signed_in.code, "in progress" in signed_in.out) == (0, True)
    assert dwtop("doctor", *places, "--report", str(report)).code == 0
    assert report.exists()


def test_system_errors_come_with_a_remedy() -> None:
    refused = PermissionError(errno.EACCES, "Permission denied", "/somewhere/file")
    assert describe_system_error(refused) == (
        "/somewhere/file cannot be used (Permission denied); change its permissions, or name another place with"
        " --database or --config."
    )
