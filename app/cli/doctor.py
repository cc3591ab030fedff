"""`dwtop doctor`: reports the settings in force and any problems, on the terminal or for a bug report."""

import asyncio
import json
import os
import platform
import shutil
import sys
import time
import zipfile
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import click

from app import __version__
from app.cli import errors
from app.cli.configuration import find_problems, read_settings
from app.cli.errors import CliError
from app.cli.job_ids import complete_ids, watched_ids
from app.cli.options import Command, settings_of
from app.cli.output.terminal import is_terminal
from app.cli.session import new_store, token_source
from app.deepwriter.auth.credential import Credential, Secret
from app.deepwriter.auth.sources import TOKEN_VARIABLES
from app.deepwriter.errors import ApiError, Forbidden, NotFound, NotOffered, Rejected, Unauthorized
from app.notify.desktop import supports_notifications
from app.presentation import durations
from app.presentation.sentences import job_count
from app.settings.errors import SettingsError
from app.settings.schema import COMMANDS, SETTINGS, Settings
from app.store.jobs import read_watch_list
from app.store.opening import ENGINE, open_read_only, why_not_writable
from app.text import safe_text
from app.watch.events import Event, EventKind, rough_duration
from app.watch.storage import StoreError
from app.watch.watched import Watched

_LIBRARIES = ("textual", "httpx", "pydantic", "click", "starlette", "uvicorn", "platformdirs")
_VARIABLES = ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL", "NO_COLOR")

_NO_JOB = str(UUID(int=0))
"""The nil UUID, which no job has."""

_MAX_EVENTS = 500
"""How many of the newest events go into a bug report."""

_HIDDEN = "hidden"


class ReportLine(NamedTuple):
    """One line of a report: what was checked, and the result, safe to show. `code` is the exit code, 0 unless it is a problem."""

    name: str
    value: str
    code: int = errors.OK


Report = dict[str, list[ReportLine]]
"""The lines, by the heading that they appear under."""


@click.command("doctor", cls=Command)
@click.option(
    "--report",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write a zip file for a bug report, without titles, tokens or owners.",
)
@click.option(
    "--rights",
    is_flag=True,
    help="Also report what this key may do. Sends a cancel for a job that does not exist.",
)
@click.option(
    "--job", metavar="ID", shell_complete=complete_ids, help="The job whose history goes into the report."
)
@click.pass_context
def doctor_command(context: click.Context, file: Path | None, rights: bool, job: str | None) -> int:
    """Check the settings, the sign-in, the database and the API. Never prints a token."""
    report = _new_report()
    try:
        settings = settings_of(context, check=False)  # all problems are listed below
    except SettingsError as error:
        report["settings"] = [ReportLine("wrong", str(error), errors.USAGE)]
        click.echo(_format_report(report, None))
        raise
    if rights and settings.read_only:
        raise CliError(f"--rights sends a cancel, which {settings.sources['read_only']} switches off.")
    job_id = watched_ids([job], settings)[0] if job else None
    report["settings"] = [*_settings_in_force(settings), *_hidden_problem(context)]
    report["database"] = list(_database(settings))
    report["sign-in"], credential = _sign_in(settings)
    asyncio.run(_check_api(report, settings, credential, rights=rights))
    text = _format_report(report, credential)
    click.echo(text)
    if file:
        try:
            _write_report(file, settings, text, job_id)
        except FileExistsError:
            raise CliError(f"{file} already exists; name another file.") from None
        except OSError as error:
            with suppress(OSError):
                file.unlink()  # it is incomplete, or does not exist
            raise CliError(f"{file} cannot be written ({error.strerror}); name another file.") from None
        click.echo(f"\nThe report is in {file}; check it before you share it.")
    return errors.worst_code(line.code for lines in report.values() for line in lines)


def _new_report() -> Report:
    size = shutil.get_terminal_size()
    return {
        "program": [
            ReportLine("dwtop", __version__),
            ReportLine("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
            ReportLine("system", platform.platform()),
            ReportLine("database", ENGINE),
            *(ReportLine(library, version(library)) for library in _LIBRARIES),
        ],
        "terminal": [
            ReportLine("size", f"{size.columns}x{size.lines}" if is_terminal(sys.stdout) else "no terminal"),
            *(ReportLine(name, safe_text(os.environ.get(name, ""), 80) or "-") for name in _VARIABLES),
            ReportLine("encoding", (sys.stdout.encoding if sys.stdout else "") or "-"),
            ReportLine("tmux", "yes" if os.environ.get("TMUX") else "no"),
            ReportLine(
                "notifications", "shown (OSC 9)" if supports_notifications(os.environ) else "not shown"
            ),
        ],
    }


def _settings_in_force(settings: Settings) -> Iterator[ReportLine]:
    """Every setting with its value and where it was set, then the problems."""
    for setting in SETTINGS:
        value = settings.value(setting.key)
        if setting.key in COMMANDS and value:  # its arguments may hold secrets
            words = str(value).split()
            value = f"{words[0]} ..." if len(words) > 1 else value
        shown = "-" if value is None or value == {} else safe_text(_format_value(value), 200)
        yield ReportLine(setting.key, f"{shown} ({settings.sources.get(setting.key, 'default')})")
    for error in find_problems(settings):
        yield ReportLine("wrong", safe_text(str(error), 400), errors.USAGE)


def _hidden_problem(context: click.Context) -> Iterator[ReportLine]:
    """A problem with the base URL in the file, if an option or a variable hides it."""
    options = {key: text for key, text in context.find_root().obj.items() if key != "base_url"}
    try:
        read_settings(options, {**os.environ, "DEEPWRITER_BASE_URL": ""}, check=False)
    except SettingsError as error:
        yield ReportLine("wrong", str(error), errors.USAGE)


def _database(settings: Settings) -> Iterator[ReportLine]:
    yield ReportLine("file", safe_text(str(settings.database), 400))
    try:
        with open_read_only(settings.database, settings.base_url) as connection:
            exists = connection is not None
        if not exists:
            yield ReportLine("state", "does not exist yet; adding a job creates it")
        else:
            entries = read_watch_list(settings.database, settings.base_url)
            unfinished = sum(not entry.finished for entry in entries)
            size = settings.database.stat().st_size
            yield ReportLine("state", f"{job_count(len(entries))}, {unfinished} unfinished, {size} bytes")
    except (StoreError, OSError) as error:
        yield ReportLine("state", safe_text(str(error), 400), errors.USAGE)
        return
    reason = why_not_writable(settings.database)
    yield ReportLine("writing", safe_text(reason, 400) or "works", errors.USAGE if reason else errors.OK)


def _sign_in(settings: Settings) -> tuple[list[ReportLine], Credential | None]:
    lookup = token_source(settings).find()
    if lookup.problem:
        log = [ReportLine("output", text) for text in lookup.log[:1]]  # the others may hold a secret
        return [ReportLine("token", lookup.problem, errors.SIGNED_OUT), *log], None
    credential = lookup.credential
    if credential:
        token = ReportLine("token", f"from {credential.source}, sent as {credential.scheme}")
    else:
        token = ReportLine("token", "none; run dwtop login, or set DEEPWRITER_TOKEN", errors.SIGNED_OUT)
    return [token, *(ReportLine("warning", warning) for warning in lookup.warnings)], credential


async def _check_api(
    report: Report, settings: Settings, credential: Credential | None, *, rights: bool
) -> None:
    """Check with one request whether the API answers, and accepts the token if there is one.

    With `rights`, also check what a token may do, which sends a cancel for a job that does not exist.
    """
    from app.deepwriter.client import Client

    any_token = Credential(Secret("none"))  # even one that is rejected shows that the API answers
    client = Client(settings.base_url, credential or any_token)
    try:
        start = time.monotonic()
        error = await _error_of(client.fetch(_NO_JOB))
        took_ms = 1000 * (time.monotonic() - start)
        accepted = isinstance(error, NotFound | Rejected)
        if error is None or accepted or (not credential and isinstance(error, Unauthorized | Forbidden)):
            verdict = "the token is accepted" if credential else "there is no token to check"
            answer = ReportLine("answer", f"within {took_ms:.0f} ms; {verdict}")
        else:
            answer = ReportLine("answer", str(error), errors.code_of(error))
        offset = client.server_clock.offset
        if credential:
            report["sign-in"].append(_expiry(credential, offset, accepted=not answer.code))
        report["API"] = [answer, ReportLine("clock", _clock_difference(offset))]
        if rights and credential:
            report["rights"] = [
                ReportLine("read jobs", _right(error)),
                ReportLine("list your jobs", _right(await _error_of(client.list_jobs()))),
                ReportLine("cancel jobs", _right(await _error_of(client.cancel(_NO_JOB)))),
            ]
        elif rights:
            report["rights"] = [ReportLine("answer", "not checked: there is no token")]
    finally:
        await client.aclose()


async def _error_of(request: Awaitable[object]) -> ApiError | None:
    try:
        await request
    except ApiError as error:
        return error
    return None


def _right(error: ApiError | None) -> str:
    """Whether a key may do something, in words. Only a key that may is told that the job does not exist."""
    if error is None or isinstance(error, NotFound | Rejected):
        return "yes"
    if isinstance(error, NotOffered):
        return "this API does not offer it"
    return "no" if errors.code_of(error) == errors.SIGNED_OUT else "unknown"


def _expiry(credential: Credential, clock_offset: float | None, *, accepted: bool) -> ReportLine:
    """When the token expires, by the API's clock if it is known, since this machine's may be wrong."""
    if credential.expires_at is None:
        return ReportLine("expiry", "unknown: the token does not say")
    ends_at = credential.expires_at + (clock_offset or 0.0)
    if ends_at > time.time():
        return ReportLine("expiry", durations.moment(ends_at))
    expired = f"{durations.moment(ends_at)}, in the past"
    if accepted:
        return ReportLine("expiry", f"{expired}, but the API still accepts the token")
    return ReportLine("expiry", expired, errors.SIGNED_OUT)


def _clock_difference(offset: float | None) -> str:
    """The offset between the API's clock and this machine's, in words."""
    if offset is None:
        return "unknown"
    if not offset:
        return "the same as this machine's"
    side = "behind" if offset > 0 else "ahead of"
    return f"{rough_duration(abs(offset))} {side} this machine's; ages and forecasts allow for that"


def _format_report(report: Report, credential: Credential | None) -> str:
    """The report as text, with problems marked and tokens masked."""
    shown = []
    for section, lines in report.items():
        shown += ["", f"{section}:"]
        shown += [f"{'!' if code else ' '} {name + ':':<24}{value}" for name, value, code in lines]
    text = "\n".join(shown[1:])
    secrets = [Secret(os.environ.get(name, "").strip()) for name in TOKEN_VARIABLES]
    for secret in [*secrets, *([credential.secret] if credential else [])]:
        text = secret.hide_in(text)
    return text


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return " ".join(f"{name}={entry}" for name, entry in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _write_report(file: Path, settings: Settings, text: str, job_id: str | None) -> None:
    """Write what the command printed, the list, the events and the history of one job to a new zip file."""
    from app.cli.output.tables import table
    from app.presentation.json_fields import job_object

    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as bundle, suppress(StoreError):
        home = os.path.expanduser("~")  # noqa: PTH111 because pathlib raises if there is no home folder
        bundle.writestr("doctor.txt", text.replace(home, "~") + "\n")
        # If the database cannot be read, the text above says why.
        entries = [_redact(entry) for entry in read_watch_list(settings.database, settings.base_url)]
        bundle.writestr("list.txt", table(entries, time.time(), lambda entry: None, ascii=False) + "\n")
        if settings.database.exists():
            chosen = next((entry for entry in entries if entry.id == job_id), _job_for_report(entries))
            with closing(new_store(settings, or_in_memory=True)) as store:
                events = [
                    f"{durations.moment(event.at)} {event.kind.value} {event.job_id or '-'} {_redact_event(event)}"
                    for event in store.events(limit=_MAX_EVENTS)
                ]
                bundle.writestr("events.txt", "\n".join(events))
                if chosen:
                    samples = [sample._asdict() for sample in store.samples(chosen.id)]
                    history = {"job": job_object(chosen), "samples": samples}
                    bundle.writestr("job.json", json.dumps(history, indent=2))


def _redact(entry: Watched) -> Watched:
    """A copy of an entry without its title, owner and project."""
    job = entry.job
    if job is None:
        return entry
    title = None if job.title is None else f"title of {len(job.title)} characters"
    return replace(entry, job=replace(job, title=title, user_id=_HIDDEN, project_id=_HIDDEN))


def _redact_event(event: Event) -> str:
    """The text of an event, without the output of a hook, which may hold the title."""
    return event.text.partition(": ")[0] if event.kind is EventKind.HOOK else event.text


def _job_for_report(entries: Sequence[Watched]) -> Watched | None:
    """The job with the latest failed request; without failures, the one with the latest answer."""
    return max(entries, key=lambda entry: (entry.failure is not None, entry.fetch_ended_at), default=None)
