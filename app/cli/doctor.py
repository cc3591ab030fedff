"""`dwtop doctor`: what is in force and what is wrong, for a person and for a bug report."""

from pathlib import Path

import click

from app.cli.errors import USAGE, CliError
from app.cli.job_ids import JOB_ID, watched_ids, watched_now
from app.cli.options import common_options, settings_of
from app.watch.storage import StoreError


@click.command("doctor")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write a zip file for a bug report, without titles, tokens and whose jobs these are.",
)
@click.option("--job", metavar="ID", type=JOB_ID, help="The job whose course goes into the report.")
@common_options
@click.pass_context
def doctor_command(context: click.Context, report: Path | None, job: str | None) -> None:
    """Print the settings in force, the sign-in, and whether the API answers. Never a token."""
    from app.cli import diagnostics

    facts = list(diagnostics.machine())
    try:
        settings = settings_of(context, check=False)  # `unusable` lists all of it
    except CliError as fault:
        click.echo(
            diagnostics.written([*facts, diagnostics.Fact("settings", "wrong", str(fault), USAGE)], None)
        )
        raise
    course = watched_ids([job], watched_now(settings))[0] if job else None
    facts += diagnostics.configured(settings)
    facts += diagnostics.unusable(settings)
    facts += diagnostics.database(settings)
    sign_in, credential = diagnostics.signed_in(settings)
    facts += sign_in
    answer = diagnostics.reached(settings, credential)
    if credential is not None:
        facts.append(diagnostics.expiry(credential, answer))
    facts += answer.facts
    text = diagnostics.written(facts, credential)
    click.echo(text)
    if report:
        from app.cli.bug_report import write_report

        try:
            write_report(report, settings, text, course)
        except FileExistsError:
            raise CliError(f"{report} is there already; name another file.") from None
        except StoreError as error:
            raise CliError(str(error)) from None
        except OSError as error:
            raise CliError(f"{report} cannot be written ({error.strerror}); name another file.") from None
        click.echo(f"\nThe report is in {report}; look into it before you pass it on.")
    context.exit(diagnostics.code_of(facts))
