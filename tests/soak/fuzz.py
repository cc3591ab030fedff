"""Random answers through the real client over a loopback socket, and random settings files through the loader.

Whatever comes, the result is a value that can be shown, or one sentence: no traceback, no hang.
"""

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from app.cli.configuration import read_settings
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.client import Client
from app.deepwriter.errors import ApiError, TimedOut
from app.job import Job, ListedJob
from app.presentation.detail import detail_of
from app.presentation.json_fields import document
from app.presentation.sentences import sentence
from app.settings.errors import SettingsError
from app.settings.schema import SETTINGS
from app.text import safe_text
from app.watch.watched import Watched
from tests.faults.scripted_server import JOB_ID, OTHER_ID, ScriptedServer, job_payload, message, reply_with

SECONDS = 60.0

_EXAMPLES = 200
"""How many examples of each kind are drawn before the clock is looked at."""

_TOKEN = "tok-5b2a4860-3f9c1d7e-never-shown"

_ACTIONS = ("fetch", "fetch", "cancel", "list_jobs", "fetch_document_url")

_TIMEOUT_SECONDS = 20.0
"""The server closes each connection once it has answered, so only a hang takes so long."""


def fuzz(seconds: float = SECONDS, report: Callable[[str], None] = print) -> None:
    """Draw examples until the time is up, or one leads to neither a value nor one sentence."""
    until = time.monotonic() + seconds
    for number in itertools.count(1):
        check(number, _EXAMPLES)
        if time.monotonic() >= until:
            report(f"fuzz: {number * _EXAMPLES} answers and as many settings files")
            return


def check(number: int, examples: int) -> None:
    """Draw some examples of each kind, which are the same for the same number."""
    profile = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # finding a smaller example can take minutes
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.toml")
        seed(number)(profile(given(_CONTENTS)(lambda content: _check_file(path, content))))()
    with asyncio.Runner() as runner:
        server = ScriptedServer([reply_with(then="close")])
        runner.run(server.__aenter__())
        client = Client(server.base_url, make_credential(_TOKEN), timeout=_TIMEOUT_SECONDS)

        def check_answer(data: bytes, action: str) -> None:
            runner.run(_check_answer(server, client, data, action))

        try:
            seed(number)(profile(given(_wire(), st.sampled_from(_ACTIONS))(check_answer)))()
        finally:
            runner.run(client.aclose())
            runner.run(server.__aexit__(None, None, None))


# Answers

_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            *(JOB_ID, OTHER_ID, _TOKEN, "completed", "in_progress", "failed", "", "NaN", "1e999", "next"),
            *("2026-01-02T03:04:05Z", "9999-12-31T23:59:59-23:59", "0000-00-00T00:00:00Z", "1" * 5000),
            *("\x1b]0;x\x07", "\u202eabc", "https://[::1", "//x", "http://127.0.0.1:99999/", "\ud800"),
        ]
    ),
)
_NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(10**400), 1e308, 0.42, 42]))
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)),
    max_leaves=10,
)
_FIELDS = (
    *("id", "user_id", "project_id", "status", "created_at", "updated_at", "progress", "percent_complete"),
    *("progress_stage", "title", "error_message", "writing_model", "is_byok", "output_url_pdf", "jobId"),
)
_JOBS = st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=4).map(
    lambda changes: job_payload(**changes)
)
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.one_of(
        _JSON,
        _JOBS,
        st.fixed_dictionaries({"error": _JSON}),
        st.fixed_dictionaries({"message": _JSON}),
        st.lists(st.one_of(_JOBS, _JSON), max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["documents", "jobs", "data", "next", "nextCursor", "next_cursor", "cursor", "page"]
            ),
            st.one_of(st.lists(st.one_of(_JOBS, _JSON), max_size=3), _JSON),
        ),
    ).map(lambda value: json.dumps(value).encode()),
)
_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("Retry-After", "Date", "Age", "Location", "Content-Length", "Transfer-Encoding"),
            *("Content-Type", "Content-Encoding", "Connection", "Set-Cookie", "X-Other"),
        ]
    ),
    st.one_of(
        st.text(st.characters(max_codepoint=255), max_size=20),
        st.sampled_from(
            [
                *("chunked", "gzip", "identity", "close", "0", "-1", "1e9", "9" * 5000, "20"),
                *("Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", "https://[::1", "//"),
            ]
        ),
    ),
    max_size=3,
)
_MESSAGES = st.builds(
    message,
    st.one_of(st.just(200), st.integers(100, 999), st.sampled_from([400, 401, 403, 404, 429, 502])),
    _BODIES,
    _HEADERS,
)


@st.composite
def _wire(draw: st.DrawFn) -> bytes:
    """An answer as it comes: whole, cut off, with some bytes changed, or none at all."""
    data = draw(st.one_of(_MESSAGES, _MESSAGES, _MESSAGES, st.binary(max_size=200)))
    damage = draw(st.sampled_from(["none", "none", "cut", "change", "repeat"]))
    at = draw(st.integers(0, len(data)))
    if damage == "cut":
        return data[:at]
    if damage == "change":
        return data[:at] + draw(st.binary(max_size=3)) + data[at + 1 :]
    return data * 2 if damage == "repeat" else data


async def _check_answer(server: ScriptedServer, client: Client, data: bytes, action: str) -> None:
    server.script = [reply_with(data, "close")]
    failure: ApiError | None = None
    try:
        _assert_can_be_shown(await getattr(client, action)(*() if action == "list_jobs" else (JOB_ID,)))
    except ApiError as error:
        failure = error
    if failure:
        assert not isinstance(failure, TimedOut), "it hangs"
        _assert_one_sentence(str(failure))
    server.script = [reply_with(message(200, job_payload()), "close")]
    assert isinstance(await client.fetch(JOB_ID), Job), "the next answer is not affected"


def _assert_can_be_shown(result: Any) -> None:
    if isinstance(result, Job):
        entry = Watched(result.id, 0.0, result, time.time())
        now = time.time()
        shown = [document([entry]), sentence(entry, now)]
        shown.append(repr(detail_of(entry, (), (), now=now, stale=False, short_id="7c9e")))
    elif isinstance(result, tuple):
        assert all(isinstance(job, ListedJob) for job in result)
        shown = [repr(result)]
    else:
        assert result is None or isinstance(result, str)
        shown = [result or ""]
    for text in shown:
        assert _TOKEN not in text
        text.encode()


# Settings files

_KEYS = st.one_of(
    st.sampled_from([name for setting in SETTINGS for name in (setting.key, *setting.key.split("."))]),
    st.sampled_from(["keys.table.down", "jobs.cancel", '"a\\nb"', '""', "a" * 3000, "a" + ".a" * 3000]),
    st.from_regex(r"[a-z_.\-\"']{1,12}", fullmatch=True),
)
_VALUES = st.one_of(
    st.text(max_size=12).map(json.dumps),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        [
            *("true", "false", "[]", "{}", "{a = 1}", "nan", "-inf", "1979-05-27T07:32:00Z", "07:32:00"),
            *("9" * 5000, "0x" + "f" * 5000, "[" * 3000, "[" * 80 + "]" * 80, "{a=" * 3000, '"""\n\n"""'),
            *('"dwtop-dark"', '"~nobody-at-all/x"', '"{job_id"', '"\\u0000"', '"\'"', '"stage,eta"', '"x,x"'),
            *('"http://[::1"', '"https://user:secret@example.com"', '"ftp://x"', '"https://exa mple"'),
        ]
    ),
)
_LINES = st.one_of(
    st.tuples(_KEYS, _VALUES).map(" = ".join),
    _KEYS.map(lambda name: f"[{name}]"),
    _KEYS.map(lambda name: f"[[{name}]]"),
    st.text(max_size=20),
)
_CONTENTS = st.one_of(
    st.lists(_LINES, max_size=6).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass")),
    st.binary(max_size=100),
)


def _check_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    began = time.monotonic()
    sentence = ""
    try:
        read_settings({"config": str(path)}, {"HOME": str(path.parent)})
    except SettingsError as error:
        sentence = str(error)
    if sentence:
        _assert_one_sentence(sentence)
        assert str(path) in sentence
    assert time.monotonic() - began < _TIMEOUT_SECONDS, "it hangs"


def _assert_one_sentence(text: str) -> None:
    assert text.strip()
    assert text == safe_text(text, len(text) + 1), "it can be printed as it is"
    assert _TOKEN not in text
    without_status = text.replace(HTTPStatus.INTERNAL_SERVER_ERROR.phrase, "")
    assert "Error" not in without_status, "it names an exception"
    assert "sys." not in text
