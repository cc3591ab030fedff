"""What stands in place of the list where there is nothing to list: what is the matter, and how to go on."""

from typing import NamedTuple

from widgets.model import KeyHelp


class WaysOn(NamedTuple):
    """The ways on from an empty list.

    Attributes:
        heading: What is the matter, in a few words.
        ways: What to press or type, and what that does.
        note: A last line; empty for none.
        keys: The actions whose keys are of use then, for the line of keys; None for the usual ones.
    """

    heading: str
    ways: tuple[KeyHelp, ...]
    note: str = ""
    keys: tuple[str, ...] | None = None


FILTERED = WaysOn("No job matches the filter", (KeyHelp("Esc", "shows all jobs"),))

SIGNED_OUT = WaysOn(
    "Not signed in",
    (
        KeyHelp("L", "sign in here, with a token or an API key"),
        KeyHelp("dwtop login", "or keep a token, for every start"),
        KeyHelp("DEEPWRITER_TOKEN", "or set this, before you start"),
    ),
    "o opens the demo instead, with simulated jobs and no account",
    ("login", "app.demo", "add", "help", "app.quit"),
)

EMPTY = WaysOn(
    "No jobs yet",
    (
        KeyHelp("a", "add jobs by their IDs"),
        KeyHelp("paste", "a text with job IDs, anywhere"),
        KeyHelp("dwtop ID", "start with a job"),
    ),
    keys=("add", "help", "app.quit"),
)


def ways_on(*, jobs: bool, without_token: bool) -> WaysOn:
    """The ways on from a list that shows nothing.

    Args:
        jobs: Whether there are any, behind a filter.
        without_token: Whether there is no token to ask the API with.
    """
    if jobs:
        return FILTERED
    return SIGNED_OUT if without_token else EMPTY
