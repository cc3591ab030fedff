"""The source of a token: which one it is, what it takes to ask it again, and a command nobody waits for."""

import os
import shlex
import sys
import threading
import time
from pathlib import Path

import pytest

from app.deepwriter.auth.credential import CredentialError, make_credential
from app.deepwriter.auth.sources import RenewalMethod, TokenSource
from app.deepwriter.auth.token_file import store_token
from tests.faults.sign_in_harness import NEW, OLD
from tests.timing import until


def source(tmp_path: Path, **given: object) -> TokenSource:
    usual: dict[str, object] = {
        "token_file": None,
        "environ": {},
        "token_command": None,
        "stored_file": tmp_path / "stored",
    }
    return TokenSource(**(usual | given))  # type: ignore[arg-type]


def test_what_it_takes_to_ask_again(tmp_path: Path) -> None:
    file, pipe = tmp_path / "token", tmp_path / "pipe"
    file.write_text(OLD)
    os.mkfifo(pipe)
    assert source(tmp_path).renewal_method is RenewalMethod.READ_FILE
    assert source(tmp_path, token_command=" ").renewal_method is RenewalMethod.READ_FILE
    assert source(tmp_path, token_command="pass show it").renewal_method is RenewalMethod.RUN_COMMAND
    assert (
        source(tmp_path, token_file=file, token_command="pass show it").renewal_method
        is RenewalMethod.READ_FILE
    )
    assert source(tmp_path, token_file=tmp_path / "missing").renewal_method is RenewalMethod.READ_FILE
    assert source(tmp_path, token_file=pipe).renewal_method is RenewalMethod.NONE
    assert (
        source(tmp_path, environ={"DEEPWRITER_API_KEY": OLD}, token_command="x").renewal_method
        is RenewalMethod.NONE
    )


def test_a_token_is_news_once(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(OLD)
    file.chmod(0o600)
    it = source(tmp_path, token_file=file)
    assert it.find().credential == make_credential(OLD, source=f"the token file {file}")
    assert it.find_another().credential is None
    file.write_text(f"Bearer {NEW}\n")
    found = it.find_another().credential
    assert found is not None
    assert found.secret.reveal() == NEW
    assert it.find_another().credential is None


def test_no_other_source_stands_in_for_a_file_that_was_removed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(OLD)
    it = source(tmp_path, token_file=file, environ={"DEEPWRITER_TOKEN": NEW})
    it.find()
    file.unlink()
    with pytest.raises(CredentialError, match="cannot be read"):
        it.find_another()


def test_a_token_that_we_kept_ourselves_is_no_news(tmp_path: Path) -> None:
    it = source(tmp_path)
    assert it.find().credential is None
    typed = make_credential(OLD)
    store_token(tmp_path / "stored", typed)
    it.mark_stored(typed)
    assert it.find_another().credential is None
    store_token(tmp_path / "stored", make_credential(NEW))
    assert it.find_another().credential is not None


@pytest.mark.parametrize("before", ["", "import os; os.close(1); os.close(2);"], ids=["open", "closed"])
def test_a_command_nobody_waits_for_is_ended_with_all_its_children(tmp_path: Path, before: str) -> None:
    note, cancelled = tmp_path / "pids", threading.Event()
    script = tmp_path / "hang.py"
    script.write_text(
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        f"{before}\n"
        "time.sleep(60)\n"
    )
    it = source(
        tmp_path,
        token_command=shlex.join([sys.executable, "-I", "-S", str(script)]),
        cancelled=cancelled.is_set,
    )
    complaints = []

    def find() -> None:
        try:
            it.find()
        except CredentialError as error:
            complaints.append(str(error))

    thread = threading.Thread(target=find)
    thread.start()
    until(lambda: note.exists() and len(note.read_text().split()) == 2)
    start = time.monotonic()
    cancelled.set()
    thread.join(10)
    assert time.monotonic() - start < 2
    assert "was interrupted" in complaints[0]
    for pid in map(int, note.read_text().split()):
        until(lambda pid=pid: _gone(pid))  # type: ignore[misc]


def _gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has collected yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_it_shows_nothing_of_what_it_holds(tmp_path: Path) -> None:
    it = source(tmp_path, environ={"DEEPWRITER_TOKEN": OLD})
    it.find()
    assert OLD not in repr(it)
