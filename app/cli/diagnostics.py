"""Collects the facts about an installation that a bug report needs, and its problems. Never includes a token."""

import asyncio
import os
import platform
import shutil
import sys
import time
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from uuid import UUID

from app import __version__
from app.cli import errors
from app.cli.configuration import find_problems
from app.cli.output.terminal import is_terminal
from app.cli.session import token_source
from app.deepwriter.auth.credential import Credential, CredentialError, Secret
from app.deepwriter.auth.sources import VARIABLES
from app.deepwriter.errors import ApiError, Forbidden, NotFound, NotOffered, Rejected, Unauthorized
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


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        section: The heading it appears under.
        name: What was checked.
        value: The result, safe to show.
        code: The exit code if it is a problem; else 0.
    """

    section: str
    name: str
    value: str
    code: int = errors.OK


def machine() -> Iterator[Finding]:
    """The program, what it runs on, and the terminal."""
    yield Finding("program", "dwtop", __version__)
    yield Finding("program", "Python", f"{platform.python_version()} ({platform.python_implementation()})")
    yield Finding("program", "system", platform.platform())
    yield Finding("program", "database", ENGINE)
    for library in _LIBRARIES:
        yield Finding("program", library, _version(library))
    size = shutil.get_terminal_size()
    on_terminal = is_terminal(sys.stdout)
    yield Finding("terminal", "size", f"{size.columns}x{size.lines}" if on_terminal else "no terminal")
    for name in ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL", "NO_COLOR"):
        yield Finding("terminal", name, safe_text(os.environ.get(name, ""), 80) or "-")
    yield Finding("terminal", "encoding", (sys.stdout.encoding if sys.stdout else "") or "-")
    yield Finding("terminal", "tmux", "yes" if os.environ.get("TMUX") else "no")
    yield Finding(
        "terminal", "notifications", "shown (OSC 9)" if takes_notifications(os.environ) else "not shown"
    )


def settings_in_force(settings: Settings) -> Iterator[Finding]:
    """Every setting, its value, and where it was set."""
    for setting in SETTINGS:
        value = settings.value(setting.key)
        if setting.key in _COMMANDS and value:
            # The arguments of a command may hold secrets.
            value = f"{str(value).split()[0]} ..." if len(str(value).split()) > 1 else value
        shown = "-" if value is None or value == {} else safe_text(_format_value(value), 200)
        yield Finding("settings", setting.key, f"{shown} ({settings.sources.get(setting.key, 'default')})")


def settings_problems(settings: Settings) -> Iterator[Finding]:
    """Settings that name something that does not exist."""
    for error in find_problems(settings):
        yield Finding("settings", "wrong", safe_text(str(error), 400), errors.USAGE)


def database(settings: Settings) -> Iterator[Finding]:
    """The state of the database file."""
    yield Finding("database", "file", safe_text(str(settings.database), 400))
    try:
        with open_read_only(settings.database, settings.base_url) as connection:
            exists = connection is not None
        if not exists:
            yield Finding("database", "state", "does not exist yet; adding a job creates it")
            yield _writing(settings)
            return
        entries = read_watch_list(settings.database, settings.base_url)
        size = settings.database.stat().st_size
    except (StoreError, OSError) as error:
        yield Finding("database", "state", safe_text(str(error), 400), errors.USAGE)
        return
    unfinished = sum(not entry.finished for entry in entries)
    yield Finding(
        "database", "state", f"{durations.jobs(len(entries))}, {unfinished} unfinished, {size} bytes"
    )
    yield _writing(settings)


def _writing(settings: Settings) -> Finding:
    reason = why_not_writable(settings.database)
    if reason:
        return Finding("database", "writing", safe_text(reason, 400), errors.USAGE)
    return Finding("database", "writing", "works")


def sign_in(settings: Settings) -> tuple[list[Finding], Credential | None]:
    """Where the token comes from; also returns the token, for `check_api`."""
    try:
        found = token_source(settings).find()
    except CredentialError as error:
        log = [Finding("sign-in", "output", safe_text(text, 300)) for text in error.log]
        return [Finding("sign-in", "token", str(error), errors.SIGNED_OUT), *log], None
    warnings = [Finding("sign-in", "warning", warning) for warning in found.warnings]
    credential = found.credential
    if credential is None:
        return [
            Finding("sign-in", "token", "none; run dwtop login, or set DEEPWRITER_TOKEN", errors.SIGNED_OUT),
            *warnings,
        ], None
    token = Finding("sign-in", "token", f"from {credential.source}, sent as {credential.scheme}")
    return [token, *warnings], credential


def check_api(settings: Settings, credential: Credential | None, *, rights: bool = False) -> list[Finding]:
    """Check with one request whether the API answers and accepts the token.

    Args:
        settings: In force.
        credential: The token, if there is one.
        rights: Whether to check also what it may do, which sends a cancel for a job that does not exist.
    """
    if credential is None:
        sections = ("API", "rights") if rights else ("API",)
        return [Finding(section, "answer", "not asked: there is no token") for section in sections]
    return asyncio.run(_ask_api(settings, credential, rights=rights))


async def _ask_api(settings: Settings, credential: Credential, *, rights: bool) -> list[Finding]:
    from app.deepwriter.client import Client

    client = Client(settings.base_url, credential)
    try:
        start = time.monotonic()
        error = await _error_of(client.fetch(_any_job_id(settings)))
        took_ms = 1000 * (time.monotonic() - start)
        accepted = error is None or isinstance(error, Rejected | NotFound)
        if error is None or accepted:
            answer = Finding("API", "answer", f"within {took_ms:.0f} ms; the token is accepted")
        else:
            answer = Finding("API", "answer", str(error), errors.code_of(error))
        findings = [
            _expiry(credential, client.clock_offset, accepted=accepted),
            answer,
            Finding("API", "clock", _difference(client.clock_offset)),
        ]
        if rights:
            findings += [
                Finding("rights", "read jobs", _right(await _error_of(client.fetch(_NO_JOB)))),
                Finding("rights", "list your jobs", _right(await _error_of(client.list_jobs()))),
                Finding("rights", "cancel jobs", _right(await _error_of(client.cancel(_NO_JOB)))),
            ]
        return findings
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
        return Finding("sign-in", "expiry", "not known: the token does not say")
    ends_at = credential.expires_at + (clock_offset or 0.0)
    if ends_at > time.time():
        return Finding("sign-in", "expiry", durations.moment(ends_at))
    past = f"{durations.moment(ends_at)}, in the past"
    if accepted:
        return Finding("sign-in", "expiry", f"{past}, but the API still accepts the token")
    return Finding("sign-in", "expiry", past, errors.SIGNED_OUT)


def _difference(offset: float | None) -> str:
    """Describe the offset between the API's clock and this machine's."""
    if offset is None:
        return "not known"
    if not offset:
        return "the same as this machine's"
    side = "behind" if offset > 0 else "ahead of"
    return f"{rough_duration(abs(offset))} {side} this machine's, which ages and forecasts take into account"


def format_findings(findings: Iterable[Finding], credential: Credential | None) -> str:
    """Format the findings as text, with problems marked and tokens masked."""
    lines: list[str] = []
    section = ""
    for finding in findings:
        if finding.section != section:
            section = finding.section
            lines += ["", f"{section}:"] if lines else [f"{section}:"]
        mark = "!" if finding.code else " "
        lines.append(f"{mark} {finding.name + ':':<24}{finding.value}")
    text = "\n".join(lines)
    secrets = [Secret(os.environ.get(name, "").strip()) for name in VARIABLES]
    for secret in [*secrets, *([credential.secret] if credential else [])]:
        text = secret.hide_in(text)
    return text


def exit_code(findings: Iterable[Finding]) -> int:
    """The exit code of the report: wrong settings and an unusable database take precedence."""
    codes = {finding.code for finding in findings}
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
