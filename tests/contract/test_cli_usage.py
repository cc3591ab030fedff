"""Wrong usage, outputs that cannot be written, imports, and shell completion."""

import signal
import socket
import subprocess

import pytest

from app.cli.main import run
from tests.dwtop_process import Command, Done, Inside
from tests.processes import run_python

BASE_URL = "http://127.0.0.1:9/api"
ID = "11111111-2222-4333-8444-555555555555"
OTHER = "22222222-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("staus",), "did you mean dwtop status?"),
        (("frobnicate",), "see dwtop --help"),
        (("--frobnicate",), "See: dwtop --help"),
        (("status", "--frobnicate"), "See: dwtop status --help"),
        (("add",), "Name a job ID, - to read them"),
        (("add",), "--mine"),
        (("add", "--all"), "--mine"),
        (("list", "--history"), "--history prints JSON or CSV; add --json or --csv."),
        (("add", "no-id"), "'no-id' is not a job ID; a job ID is a UUID"),
        (("add", "+6c389edc45b1481ca394e9a20e3fb59"), "is not a job ID"),
        (("add", "6c389edc_45b1_481c_a394_e9a20e3f"), "is not a job ID"),
        (("add", "\x1b[31mred"), "'␛[31mred' is not a job ID"),
        (("remove", "abc"), "nor the beginning of a watched job's ID"),
        (("get", f"{ID} {OTHER}"), "names 2 jobs; name one of them."),
        (("open", f"{ID} {OTHER}"), "names 2 jobs; name one of them."),
        (("wait", "abc"), "nor the beginning of a watched job's ID"),
        (("wait", ID, "--timeout", "-1"), "See: dwtop wait --help"),
        (("wait", ID, "--timeout", "nan"), "'nan' is not a number above 0. See: dwtop wait --help"),
        (("list", "--interval", "0.5"), "--interval must be a number of seconds from 1 to 86400"),
        (("list", "--interval", "--json"), "--interval must be a number of seconds"),
        (("list", "--database"), "Option '--database' requires an argument. See: dwtop list --help"),
        (("list", "--base-url", "http://example.org"), "--base-url: plain http would show your token"),
        (("list", "--config", "/no/such/file"), "there is no file /no/such/file"),
        (("list", "--config", "~/missing"), "there is no file /"),
        (("list", "--config", ""), "--config must be the path of a file, not ''"),
        (("list", "--database", "/proc/x/dwtop.db", "--json", "extra"), "See: dwtop list --help"),
        (("add", ID, "--database", "/proc/x/dwtop.db"), "name another file with --database"),
        (("list", "--database", "/"), "The database / is a folder; name a file in it with --database."),
        (("status", "--tmux", "--json"), "leave out the job IDs and --json"),
        (("list", "--demo"), "See: dwtop list --help"),
        (("--demo", "list"), "--demo opens the dashboard; leave out the command"),
        (("--demo", ID), "The demo has its own jobs"),
        (("watch", "--demo"), "run it in a terminal"),
        (("watch", "--demo", "--json"), "leave out --json"),
        (("completion", "tcsh"), "See: dwtop completion --help"),
        (("completion",), "See: dwtop completion --help"),
        (("demo-server", "--speed", "nan"), "'nan' is not a number above 0. See: dwtop demo-server --help"),
        (("doctor", "--job", "abc"), "nor the beginning of a watched job's ID"),
    ],
)
def test_wrong_usage_is_one_sentence(call: Inside, arguments: tuple[str, ...], says: str) -> None:
    done = call(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert says in done.sentence


@pytest.mark.parametrize("arguments", [("--version",), ("status", "--tmux"), ("list", "--json")])
def test_a_full_or_closed_output(arguments: tuple[str, ...]) -> None:
    full, closed = (
        Command(BASE_URL, through=("sh", "-c", f'exec "$@" {output}', "sh"))(*arguments)
        for output in (">/dev/full", ">&-")
    )
    says = "The output cannot be written (No space left on device); make room, or redirect it elsewhere."
    assert (full.code, full.sentence) == (2, says)
    assert (closed.code, closed.err) == (0, "")


def test_a_closed_pipe_is_not_an_error() -> None:
    line = """"$@" list --json | true
        "$@" --help | head -n 1
        "$@" staus 2>&1 | true || [ "${PIPESTATUS[0]}" -eq 2 ]"""
    done = Command(BASE_URL, through=("bash", "-o", "pipefail", "-e", "-c", line, "bash"))()
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Usage: dwtop")


@pytest.mark.parametrize("arguments", [("--help",), ("list", "--json"), ("add", ID), ("wait", "--help")])
def test_small_commands_import_no_heavy_library(arguments: tuple[str, ...]) -> None:
    code = "import sys; from app.__main__ import main; main(); print(); print(*sys.modules)"
    loaded = run_python(code, *arguments).splitlines()[-1].split()
    assert {"textual", "rich", "httpx", "pydantic", "starlette", "uvicorn"} & set(loaded) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    script = capfd.readouterr().out
    assert "_DWTOP_COMPLETE" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=10)


def test_the_help_of_completion_has_a_line_for_each_shell(call: Inside) -> None:
    lines = call("completion", "--help").out.splitlines()
    begins = [line.strip().partition(",")[0] for line in lines if "dwtop completion " in line]
    assert begins[-3:] == ["bash", "zsh", "fish"]


def completed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str) -> list[str]:
    """The completions that fish shows for the last of these words."""
    monkeypatch.setenv("_DWTOP_COMPLETE", "fish_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", words.rpartition(" ")[2])
    run([])
    monkeypatch.delenv("_DWTOP_COMPLETE")
    lines = capsys.readouterr().out.splitlines()
    return [line.partition(",")[2] for line in lines if line]


def test_ids_of_watched_jobs_are_completed_with_their_titles(
    call: Inside, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call("add", ID, OTHER)
    assert completed(monkeypatch, capsys, "dwtop cancel 22") == [f"{OTHER}\tnew"]
    assert completed(monkeypatch, capsys, "dwtop wait --any 1") == [f"{ID}\tnew"]
    assert completed(monkeypatch, capsys, "dwtop 1") == [f"{ID}\tnew"]
    assert [line.partition("\t")[0] for line in completed(monkeypatch, capsys, "dwtop sta")] == ["status"]
    assert completed(monkeypatch, capsys, "dwtop --database /no/such.db cancel 2") == []
    assert completed(monkeypatch, capsys, "dwtop --interval 9 staus 2") == [f"{OTHER}\tnew"]


@pytest.mark.parametrize("words", ["dwtop --database /et", "dwtop list --config /et", "dwtop get 1 -o /et"])
def test_file_names_are_completed_by_the_shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert completed(monkeypatch, capsys, words) == ["/et"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_demo_server(number: int, code: int) -> None:
    with Command(BASE_URL).start("demo-server", "--port", "0") as serving:
        serving.wait_for("Ctrl-C stops it")
        serving.process.send_signal(number)
        ended = serving.result()
    assert (ended.code, ended.err) == (code, "")


@pytest.mark.parametrize("module", ["app.cli.status", "pydantic"])
def test_ctrl_c_during_an_import_ends_a_command_afterwards(module: str) -> None:
    code = f"""
import signal, sys, weakref
from app.cli.main import run
class Interrupt:
    def find_spec(name, *_):
        if name == "{module}":
            weakref.ref(Interrupt(), lambda dead: signal.raise_signal(signal.SIGINT))  # cannot raise errors
sys.meta_path.insert(0, Interrupt)
sys.exit(run())
"""
    assert Command(BASE_URL, entry=("-c", code))("status", ID) == Done(130, "", "")


def test_a_second_signal_changes_nothing() -> None:
    """When its terminal goes away, a program may get SIGHUP twice: as leader of its session, and in the foreground."""
    code = """
import signal, sys
from app.cli import main
def hang_up(*_):
    signal.raise_signal(signal.SIGHUP)  # handled in this thread, before it goes on
main._load = main.is_terminal = hang_up
sys.exit(main.run(["list"]))
"""
    assert Command(BASE_URL, entry=("-c", code))().code == 129


def test_the_demo_server_ends_when_the_reader_of_its_output_does() -> None:
    with Command(BASE_URL).start("demo-server", "--port", "0") as serving:
        serving.wait_for("Ctrl-C stops it")
        serving.out.close()
        assert serving.result().code == 0


def test_the_demo_server_says_why_it_cannot_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = Command(BASE_URL)("demo-server", "--port", port)
    assert done.code == 2
    assert done.sentence == f"Port {port} is taken: choose another, or 0 for any free one."
    full = Command(BASE_URL, through=("sh", "-c", 'exec "$@" >/dev/full', "sh"))("demo-server", "--port", "0")
    assert (full.code, full.sentence.partition(" (")[0]) == (2, "The output cannot be written")
