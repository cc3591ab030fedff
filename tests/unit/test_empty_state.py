"""What is shown without rows: what to do next, as one block in any space."""

from app.presentation.empty_state import empty_state
from app.presentation.keymap import Keymap
from widgets.model import EmptyState, KeyHelp


def said(*, jobs: int = 0, without_token: bool = False, demo: bool = False, **keys: str) -> EmptyState:
    return empty_state(
        jobs=jobs,
        filtered_by="report",
        without_token=without_token,
        demo=demo,
        key=Keymap({action.replace("_", "."): key for action, key in keys.items()}).name_of,
    )


def test_the_ways_are_those_that_lead_on() -> None:
    assert said(jobs=24) == EmptyState(
        'No job matches "report"', suggestions=(KeyHelp("Esc", "shows all 24"),)
    )
    assert [each.keys for each in said().suggestions] == ["A", "a", "paste", "o"]
    assert [each.keys for each in said(demo=True).suggestions] == ["A", "a", "paste"]
    assert [each.keys for each in said(without_token=True).suggestions] == ["L", "dwtop login", "o"]
    assert [each.keys for each in said(without_token=True, app_login="f4").suggestions] == [
        "F4",
        "dwtop login",
        "o",
    ]
