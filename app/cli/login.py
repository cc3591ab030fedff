"""`dwtop login` and `dwtop logout`: the token that is kept for later runs."""

import getpass
import sys
import time

import click

from app.cli.errors import Fault
from app.cli.options import common_options, settings_of
from app.dashboard import words


@click.command("login")
@click.option("--api-key", is_flag=True, help="It is an API key, not a bearer token.")
@click.argument("nothing", nargs=-1, metavar="", type=click.UNPROCESSED)
@common_options
@click.pass_context
def login_command(context: click.Context, api_key: bool, nothing: tuple[str, ...]) -> None:
    """Keep a token for later runs, in a file that only you can read.

    It is read without being shown, or from the standard input.
    """
    if nothing:
        # Not repeated, for it may be a token. As an argument it is in the shell's history and the process list.
        raise Fault("dwtop login takes no token on the command line; run it alone and paste the token there.")
    from app.dashboard.session import stronger_token_source, token_path
    from app.deepwriter.credentials import CredentialError, Scheme, make_credential, store_token

    settings = settings_of(context)
    scheme = Scheme.API_KEY if api_key or settings.auth == "api-key" else Scheme.BEARER
    try:
        credential = make_credential(_read("API key: " if api_key else "Token: "), scheme, "what was given")
        if credential.expires_at is not None and credential.expires_at <= time.time():
            ago = words.age_in_words(time.time() - credential.expires_at)
            raise Fault(f"This token expired {ago} ago; copy a new one.")
        store_token(token_path(), credential)
    except CredentialError as error:
        raise Fault(f"{_capital(str(error))}.") from None
    kind = "API key" if scheme is Scheme.API_KEY else "token"
    until = f"; it expires {words.moment(credential.expires_at)}" if credential.expires_at else ""
    click.echo(f"The {kind} is kept in {token_path()}{until}.")
    if winner := stronger_token_source(settings):
        click.echo(f"dwtop: {winner} goes before it; take that away to use the kept one.", err=True)


@click.command("logout")
@common_options
@click.pass_context
def logout_command(context: click.Context) -> None:
    """Forget the token that was kept."""
    from app.dashboard.session import stronger_token_source, token_path
    from app.deepwriter.credentials import CredentialError, forget_token

    settings = settings_of(context)
    try:
        forgotten = forget_token(token_path())
    except CredentialError as error:
        raise Fault(f"{_capital(str(error))}.") from None
    click.echo("The token is forgotten." if forgotten else "No token was kept.")
    if winner := stronger_token_source(settings):
        click.echo(f"dwtop: {winner} still signs you in.", err=True)


def _read(prompt: str) -> str:
    """A token from a person, without showing it, or from the standard input."""
    if sys.stdin is None:
        raise Fault("There is no standard input to read a token from.")
    if not sys.stdin.isatty():
        token = sys.stdin.buffer.read().decode("utf-8", "replace")
    else:
        try:
            token = getpass.getpass(prompt)
        except EOFError:
            token = ""
    if not token.strip():
        raise Fault("No token was given, so nothing was changed; run it again and paste one, or pipe one in.")
    return token


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
