"""Collects the facts about an installation that a bug report needs, and its problems. Never includes a token."""

import asyncio
import os
import platform
import shutil
import sys
import time
from collections.abc import Awaitable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple
from uuid import UUID

from app import __version__
from app.cli import errors
from app.cli.configuration import find_problems
from app.cli.output.terminal import is_terminal
from app.cli.session import token_source
from app.deepwriter.auth.credential import Credential, Secret
from app.deepwriter.auth.sources import VARIABLES
from app.deepwriter.errors import (
    ApiError,
    CredentialError,
    Forbidden,
    NotFound,
    NotOffered,
    Rejected,
    Unauthorized,
)
from app.notify.desktop import takes_notifications
from app.presentation import durations
from app.settings.schema import SETTINGS, Settings
from app.store.opening import open_read_only, why_not_writable
from app.store.read_only import ENGINE, read_watch_list
from app.text import safe_text
from app.watch.events import rough_duration
from app.watch.storage import StoreError

_LIBRARIES = ("textual", "httpx", "pydantic", "click", "starlette", "uvicorn", "platformdirs")
_COMMANDS = ("token_command", "hooks.on_finish", "hooks.on_attention")

_UNKNOWN_JOB = "00000000-0000-4000-8000-000000000000"
"""Requested if no job is watched."""

_NO_JOB = str(UUID(int=0))
"""The nil UUID, which no job has."""


class Finding(NamedTuple):
    """One line of a report: what was checked, and the result, safe to show. A problem has an exit code."""

    name: str
    value: str
    code: int = errors.OK


Report = dict[str, list[Finding]]
"""The findings by the heading they appear under."""


def new_report() -> Report:
    """A report on the program, what it runs on, and the terminal."""
    size = shutil.get_terminal_size()
    variables = ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL", "NO_COLOR")
    return {
        "program": [
            Finding("dwtop", __version__),
            Finding("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
            Finding("system", platform.platform()),
            Finding("database", ENGINE),
            *(Finding(library, _version(library)) for library in _LIBRARIES),
        ],
        "terminal": [
            Finding("size", f"{size.columns}x{size.lines}" if is_terminal(sys.stdout) else "no terminal"),
            *(Finding(name, safe_text(os.environ.get(name, ""), 80) or "-") for name in variables),
            Finding("encoding", (sys.stdout.encoding if sys.stdout else "") or "-"),
            Finding("tmux", "yes" if os.environ.get("TMUX") else "no"),
            Finding("notifications", "shown (OSC 9)" if takes_notifications(os.environ) else "not shown"),
        ],
    }


def settings_in_force(settings: Settings) -> Iterator[Finding]:
    """Every setting, its value, and where it was set; then those that name something that does not exist."""
    for setting in SETTINGS:
        value = settings.value(setting.key)
        if setting.key in _COMMANDS and value:
            # The arguments of a command may hold secrets.
            value = f"{str(value).split()[0]} ..." if len(str(value).split()) > 1 else value
        shown = "-" if value is None or value == {} else safe_text(_format_value(value), 200)
        yield Finding(setting.key, f"{shown} ({settings.sources.get(setting.key, 'default')})")
    for error in find_problems(settings):
        yield Finding("wrong", safe_text(str(error), 400), errors.USAGE)


def database(settings: Settings) -> Iterator[Finding]:
    """The state of the database file."""
    yield Finding("file", safe_text(str(settings.database), 400))
    try:
        with open_read_only(settings.database, settings.base_url) as connection:
            exists = connection is not None
        if not exists:
            yield Finding("state", "does not exist yet; adding a job creates it")
        else:
            entries = read_watch_list(settings.database, settings.base_url)
            unfinished = sum(not entry.finished for entry in entries)
            size = settings.database.stat().st_size
            yield Finding("state", f"{durations.jobs(len(entries))}, {unfinished} unfinished, {size} bytes")
    except (StoreError, OSError) as error:
        yield Finding("state", safe_text(str(error), 400), errors.USAGE)
        return
    reason = why_not_writable(settings.database)
    yield Finding("writing", safe_text(reason, 400) or "works", errors.USAGE if reason else errors.OK)


def sign_in(settings: Settings) -> tuple[list[Finding], Credential | None]:
    """Where the token comes from; also returns the token, for `check_api`."""
    try:
        found = token_source(settings).find()
    except CredentialError as error:
        log = [Finding("output", text) for text in error.log[:1]]  # the others may hold a secret
        return [Finding("token", str(error), errors.SIGNED_OUT), *log], None
    credential = found.credential
    if credential:
        token = Finding("token", f"from {credential.source}, sent as {credential.scheme}")
    else:
        token = Finding("token", "none; run dwtop login, or set DEEPWRITER_TOKEN", errors.SIGNED_OUT)
    return [token, *(Finding("warning", warning) for warning in found.warnings)], credential


def check_api(report: Report, settings: Settings, credential: Credential | None, *, rights: bool) -> None:
    """Check with one request whether the API answers and accepts the token.

    With `rights`, check also what it may do, which sends a cancel for a job that does not exist.
    """
    if credential is None:
        for section in ("API", "rights") if rights else ("API",):
            report[section] = [Finding("answer", "not asked: there is no token")]
    else:
        asyncio.run(_ask_api(report, settings, credential, rights=rights))


async def _ask_api(report: Report, settings: Settings, credential: Credential, *, rights: bool) -> None:
    from app.deepwriter.client import Client

    client = Client(settings.base_url, credential)
    try:
        start = time.monotonic()
        error = await _error_of(client.fetch(_any_job_id(settings)))
        took_ms = 1000 * (time.monotonic() - start)
        if error is None or isinstance(error, Rejected | NotFound):
            answer = Finding("answer", f"within {took_ms:.0f} ms; the token is accepted")
        else:
            answer = Finding("answer", str(error), errors.code_of(error))
        report["sign-in"].append(_expiry(credential, client.clock_offset, accepted=not answer.code))
        report["API"] = [answer, Finding("clock", _difference(client.clock_offset))]
        if rights:
            report["rights"] = [
                Finding("read jobs", _right(await _error_of(client.fetch(_NO_JOB)))),
                Finding("list your jobs", _right(await _error_of(client.list_jobs()))),
                Finding("cancel jobs", _right(await _error_of(client.cancel(_NO_JOB)))),
            ]
    finally:
        await client.aclose()


def _any_job_id(settings: Settings) -> str:
    """The ID of a watched job, or one that the API answers is unknown if it accepts the token."""
    try:
        return next(
            (entry.id for entry in read_watch_list(settings.database, settings.base_url)), _UNKNOWN_JOB
        )
    except StoreError:
        return _UNKNOWN_JOB


async def _error_of(request: Awaitable[object]) -> ApiError | None:
    try:
        await request
    except ApiError as error:
        return error
    return None


def _right(error: ApiError | None) -> str:
    """Whether a key may do something. The API answers that a job is unknown only if the key has the right."""
    match error:
        case None | NotFound() | Rejected():
            return "yes"
        case Unauthorized() | Forbidden():
            return "no"
        case NotOffered():
            return "this API does not offer it"
        case _:
            return "unknown"


def _expiry(credential: Credential, clock_offset: float | None, *, accepted: bool) -> Finding:
    """When the token expires, by the API's clock if it is known, since this machine's may be wrong."""
    if credential.expires_at is None:
        return Finding("expiry", "not known: the token does not say")
    ends_at = credential.expires_at + (clock_offset or 0.0)
    if ends_at > time.time():
        return Finding("expiry", durations.moment(ends_at))
    past = f"{durations.moment(ends_at)}, in the past"
    if accepted:
        return Finding("expiry", f"{past}, but the API still accepts the token")
    return Finding("expiry", past, errors.SIGNED_OUT)


def _difference(offset: float | None) -> str:
    """Describe the offset between the API's clock and this machine's."""
    if offset is None:
        return "not known"
    if not offset:
        return "the same as this machine's"
    side = "behind" if offset > 0 else "ahead of"
    return f"{rough_duration(abs(offset))} {side} this machine's, which ages and forecasts take into account"


def format_report(report: Report, credential: Credential | None) -> str:
    """Format a report as text, with problems marked and tokens masked."""
    text = "\n\n".join(
        "\n".join(
            [
                f"{section}:",
                *(f"{'!' if code else ' '} {name + ':':<24}{value}" for name, value, code in findings),
            ]
        )
        for section, findings in report.items()
    )
    secrets = [Secret(os.environ.get(name, "").strip()) for name in VARIABLES]
    for secret in [*secrets, *([credential.secret] if credential else [])]:
        text = secret.hide_in(text)
    return text


def exit_code(report: Report) -> int:
    """The exit code of a report: wrong settings and an unusable database take precedence."""
    codes = {finding.code for findings in report.values() for finding in findings}
    return errors.USAGE if errors.USAGE in codes else errors.worst(codes)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return " ".join(f"{name}={entry}" for name, entry in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
