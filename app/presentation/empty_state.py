"""The empty state: what is shown in place of an empty list, and what to do next."""

from collections.abc import Callable

from app.presentation.sentences import job_count
from widgets.model import EmptyState, KeyHelp


def empty_state(
    *, jobs: int, filtered_by: str, without_token: bool, demo: bool, key: Callable[[str], str]
) -> EmptyState:
    """The empty state of a list whose `jobs`, if there are any, are all hidden by the filter.

    Suggestions begin with the most likely one; `key` returns the display name of an action's key.
    """
    if jobs:
        suggestions: tuple[KeyHelp, ...] = (KeyHelp(key("view.back"), f"shows all {jobs}"),)
        if jobs == 1:
            suggestions = (KeyHelp(key("view.back"), f"shows the {job_count(1)} there is"),)
        return EmptyState(f'No job matches "{filtered_by}"', suggestions=suggestions)
    add = (
        KeyHelp(key("jobs.mine"), "choose from your own jobs"),
        KeyHelp(key("jobs.add"), "add jobs by their IDs"),
        KeyHelp("paste", "a job ID, or any text with IDs in it"),
    )
    look_around = KeyHelp(key("jobs.open"), "look around in the demo first: no account needed")
    if without_token:
        return EmptyState(
            "Not signed in.",
            "dwtop asks the DeepWriter API for your jobs with a token or an API key.",
            (
                KeyHelp(key("app.login"), "sign in here with a token or an API key"),
                KeyHelp("dwtop login", "sign in once, for every start"),
                look_around,
            ),
            ("app.login", "jobs.add", "jobs.open"),
        )
    return EmptyState(
        "No jobs yet.",
        "dwtop watches the DeepWriter jobs whose IDs are on this list.",
        add if demo else (*add, look_around._replace(text="look around in the demo")),
        ("jobs.mine", "jobs.add") if demo else ("jobs.mine", "jobs.add", "jobs.open"),
    )
