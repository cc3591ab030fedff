"""What stands in place of the list where there is nothing to list: what is the matter, and how to go on."""

from collections.abc import Callable

from widgets.model import KeyHelp, WaysOn


def ways_on(*, jobs: bool, without_token: bool, key: Callable[[str], str]) -> WaysOn:
    """The ways on from a list that shows nothing.

    Args:
        jobs: Whether there are any, behind a filter.
        without_token: Whether there is no token to ask the API with.
        key: The name of an action's key, by the action's ID.
    """
    if jobs:
        return WaysOn("No job matches the filter", (KeyHelp(key("view.back"), "shows all jobs"),))
    if without_token:
        return WaysOn(
            "Not signed in",
            (
                KeyHelp(key("app.login"), "sign in here, with a token or an API key"),
                KeyHelp("dwtop login", "or keep a token, for every start"),
                KeyHelp("DEEPWRITER_TOKEN", "or set this, before you start"),
            ),
            f"{key('app.demo')} opens the demo instead, with simulated jobs and no account",
            ("app.login", "app.demo", "jobs.add", "app.help", "app.quit"),
        )
    return WaysOn(
        "No jobs yet",
        (
            KeyHelp(key("jobs.add"), "add jobs by their IDs"),
            KeyHelp("paste", "a text with job IDs, anywhere"),
            KeyHelp("dwtop ID", "start with a job"),
        ),
        keys=("jobs.add", "app.help", "app.quit"),
    )
