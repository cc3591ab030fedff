"""How a sitting reaches the API. Everything here is slow to import or to run, and is called in a thread."""

import os
from collections.abc import Callable

from app.dashboard.session import Connected, token_path
from app.settings import Settings


def connect_to_api(settings: Settings) -> Connected:
    """Find the token and build the client.

    A token that cannot be used is said, and then there is none: the screen stays useful without.
    """
    from app.deepwriter.client import Client
    from app.deepwriter.credentials import CredentialError, find_credential

    warnings: tuple[str, ...]
    try:
        found = find_credential(
            token_file=settings.token_file,
            environ=os.environ,
            token_command=settings.token_command,
            stored_file=token_path(),
            auth=settings.auth,
        )
    except CredentialError as error:
        client, warnings = Client(settings.base_url, None), (str(error),)
    else:
        client, warnings = Client(settings.base_url, found.credential), found.warnings
    return Connected(client, client.use, warnings=warnings, credential=client.credential)


def demo_connection(start: Callable[[], str], stop: Callable[[], None]) -> Connected:
    """Start the simulated API and build a client for it.

    Args:
        start: Starts it; its base URL.
        stop: Ends it.
    """
    from app.deepwriter.client import Client
    from app.deepwriter.credentials import make_credential

    client = Client(start(), make_credential("demo", "bearer", "the demo"))
    return Connected(client, client.use, close=stop)
