"""`dwtop doctor`: reports the settings in force and any problems, on the terminal or for a bug report."""

import json
import os
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from app.cli.errors import USAGE, CliError
from app.cli.job_ids import complete_ids, watched_ids
from app.cli.options import Command, settings_of
from app.settings.errors import SettingsError
from app.settings.schema import Settings
from app.store.read_only import read_watch_list
from app.watch.watched import Watched

_MAX_EVENTS = 500
"""How many of the newest events go into a bug report."""

_HIDDEN = "hidden"


@click.command("doctor", cls=Command)
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write a zip file for a bug report, without titles, tokens and owners.",
)
@click.option(
    "--rights",
    "ask_rights",
    is_flag=True,
    help="Also report what this key may do. Sends a cancel for a job that does not exist.",
)
@click.option(
    "--job", metavar="ID", shell_complete=complete_ids, help="The job whose history goes into the report."
)
@click.pass_context
def doctor_command(context: click.Context, report: Path | None, ask_rights: bool, job: str | None) -> int:
    """Check the settings, the sign-in, the database and the API. Never prints a token."""
    from app.cli import diagnostics

    findings = diagnostics.new_report()
    try:
        settings = settings_of(context, check=False)  # all problems are listed below
    except SettingsError as error:
        findings["settings"] = [diagnostics.Finding("wrong", str(error), USAGE)]
        click.echo(diagnostics.format_report(findings, None))
        raise
    if ask_rights and settings.read_only:
        raise CliError(f"--rights sends a cancel, which {settings.sources['read_only']} switches off.")
    job_id = watched_ids([job], settings)[0] if job else None
    findings["settings"] = list(diagnostics.settings_in_force(settings))
    findings["database"] = list(diagnostics.database(settings))
    findings["sign-in"], credential = diagnostics.sign_in(settings)
    diagnostics.check_api(findings, settings, credential, rights=ask_rights)
    text = diagnostics.format_report(findings, credential)
    click.echo(text)
    if report:
        try:
            _write_report(report, settings, text, job_id)
        except FileExistsError:
            raise CliError(f"{report} already exists; name another file.") from None
        except OSError as error:
            with suppress(OSError):
                report.unlink()  # it holds only a part, or does not exist
            raise CliError(f"{report} cannot be written ({error.strerror}); name another file.") from None
        click.echo(f"\nThe report is in {report}; check it before you share it.")
    return diagnostics.exit_code(findings)


def _write_report(file: Path, settings: Settings, text: str, job_id: str | None) -> None:
    """Write what the command printed, the list, the events and the history of one job to a new zip file."""
    from app.cli.output.tables import table
    from app.presentation import durations
    from app.presentation.json_fields import job_object
    from app.store.store import Store

    entries = [_redact(entry) for entry in read_watch_list(settings.database, settings.base_url)]
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as bundle:
        home = os.path.expanduser("~")  # noqa: PTH111 because pathlib raises if there is no home folder
        bundle.writestr("doctor.txt", text.replace(home, "~") + "\n")
        bundle.writestr("list.txt", table(entries, time.time(), lambda entry: None, ascii=False) + "\n")
        if settings.database.exists():
            chosen = next((entry for entry in entries if entry.id == job_id), _job_for_report(entries))
            store = Store(settings.database, settings.base_url, or_in_memory=True)
            try:
                events = [
                    f"{durations.moment(event.at)} {event.kind.value} {event.job_id or '-'} {event.text}"
                    for event in store.events(limit=_MAX_EVENTS)
                ]
                bundle.writestr("events.txt", "\n".join(events))
                if chosen:
                    samples = [sample._asdict() for sample in store.samples(chosen.id)]
                    history = {"job": job_object(chosen), "samples": samples}
                    bundle.writestr("job.json", json.dumps(history, indent=2))
            finally:
                store.close()


def _redact(entry: Watched) -> Watched:
    """A copy of an entry without its title and owner."""
    job = entry.job
    if job is None:
        return entry
    title = None if job.title is None else f"title of {len(job.title)} characters"
    return replace(entry, job=replace(job, title=title, user_id=_HIDDEN, project_id=_HIDDEN))


def _job_for_report(entries: Sequence[Watched]) -> Watched | None:
    """The job with the latest failed request; without failures, the one with the latest answer."""
    return max(
        entries,
        key=lambda entry: (
            entry.failure is not None,
            entry.failure.at if entry.failure else entry.fetched_at or 0.0,
        ),
        default=None,
    )
