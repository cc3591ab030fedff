"""What is shown without rows: what to do next, as one block in any space."""

from app.presentation.empty_state import empty_state
from app.presentation.keymap import Keymap
from tests.ui.pane_host import PaneHost, lines_on, on_screen
from widgets.model import Column, EmptyState, KeyHelp, Row
from widgets.table.job_table import JobTable

WAYS = (
    KeyHelp("a", "add job IDs"),
    KeyHelp("paste", "any text with IDs in it"),
    KeyHelp("dwtop ID", "from the shell [x]"),
)
STATE = EmptyState("No jobs yet.", "A sentence.", WAYS)


def table(state: EmptyState, *, bare: bool = True) -> JobTable:
    """A table without rows."""
    made = JobTable(
        lambda width: (Column("title", "TITLE", 10, grow=1),), lambda job_id, columns: Row(job_id)
    )
    made.show_when_empty(state, bare=bare)
    return made


async def test_another_state_replaces_the_first_and_the_labels_come_back() -> None:
    pane = table(STATE)
    async with on_screen(PaneHost(pane)) as (app, pilot):
        pane.show_when_empty(
            EmptyState('No job matches "x"', suggestions=(KeyHelp("Esc", "shows all 3"),)), bare=False
        )
        await pilot.pause()
        shown = [" ".join(line.split()) for line in lines_on(app) if line]
        assert shown == ["TITLE", 'No job matches "x"', "Esc shows all 3"]


async def test_rows_take_its_place_and_give_it_back() -> None:
    pane = table(EmptyState("No jobs yet."))
    async with on_screen(PaneHost(pane)) as (app, pilot):
        for ids, first in ((("b", "a"), "TITLE"), ((), "")) * 2:
            pane.show(ids)
            await pilot.pause()
            lines = lines_on(app)
            assert lines[0].strip() == first
            assert any("No jobs yet" in line for line in lines) == (not ids)


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
