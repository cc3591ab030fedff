"""How a sitting reaches the API. Everything here is slow to import or to run, and is called in a thread."""

import os
from collections.abc import Callable

from app.dashboard.session import Connected
from app.settings import Settings, data_path

STORED_TOKEN = "token"  # noqa: S105 because it is a file's name
"""The file in the data folder that keeps a token."""


def connect_to_api(settings: Settings) -> Connected:
    """Find the token and build the client.

    A token that cannot be used is said, and then there is none: the screen stays useful without.
    """
    from app.deepwriter.client import Client
    from app.deepwriter.credentials import CredentialError, find_credential

    try:
        found = find_credential(
            token_file=settings.token_file,
            environ=os.environ,
            token_command=settings.token_command,
            stored_file=data_path() / STORED_TOKEN,
            auth=settings.auth,
        )
    except CredentialError as error:
        return Connected(Client(settings.base_url, None), warnings=(str(error),))
    return Connected(Client(settings.base_url, found.credential), warnings=found.warnings)


def demo_connection(start: Callable[[], str], stop: Callable[[], None]) -> Connected:
    """Start the simulated API and build a client for it.

    Args:
        start: Starts it; its base URL.
        stop: Ends it.
    """
    from app.deepwriter.client import Client
    from app.deepwriter.credentials import make_credential

    return Connected(Client(start(), make_credential("demo", "bearer", "the demo")), close=stop)
