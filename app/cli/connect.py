"""How a sitting reaches the API. Everything here is slow to import or to run, and is called in a thread."""

import os
from collections.abc import Callable

from app.settings.paths import stored_token_path
from app.settings.schema import Settings
from app.watch.session import Connected


def connect_to_api(settings: Settings, cancelled: Callable[[], bool] = lambda: False) -> Connected:
    """Find the token and build the client.

    A token that cannot be used is said, and then there is none: the screen stays useful without.

    Args:
        settings: In force.
        cancelled: Whether nobody waits for a token command any more.
    """
    from app.deepwriter.auth.credential import CredentialError
    from app.deepwriter.auth.sources import TokenSource
    from app.deepwriter.client import UNSIGNED, Client

    source = TokenSource(
        token_file=settings.token_file,
        environ=os.environ,
        token_command=settings.token_command,
        stored_file=stored_token_path(),
        auth=settings.auth,
        cancelled=cancelled,
    )
    try:
        found = source.find()
    except CredentialError as error:
        client = Client(settings.base_url, None, unsigned=str(error))
        return Connected(
            client, client.use, warnings=(str(error),), source=source, unsigned=str(error), log=error.log
        )
    client = Client(settings.base_url, found.credential)
    return Connected(
        client,
        client.use,
        warnings=found.warnings,
        credential=found.credential,
        source=source,
        unsigned="" if found.credential else UNSIGNED,
        log=found.log,
    )


def demo_connection(start: Callable[[], str], stop: Callable[[], None]) -> Connected:
    """Start the simulated API and build a client for it.

    Args:
        start: Starts it; its base URL.
        stop: Ends it.
    """
    from app.deepwriter.auth.credential import make_credential
    from app.deepwriter.client import Client

    client = Client(start(), make_credential("demo", "bearer", "the demo"))
    return Connected(client, client.use, close=stop)
