"""What a maintainer would ask about an installation: facts, and what is wrong with them. Never a token."""

import asyncio
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from app import __version__
from app.cli import errors
from app.cli.settings_check import problems
from app.deepwriter.auth.credential import Credential, CredentialError, Secret
from app.deepwriter.auth.sources import VARIABLES, TokenSource
from app.deepwriter.errors import ApiError, NotFound, Rejected
from app.notify.desktop import takes_notifications
from app.presentation import durations
from app.settings.paths import stored_token_path
from app.settings.schema import SETTINGS, Settings
from app.store.read_only import ENGINE, read_watch_list
from app.store.recovery import try_writing
from app.store.schema import read_database
from app.text import safe_text
from app.watch.storage import StoreError

_LIBRARIES = ("textual", "httpx", "pydantic", "click", "starlette", "uvicorn", "platformdirs")
_COMMANDS = ("token_command", "hooks.on_finish", "hooks.on_attention")

_NOBODYS_JOB = "00000000-0000-4000-8000-000000000000"
"""Asked for where no job is watched: an API that lets us in says that it does not know it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a check-up.

    Attributes:
        section: What it is about.
        name: What is known.
        value: What it is, safe to show.
        code: The exit code of what is wrong; 0 for nothing.
    """

    section: str
    name: str
    value: str
    code: int = errors.OK


def machine() -> Iterator[Fact]:
    """The program, what it runs on, and the terminal."""
    yield Fact("program", "dwtop", __version__)
    yield Fact("program", "Python", f"{platform.python_version()} ({platform.python_implementation()})")
    yield Fact("program", "system", platform.platform())
    yield Fact("program", "database", ENGINE)
    for library in _LIBRARIES:
        yield Fact("program", library, _version(library))
    size = shutil.get_terminal_size()
    here = sys.stdout is not None and sys.stdout.isatty()
    yield Fact("terminal", "size", f"{size.columns}x{size.lines}" if here else "no terminal")
    for name in ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL", "NO_COLOR"):
        yield Fact("terminal", name, safe_text(os.environ.get(name, ""), 80) or "-")
    yield Fact("terminal", "encoding", (sys.stdout.encoding if sys.stdout else "") or "-")
    yield Fact("terminal", "tmux", "yes" if os.environ.get("TMUX") else "no")
    yield Fact(
        "terminal", "notifications", "shown (OSC 9)" if takes_notifications(os.environ) else "not shown"
    )


def configured(settings: Settings) -> Iterator[Fact]:
    """Every setting, its value, and where that came from."""
    for setting in SETTINGS:
        value = settings.value(setting.key)
        if setting.key in _COMMANDS and value:
            # The rest of a command may hold secrets, which are nobody's business but the shell's.
            value = f"{str(value).split()[0]} ..." if len(str(value).split()) > 1 else value
        shown = "-" if value is None or value == {} else safe_text(_spelled(value), 200)
        yield Fact("settings", setting.key, f"{shown} ({settings.sources.get(setting.key, 'default')})")


def unusable(settings: Settings) -> Iterator[Fact]:
    """What is set to something that does not exist."""
    for error in problems(settings):
        yield Fact("settings", "wrong", safe_text(str(error), 400), errors.USAGE)


def database(settings: Settings) -> Iterator[Fact]:
    """The database file and what is in it."""
    yield Fact("database", "file", safe_text(str(settings.database), 400))
    try:
        connection = read_database(settings.database)
        if connection is None:
            yield Fact("database", "state", "not there yet; it is made when a job is added")
            yield _writing(settings)
            return
        connection.close()
        entries = read_watch_list(settings.database, settings.base_url)
        size = settings.database.stat().st_size
    except (StoreError, OSError) as error:
        yield Fact("database", "state", safe_text(str(error), 400), errors.USAGE)
        return
    unfinished = sum(not entry.finished for entry in entries)
    yield Fact("database", "state", f"{durations.jobs(len(entries))}, {unfinished} unfinished, {size} bytes")
    yield _writing(settings)


def _writing(settings: Settings) -> Fact:
    reason = try_writing(settings.database)
    if reason:
        return Fact("database", "writing", safe_text(reason, 400), errors.USAGE)
    return Fact("database", "writing", "works")


def signed_in(settings: Settings) -> tuple[list[Fact], Credential | None]:
    """Where the token comes from, and whether it has run out; and the token, for `reached`."""
    try:
        found = TokenSource(
            token_file=settings.token_file,
            environ=os.environ,
            token_command=settings.token_command,
            stored_file=stored_token_path(),
            auth=settings.auth,
        ).find()
    except CredentialError as error:
        log = [Fact("sign-in", "it said", safe_text(text, 300)) for text in error.log]
        return [Fact("sign-in", "token", str(error), errors.SIGNED_OUT), *log], None
    facts = [Fact("sign-in", "warning", warning) for warning in found.warnings]
    credential = found.credential
    if credential is None:
        none = "none; run dwtop login, or set DEEPWRITER_TOKEN"
        return [Fact("sign-in", "token", none, errors.SIGNED_OUT), *facts], None
    facts.insert(0, Fact("sign-in", "token", f"from {credential.source}, sent as {credential.scheme}"))
    return facts, credential


def expiry(credential: Credential, answer: "Answer") -> Fact:
    """When the token ends, by the API's clock where that is known: it decides, and this machine's may be wrong."""
    if credential.expires_at is None:
        return Fact("sign-in", "expiry", "not told by the token")
    ends_at = credential.expires_at + (answer.clock_offset or 0.0)
    if ends_at > time.time():
        return Fact("sign-in", "expiry", durations.moment(ends_at))
    past = f"{durations.moment(ends_at)}, which is past"
    if answer.let_in:
        return Fact("sign-in", "expiry", f"{past}; the API takes the token all the same")
    return Fact("sign-in", "expiry", past, errors.SIGNED_OUT)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said.

    Attributes:
        facts: For people.
        let_in: Whether the token was accepted.
        clock_offset: Seconds by which this machine's clock is ahead of the API's; None if that is not known.
    """

    facts: tuple[Fact, ...]
    let_in: bool = False
    clock_offset: float | None = None


def reached(settings: Settings, credential: Credential | None) -> Answer:
    """Whether the API answers, and lets us in; asks once."""
    if credential is None:
        return Answer((Fact("API", "answer", "not asked, for there is no token"),))
    from app.deepwriter.client import Client

    try:
        entries = read_watch_list(settings.database, settings.base_url)
    except StoreError:
        entries = []
    job_id = entries[0].id if entries else _NOBODYS_JOB

    async def ask() -> tuple[ApiError | None, float | None]:
        client = Client(settings.base_url, credential)
        error: ApiError | None = None
        try:
            await client.fetch(job_id)
        except ApiError as met:
            error = met
        finally:
            await client.aclose()
        return error, client.clock_offset

    begun = time.monotonic()
    error, offset = asyncio.run(ask())
    let_in = error is None or isinstance(error, Rejected | NotFound)
    if let_in:
        within = f"within {1000 * (time.monotonic() - begun):.0f} ms, and it lets us in"
        answer = Fact("API", "answer", within)
    else:
        assert error is not None
        answer = Fact("API", "answer", str(error), errors.code_of(error))
    return Answer((answer, Fact("API", "clock", _difference(offset))), let_in, offset)


def _difference(offset: float | None) -> str:
    """How the API's clock and this machine's differ, in words."""
    if offset is None:
        return "not told"
    if not offset:
        return "the same as this machine's"
    side = "behind" if offset > 0 else "ahead of"
    return f"{durations.duration(abs(offset))} {side} this machine's, which ages and forecasts allow for"


def written(facts: Iterable[Fact], credential: Credential | None) -> str:
    """The facts as text, what is wrong marked, and any token in them hidden."""
    lines: list[str] = []
    section = ""
    for fact in facts:
        if fact.section != section:
            section = fact.section
            lines += ["", f"{section}:"] if lines else [f"{section}:"]
        mark = "!" if fact.code else " "
        lines.append(f"{mark} {fact.name + ':':<24}{fact.value}")
    text = "\n".join(lines)
    secrets = [Secret(os.environ.get(name, "").strip()) for name in VARIABLES]
    for secret in [*secrets, *([credential.secret] if credential else [])]:
        text = secret.hide_in(text)
    return text


def code_of(facts: Iterable[Fact]) -> int:
    """The exit code of a check-up: wrong settings and an unusable database go first."""
    codes = {fact.code for fact in facts}
    return errors.USAGE if errors.USAGE in codes else errors.worst(codes)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _spelled(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return " ".join(f"{name}={entry}" for name, entry in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
