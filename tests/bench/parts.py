"""The parts of the bench: each measures programs on a pseudo-terminal, one after the other, and yields figures."""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.job import Status
from tests.bench import jobs
from tests.bench.goals import Result, bound, ratio
from tests.bench.program import PROJECT, Bench, Keys, Program, Rest, percentile
from tests.ui.dashboard_host import fill

_NOBODY = "http://127.0.0.1:9/api"  # no request goes there: all jobs of its lists are finished
_PYTHON = sys.executable
MINIMAL = Program("minimal Textual", (_PYTHON, "-m", "tests.bench.minimal"), ("Report 00003",))


@dataclass
class Setup:
    bench: Bench
    folder: Path
    seconds: float = 30.0  # how long an idle or polling program is measured
    times: int = 7  # how often starts are repeated
    _made: dict[str, Path] = field(default_factory=dict)

    def database(self, number: int, base_url: str, status: str | None = None, days: int = 0) -> Path:
        """A database with a number of jobs, all in one status or mixed, perhaps with history."""
        key = f"{number}-{status}-{days}-{base_url}"
        if key not in self._made:
            path = self.folder / f"{len(self._made)}.db"
            fill(path, [jobs.entry(n, status or jobs.mixed(n)) for n in range(number)], base_url=base_url)
            if days:
                jobs.add_history(path, days, samples_a_job=30)
            self._made[key] = path
        return self._made[key]

    @contextmanager
    def server(self, number: int) -> Iterator[str]:
        """Run the API of the bench; yields its base URL."""
        process = subprocess.Popen(
            [_PYTHON, "-m", "tests.bench.api_server", str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT,
            text=True,
        )
        self.bench.tree.leave_out(process.pid)
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/api"
        finally:
            process.stdin.close()
            process.wait(10)


def dwtop(
    database: Path, base_url: str, *options: str, name: str = "dwtop", ready: str = "Report 0"
) -> Program:
    installed = Path(_PYTHON).with_name("dwtop")
    command = [str(installed)] if installed.exists() else [_PYTHON, "-m", "app"]
    env = {"DEEPWRITER_TOKEN": "bench", "DWTOP_REQUESTS_PER_MINUTE": "6000"}
    return Program(
        name, (*command, "--database", str(database), "--base-url", base_url, *options), (ready,), env
    )


def naive(base_url: str, number: int, interval: float) -> Program:
    command = (_PYTHON, "-m", "tests.bench.naive", base_url, str(number), str(interval))
    return Program("naive", command, ("Report 00003",))


def starts(setup: Setup) -> Iterator[Result]:
    """The time to the first frame with a short and a long list, and that of a minimal Textual program."""
    short = dwtop(setup.database(100, _NOBODY), _NOBODY, name="100 jobs")
    long = dwtop(setup.database(10_000, _NOBODY), _NOBODY, name="10,000 jobs")
    old = dwtop(setup.database(10_000, _NOBODY, days=30), _NOBODY, name="30 days")
    found = setup.bench.starts((MINIMAL, short, long, old), setup.times)
    minimal = found[MINIMAL.name]
    for program, goal in ((short, 1.0), (long, 1.25), (old, 1.25)):
        start = found[program.name]
        yield ratio(f"first frame, {program.name}", start.ms, minimal.ms, "ms", "minimal", goal)
        yield ratio(f"first frame, {program.name}, CPU", start.cpu_ms, minimal.cpu_ms, "ms", "minimal", None)
    size = setup.database(10_000, _NOBODY, days=30).stat().st_size
    yield bound("database: 10,000 jobs, 30 days of history", size / 2**20, "MiB")


def idle(setup: Setup) -> Iterator[Result]:
    """What 100 finished jobs cost, which are not polled."""
    minimal = _rest(setup, MINIMAL)
    ours = _rest(setup, dwtop(setup.database(100, _NOBODY, Status.COMPLETED), _NOBODY))
    yield bound("at rest, 100 finished jobs: bytes", ours.bytes_per_min, "B/min", 0)
    yield ratio("at rest: CPU", ours.cpu_s_per_min, minimal.cpu_s_per_min, "s/min", "minimal", 1.3)
    yield Result("at rest: wake-ups", ours.wake_ups_per_s, "1/s", f"minimal {minimal.wake_ups_per_s:.1f}")


def polling(setup: Setup) -> Iterator[Result]:
    """100 running jobs, polled every 5 s, each with progress at every second poll; also inside tmux."""
    number, interval = 100, 5.0
    for inside in ("", "tmux"):
        with setup.server(number) as base_url:
            ours = dwtop(setup.database(number, base_url, Status.IN_PROGRESS), base_url, "--interval", "5")
            plain = naive(base_url, number, interval)
            (a, asked), (b, asked_by_naive) = (
                _polled(setup, _in_tmux(program) if inside else program, base_url)
                for program in (ours, plain)
            )
        where = f"polling 100 jobs{', in tmux' if inside else ''}"
        yield ratio(f"{where}: CPU", a.cpu_s_per_min, b.cpu_s_per_min, "s/min", "naive", 0.1)
        yield ratio(f"{where}: bytes", a.bytes_per_min, b.bytes_per_min, "B/min", "naive", 0.01)
        yield ratio(f"{where}: requests", asked, asked_by_naive, "1/min", "naive", None)


def keys(setup: Setup) -> Iterator[Result]:
    """From a key to the first byte of the answer, while 1,000 jobs are polled."""
    with setup.bench.running(MINIMAL) as run:
        run.wait(2)
        minimal = run.press(("down", "up"), 100)
    with setup.server(1000) as base_url:
        program = dwtop(setup.database(1000, base_url, Status.IN_PROGRESS), base_url, "--interval", "10")
        with setup.bench.running(program) as run:
            run.wait(4)
            ours = run.press(("down", "up"), 100)
    name = "key to paint while 1,000 jobs are polled"
    yield ratio(
        f"{name}, p99", percentile(ours.first, 0.99), percentile(minimal.first, 0.99), "ms", "minimal", 1.5
    )
    yield ratio(
        f"{name}, p50", statistics.median(ours.first), statistics.median(minimal.first), "ms", "minimal", None
    )


def long_list(setup: Setup) -> Iterator[Result]:
    """Keys with 10,000 jobs, from the key to the first byte of the answer, and to the last."""
    with setup.bench.running(dwtop(setup.database(10_000, _NOBODY), _NOBODY)) as run:
        run.wait(3)
        yield _paint("10,000 jobs: sort", run.press(("s",), 30), 16)
        run.wait(5)
        yield _paint("10,000 jobs: mark all", run.press(("*",), 30), 16)
        yield _paint("10,000 jobs: a page", run.press(("pagedown",) * 5 + ("pageup",) * 4, 6), 16)
        run.press(("/",), 1)
        run.wait(0.5)
        typed = (*"rep012", *["backspace"] * 6)
        yield _paint("10,000 jobs: filter keystroke", run.press(typed, 5), 30)


def memory(setup: Setup) -> Iterator[Result]:
    found = {}
    for number in (1000, 10_000):
        program = dwtop(setup.database(number, _NOBODY), _NOBODY)
        found[number] = _rest(setup, program, seconds=3).memory_mib
    minimal = _rest(setup, MINIMAL, seconds=3).memory_mib
    over = found[1000] - minimal
    yield Result("memory over minimal, 1,000 jobs", over, "MiB", f"minimal {minimal:.1f} MiB", over, 25)
    each = (found[10_000] - found[1000]) * 1024 / 9000
    yield bound("memory for each job beyond", each, "KiB", 1)


def processing(setup: Setup) -> Iterator[Result]:
    """The cost of a poll without the request: decoding, storing, forecast and table; then the whole program."""
    number, interval = 100, 2.0
    polls = number / interval * 60
    with setup.server(number) as base_url:
        bare = Program(
            "httpx",
            (_PYTHON, "-m", "tests.bench.bare_httpx", base_url, str(number), str(interval)),
            ("ready",),
        )
        request = _rest(setup, bare).cpu_s_per_min / polls
    path = setup.database(number, _NOBODY, Status.IN_PROGRESS)
    canned = Program(
        "answers at hand",
        (_PYTHON, "-m", "tests.bench.without_httpx", str(path), _NOBODY, str(number), str(interval)),
        ("Report 0",),
    )
    idle = _rest(setup, MINIMAL).cpu_s_per_min
    rest = (_rest(setup, canned, warm_up=5).cpu_s_per_min - idle) / polls
    (answer,) = _printed(setup, "tests.bench.one_poll")
    yield ratio(
        "one answer: decode, store, forecast, table", answer["us"], request * 1e6, "us", "httpx", 0.15
    )
    yield ratio("one poll, all but httpx", rest * 1e6, request * 1e6, "us", "httpx", None)


def day(setup: Setup) -> Iterator[Result]:
    hours = _printed(setup, "tests.bench.day", "8", "200")
    first, last = hours[0], hours[-1]
    # Python asks the system for a MiB at a time, and needs the next one or not by the chance of where things lie.
    yield bound("8 hours, 200 jobs: memory grown after the first", last["rss"] - first["rss"], "MiB", 2)
    yield bound("8 hours, 200 jobs: memory grown after the second", last["rss"] - hours[1]["rss"], "MiB", 1)
    yield ratio("8 hours: objects", last["objects"], first["objects"], "", "after the first", 1.05)
    yield bound("8 hours: polls", last["polls"], "")


def writing(setup: Setup) -> Iterator[Result]:
    """Commits while 1,000 jobs are polled and most of them make progress."""
    with setup.server(1000) as base_url:
        path = setup.database(1000, base_url, Status.IN_PROGRESS)
        with setup.bench.running(dwtop(path, base_url, "--interval", "10")) as run:
            run.wait(5)
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            seen = set()
            passed = 0.0
            while passed < setup.seconds:
                seen.add(connection.execute("PRAGMA data_version").fetchone()[0])
                run.wait(0.02)
                passed += 0.02
            connection.close()
    yield bound("commits while 1,000 jobs are polled", (len(seen) - 1) / setup.seconds, "1/s", 1.0)


def _paint(what: str, pressed: Keys, limit: float) -> Result:
    settled = (
        f"settled after {percentile(pressed.last, 0.95):.1f} ms; CPU {percentile(pressed.cpu, 0.95):.1f} ms"
    )
    first = percentile(pressed.first, 0.95)
    return Result(f"{what}, p95", first, "ms", settled, first, limit)


def _rest(setup: Setup, program: Program, *, seconds: float | None = None, warm_up: float = 3.0) -> Rest:
    with setup.bench.running(program) as run:
        return run.rest(setup.seconds if seconds is None else seconds, warm_up)


def _polled(setup: Setup, program: Program, base_url: str) -> tuple[Rest, float]:
    """The idle costs of a program that polls, and its requests a minute."""
    with setup.bench.running(program) as run:
        run.wait(5)
        before = _requests(base_url)
        rest = run.rest(setup.seconds, warm_up=0)
        return rest, (_requests(base_url) - before) / setup.seconds * 60


def _printed(setup: Setup, *module: str) -> list[dict[str, float]]:
    """What a module of the bench prints, as JSON a line."""
    command = [_PYTHON, "-m", *module]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT, text=True) as process:
        setup.bench.tree.leave_out(process.pid)
        return [json.loads(line) for line in process.communicate(timeout=900)[0].splitlines()]


def _requests(base_url: str) -> int:
    with urllib.request.urlopen(f"{base_url}/requests", timeout=10) as answer:
        return int(json.load(answer)["requests"])


def _in_tmux(program: Program) -> Program:
    socket = f"dwtop-bench-{os.getpid()}"
    return Program(
        f"{program.name} in tmux",
        ("tmux", "-L", socket, "-f", os.devnull, "new-session", *program.command),
        program.ready,
        program.env,
    )
