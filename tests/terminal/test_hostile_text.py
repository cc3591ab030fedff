"""Text from the API neither acts on the terminal nor shifts a column.

The control sequences of the program itself are known from a run with harmless texts. Any other sequence in a run with
hostile texts comes from the API.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pyte.screens
import pytest

from tests.simulated_api import RUNNING, simulated
from tests.simulator_faults.faults import Endpoint, Fault, FaultKind
from tests.simulator_faults.hostile_text import HOSTILE, TEXT_FIELDS
from tests.simulator_faults.server import FaultySimulator
from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import dwtop, watch

MARK = "zqx"
"""Part of every text that the simulated API sends."""

PLANTED = (
    f"{MARK}\x1b]2;{MARK}\x07\x1b]52;c;{MARK}\x1b\\\x1b]9;{MARK}\x07\x1b[31m\x1b[?1049l\x1b[5;5H\x1b[99;77x{MARK}"
    f"\x1bP+q{MARK}\x1b\\\x1b_{MARK}\x1b\\\x1b^{MARK}\x1b\\\x1bXsos{MARK}\x1b\\\x9b2J\x9d0;{MARK}\x9c\x90{MARK}\x9c"
    f"\x1bc\x1b7\x1b#8\x1b(0\x0e\x00\x07\x08\x7f\r\n\v\f\x85\u2028\u202e{MARK}\u200b\u2066\ufeff\u00ad"
    f"[bold red]{MARK}[/] [@click=app.quit]{MARK}[/] \U0001f469\u200d\U0001f4bb 深く書く"
)
LONG = PLANTED + "endless " * 12_500

SEQUENCE = re.compile(
    rb"\x1b(?:\[(?P<csi>[0-?]*[ -/]*[@-~])|(?P<string>[\]PX^_])(?P<text>[^\x07\x1b]*)(?:\x07|\x1b\\)|(?P<other>[ -/]*[0-~]))"
)
NUMBERS = re.compile(rb"[\d;:]+")
FORBIDDEN = re.compile(
    "[\x00-\x06\x08-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad]"
)


def kinds(raw: bytes | bytearray) -> set[bytes]:
    """The control sequences in some output, without their numbers; of a string, only its kind."""
    found = set()
    for one in SEQUENCE.finditer(raw):
        if one["string"] is not None:
            found.add(one["string"] + one["text"].partition(b";")[0])
        else:
            found.add(NUMBERS.sub(b"", one["csi"] or one["other"]))
    return found


def plain(raw: bytes | bytearray) -> str:
    """Some output without its control sequences."""
    return SEQUENCE.sub(b"", raw).decode()


def cancelled(pane: Pane) -> bool:
    if re.search("cancelled|accepted", pane.text):
        return True
    pane.press("y")
    return False


@contextmanager
def tour(server: FaultySimulator, *texts: str) -> Iterator[Pane]:
    """A run that has shown every place with text from the API."""
    failing = []
    for text in texts:
        fields: dict[str, Any] = dict.fromkeys(TEXT_FIELDS, text)
        server.world.add(RUNNING, **fields)
        failing.append(server.world.add(RUNNING, **fields))
    server.faults.add(Fault(kind=FaultKind.FIELDS, endpoint=Endpoint.CANCEL, fields={"message": texts[0]}))
    watch(server)
    with dwtop(
        *("--interval", "1"),
        failing[0],  # on which the cursor stays, and whose details are not too long to show its facts
        base_url=server.base_url,
        size=(150, 40),
        env={"TERM_PROGRAM": "ghostty"},
    ) as pane:
        pane.wait_for(lambda pane: pane.text.count("in progress") == 2 * len(texts))
        for job_id in failing:
            server.faults.add(Fault(kind=FaultKind.FIELDS, job_id=job_id, fields={"status": "failed"}))
        pane.wait_for("failed")
        pane.wait_for(lambda pane: pane.notices)  # OSC 9, which carries the title
        pane.press("enter")
        pane.wait_for("Facts")
        for key, shown in (("e", "Esc close"), ("?", "Keys"), (":", "Go to a job, or run a command")):
            pane.press(key)
            pane.wait_for(shown)
            if key == ":":
                pane.send(MARK.encode())
                pane.wait_for(lambda pane: "Add jobs by ID" not in pane.text)
            pane.press("escape")
            pane.wait_for(lambda pane, shown=shown: shown not in pane.text)  # type: ignore[misc]
        pane.press("j", "y", "Y", "k", "y", "Y")
        pane.wait_for(lambda pane: pane.clipboard)
        pane.press("*", "x")
        pane.wait_for("Keep running")
        # The dialog drops keys in its first moments.
        pane.wait_for(cancelled)
        pane.press("/")
        pane.wait_for("filter by title")
        pane.send(MARK.encode())
        pane.wait_for(lambda pane: any(line.startswith(f" / {MARK}") for line in pane.screen))
        yield pane
        pane.press("ctrl+c")
        assert pane.wait_exit() == 0


def test_no_control_sequence_comes_from_the_api(simulator: FaultySimulator) -> None:
    with simulated() as harmless, tour(harmless, f"harmless {MARK}") as own:
        pass
    assert own.raw.count(MARK.encode()) > 10
    with tour(simulator, PLANTED, LONG) as pane:
        pass
    assert pane.raw.count(MARK.encode()) > 10
    assert kinds(pane.raw) <= kinds(own.raw)
    for one in SEQUENCE.finditer(pane.raw):
        # Only a notification and a copy contain text from the API.
        if MARK.encode() in one.group():
            assert one.group().startswith((b"\x1b]9;", b"\x1b]52;"))
        assert not FORBIDDEN.search((one["text"] or b"").decode())
    assert not FORBIDDEN.search(plain(pane.raw).replace("\r\n", "")), "a control character came through"
    assert all(notice.startswith("dwtop: ") for notice in pane.notices), "no title can be another command"
    assert "dwtop" in pane.title
    assert MARK not in pane.title
    assert "[bold red]" in plain(pane.raw)


@contextmanager
def aligned_rows(simulator: FaultySimulator, texts: Collection[str]) -> Iterator[Pane]:
    """The dashboard with a row for each of the texts, once all columns have been found aligned."""
    for number, text in enumerate(texts, 1):
        job_id = f"{number:08x}-0000-4000-8000-000000000000"
        fields: dict[str, Any] = dict.fromkeys(TEXT_FIELDS, text)
        simulator.world.add(RUNNING, job_id=job_id, **fields)
    watch(simulator)
    with dwtop(base_url=simulator.base_url, size=(130, 40)) as pane:
        pane.wait_for(lambda pane: pane.text.count("in progress") == len(texts))
        pane.wait_until_quiet()
        rows = [line for line in pane.cells if "in progress" in line]
        assert len(rows) == len(texts)
        for column in (r"in progress", r"10%", r"<1m +0000000[0-9a-f]\b"):
            places = [[match.start() for match in re.finditer(column, row)][-1:] for row in rows]
            assert places == [places[0]] * len(texts), column
        yield pane


def test_text_does_not_shift_columns(simulator: FaultySimulator) -> None:
    with aligned_rows(simulator, HOSTILE.values()):
        pass


def wide_if_ambiguous(char: str) -> int:
    """Widths as in a terminal for Chinese or Japanese: ambiguous characters are wide, and marks have no width."""
    if unicodedata.category(char) in ("Mn", "Mc", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "AFW" else 1


def test_another_width_on_the_terminal_affects_that_cell_alone(
    simulator: FaultySimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyte.screens, "wcwidth", wide_if_ambiguous)
    texts = [
        "plain",
        "नमस्ते दुनिया हिन्दी",
        "\N{MIDDLE DOT}" * 12,
        "Où est l'été à Orléans",
        "👩\u200d💻 \u2764\ufe0f ok",
        "深く書く",
    ]
    with aligned_rows(simulator, texts) as pane:
        pane.press("*", "x")
        pane.wait_for("Keep running")
        pane.wait_until_quiet()
        lines = [line for line in pane.cells if re.search(r"10% +0000000[0-9a-f]\b.*│", line)]
        assert len(lines) == len(texts)
        assert len({line.rindex("10%") for line in lines}) == 1
        assert len({line.rindex("│") for line in lines}) == 1
        pane.press("escape", "ctrl+c")
        assert pane.wait_exit() == 0
