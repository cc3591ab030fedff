"""`dwtop open` and `dwtop get`: the finished document of a job."""

import fcntl
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO

import click

from app.cli.errors import NOT_FOUND, CliError, code_of, describe_failures
from app.cli.job_ids import complete_ids, one_id
from app.cli.options import FILE, Command, pass_settings
from app.cli.output.terminal import is_terminal
from app.cli.session import fetch_each, open_session
from app.deepwriter.errors import ApiError
from app.notify.opener import open_link
from app.presentation.sentences import no_document
from app.settings.schema import Settings
from app.watch.session import Session

_MAX_NAME_BYTES = 120
"""Well below the 143 bytes that some encrypted file systems allow."""

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


@click.command("open", cls=Command)
@click.argument("job", metavar="ID", shell_complete=complete_ids)
@pass_settings
def open_command(settings: Settings, job: str) -> None:
    """Open the finished document of a job in the browser. Over SSH, print its link.

    The link opens without sign-in, so treat it as a secret.
    """
    job_id = one_id(job, settings)
    with open_session(settings, [job_id]) as (session, runner):
        link = runner.run(_find_link(session, job_id))
    if not open_link(link, os.environ):
        click.echo(link)


@click.command("get", cls=Command)
@click.argument("job", metavar="ID", shell_complete=complete_ids)
@click.option(
    "--output",
    "-o",
    "target",
    type=FILE,
    metavar="FILE",
    help="Save it to this file; - means standard output.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@pass_settings
def get_command(settings: Settings, job: str, target: str | None, force: bool) -> None:
    """Save the finished document of a job. The file is named after its title, unless you name it."""
    job_id = one_id(job, settings)
    with open_session(settings, [job_id]) as (session, runner):
        link = runner.run(_find_link(session, job_id))
        entry = session.watch_list.entries[job_id]
        title = entry.job.title if entry.job else None
        path = Path(document_name(title, job_id) if target is None else target)
        with _new_file(path, force=force) if target != "-" else _standard_output() as file:
            runner.run(_save(session, job_id, link, file, ascii=settings.ascii))
    if target != "-":
        click.echo(f"Saved {path}")


def document_name(title: str | None, job_id: str) -> str:
    """A file name that is safe on every file system, such as `The Salt Roads.pdf`; the ID if the title has no usable text."""
    name = " ".join(_UNSAFE.sub(" ", title or "").split())
    name = name.encode("utf-8", "ignore")[:_MAX_NAME_BYTES].decode("utf-8", "ignore").strip(" .-")
    return f"{job_id if not name or _RESERVED.fullmatch(name) else name}.pdf"


async def _find_link(session: Session, job_id: str) -> str:
    failures = await fetch_each(session, [job_id])
    try:
        if not failures and (link := await session.account.document_url(job_id)):
            return link
    except ApiError as error:
        failures = {job_id: error}
    if failures:
        raise CliError(describe_failures(failures), code_of(failures[job_id]))
    raise CliError(no_document(session.watch_list.entries[job_id]), NOT_FOUND)


async def _save(session: Session, job_id: str, link: str, file: BinaryIO, *, ascii: bool) -> None:
    """Download a document, from a new link if this one has expired."""
    from app.cli.output.progress import download_progress
    from app.deepwriter.download import LinkExpired, open_download

    async def save(link: str) -> None:
        async with open_download(link, session.base_url) as download:
            with download_progress(download.size, ascii=ascii) as advance:
                async for chunk in download.chunks:
                    file.write(chunk)
                    advance(len(chunk))

    try:
        try:
            await save(link)
        except LinkExpired:
            fresh = await session.account.document_url(job_id)
            if not fresh:
                raise
            await save(fresh)
    except ApiError as error:
        raise CliError(describe_failures({job_id: error}), code_of(error)) from None


@contextmanager
def _new_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Open a temporary file that gets its final name only once it is complete."""
    exists = CliError(f"{path} exists; add --force to overwrite it, or name another file with -o.")
    if path.exists() and not path.is_file():
        raise CliError(f"{path} is not a regular file; name another file with -o.")
    if path.exists() and not force:
        raise exists
    target = Path(os.path.realpath(path))  # replaces the file that a link points to, not the link
    draft = target.with_name(f".{target.name[:40]}.{os.getpid()}.part")
    _remove_abandoned(target)
    try:
        with draft.open("x+b") as file:
            with suppress(OSError):  # some file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX)
            yield file
            file.flush()
            os.fsync(file.fileno())
            if not force:
                target.touch(exist_ok=False)  # fails if another program has created it in the meantime
            draft.replace(target)
    except FileExistsError:
        raise exists from None
    except OSError as error:
        raise CliError(f"{path} cannot be written ({error.strerror}); name another file with -o.") from None
    finally:
        with suppress(OSError):
            draft.unlink()


def _remove_abandoned(target: Path) -> None:
    """Remove the temporary files of killed processes; a process that is still writing holds a lock."""
    for draft in target.parent.glob(f".{escape(target.name[:40])}.[0-9]*.part"):
        with suppress(OSError), draft.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink()


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    if sys.stdout is None:
        raise CliError("There is no standard output to write to; name a file with -o.")
    if is_terminal(sys.stdout):
        raise CliError("The document is a PDF, which a terminal cannot show; name a file with -o.")
    yield sys.stdout.buffer
