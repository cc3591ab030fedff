"""The source of a token: which one it is, what it takes to ask it again, and a command nobody waits for."""

import os
import threading
from pathlib import Path

import pytest

from app.deepwriter.auth.credential import CredentialError, make_credential
from app.deepwriter.auth.sources import RenewalMethod, TokenSource
from app.deepwriter.auth.token_file import store_token
from tests.faults.session_harness import NEW, OLD
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


def test_a_command_is_ended_when_the_program_ends(tmp_path: Path) -> None:
    cancelled = threading.Event()
    started = tmp_path / "started"
    it = source(tmp_path, token_command=f"sh -c 'echo >{started}; sleep 60'", cancelled=cancelled.is_set)
    errors: list[str] = []

    def find() -> None:
        try:
            it.find()
        except CredentialError as error:
            errors.append(str(error))

    thread = threading.Thread(target=find)
    thread.start()
    until(started.exists)
    cancelled.set()
    thread.join()
    assert "was interrupted" in errors[0]


def test_it_shows_nothing_of_what_it_holds(tmp_path: Path) -> None:
    it = source(tmp_path, environ={"DEEPWRITER_TOKEN": OLD})
    it.find()
    assert OLD not in repr(it)
