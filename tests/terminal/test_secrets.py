"""The token is in requests to the API, and nowhere else."""

import base64
import json
import shlex
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import BROKEN_PAUSE, dwtop, patched, watch
from tests.timing import until

TOKEN = "tok-9e41c7b2d05f8a36-never-shown-anywhere"
TYPED = "tok-27d8f3a1b6c94e50-typed-by-hand-and-kept"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="looks at processes through /proc"
)


def spellings(token: str) -> list[bytes]:
    """The encodings in which a token may appear: plain, hexadecimal, UTF-16, and base64 at each offset."""
    shifted = [base64.b64encode(b" " * shift + token.encode())[4:-4] for shift in range(3)]
    return [token.encode(), token.encode().hex().encode(), token.encode("utf-16-le"), *shifted]


def assert_nowhere(what: bytes | bytearray, where: object) -> None:
    for token in (TOKEN, TYPED):
        assert not any(one in what for one in spellings(token)), where


def assert_in_no_file(*folders: Path, but: tuple[Path, ...] = ()) -> None:
    seen = 0
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and path not in but:
                seen += 1
                assert_nowhere(path.read_bytes(), path)
    assert seen


@pytest.fixture
def proxy() -> Iterator[socket.socket]:
    """A port on which nobody has asked yet for a connection."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        yield proxy


@pytest.fixture
def home(_home: Path) -> Path:
    """Where the program keeps its files."""
    return _home


def hook_command(folder: Path) -> str:
    """A hook that records its environment and command line, and that of its parent."""
    script = folder / "hook.py"
    script.write_text(
        "import os, pathlib, time\n"
        f"notes = pathlib.Path({str(folder)!r})\n"
        "own = pathlib.Path('/proc/self')\n"
        "parent = pathlib.Path('/proc', str(os.getppid()))\n"
        "facts = [own / 'environ', own / 'cmdline', parent / 'cmdline']\n"
        "draft = notes / f'draft-{os.getpid()}'\n"
        "draft.write_bytes(b''.join(fact.read_bytes() for fact in facts))\n"
        "draft.rename(notes / f'seen-{os.getpid()}')\n"
    )
    return shlex.join([sys.executable, "-I", "-S", str(script)])


def test_the_token_is_nowhere_but_in_requests(
    simulator: FaultySimulator, proxy: socket.socket, tmp_path: Path, home: Path
) -> None:
    simulator.world.add(RUNNING, title="A long report")
    failing = simulator.world.add(RUNNING, title="A short one")
    # A server that repeats what it was sent, as some do in their errors.
    quoting = f"rejected header: Bearer {TOKEN}"
    simulator.faults.add(Fault(kind=FaultKind.HTTP, code=500, text=quoting, count=1))
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    watch(simulator)
    config = tmp_path / "config.toml"
    entry = patched(BROKEN_PAUSE)
    config.write_text(f"[hooks]\non_attention = {json.dumps(hook_command(hooks))}\n")
    proxy_url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")
    variables = {"DEEPWRITER_TOKEN": TOKEN, **dict.fromkeys(names, proxy_url)}
    with dwtop(
        *("--config", str(config), "--interval", "1"), base_url=simulator.base_url, env=variables, entry=entry
    ) as pane:
        pane.wait_for("in progress")
        pane.wait_for(lambda pane: any(one.status == 500 for one in simulator.requests))
        pane.wait_until_quiet()
        pane.press("R")
        pane.wait_for(lambda pane: pane.text.count("in progress") == 2)
        simulator.faults.add(Fault(kind=FaultKind.FIELDS, job_id=failing, fields={"status": "failed"}))
        pane.wait_for(lambda pane: list(hooks.glob("seen-*")))
        sign_in(pane, simulator)
        simulator.faults.clear()
        quoting = f"rejected header: Bearer {TYPED}"
        simulator.faults.add(Fault(kind=FaultKind.HTTP, code=500, text=quoting, count=1))
        pane.wait_for("rejected header")
        assert_nowhere(Path(f"/proc/{pane.pid}/cmdline").read_bytes(), "the process list")
        pane.press("p")
        assert pane.wait_exit() == 70
        assert_nowhere(pane.raw, "what was written to the terminal")
        assert "please report it" in pane.text
    kept = home / "data" / "dwtop" / "token"
    assert TYPED in kept.read_text()
    assert list((home / "data" / "dwtop").glob("crash-*.txt"))
    assert_in_no_file(hooks, home, but=(kept,))
    with pytest.raises(BlockingIOError):  # no connection to the proxy waits to be accepted
        proxy.accept()
    signed = [one.credentials for one in simulator.requests]
    assert {"authorization": f"Bearer {TOKEN}"} in signed
    assert {"authorization": f"Bearer {TYPED}"} in signed


def sign_in(pane: Pane, simulator: FaultySimulator) -> None:
    """Type another token into the dialog, and have it kept."""
    pane.press("L")
    pane.wait_for("Sign in")
    pane.paste(TYPED)
    pane.wait_for("•••")
    pane.press("f3")
    pane.wait_for("[x] remember it")
    pane.press("enter")
    until(lambda: any(TYPED in str(one.credentials) for one in simulator.requests))
