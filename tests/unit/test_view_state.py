"""How a person left the screen, and what a damaged memory of that comes to."""

import json

import pytest

from app.dashboard.view_state import Layout, ViewState, load
from app.settings.schema import Settings


def test_what_is_kept_comes_back() -> None:
    kept = ViewState("title", True, "book [x]", ("eta", "created"), Layout.COMPACT, "nord")
    assert load(kept.to_json(), Settings()) == kept


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", '"x"', "7", "{}"])
def test_no_memory_is_the_usual(text: str | None) -> None:
    assert load(text, Settings()) == ViewState()


def test_what_makes_no_sense_any_more_is_passed_over_and_the_rest_is_kept() -> None:
    text = json.dumps(
        {
            "sort": "gone",
            "reverse": 1,
            "filter": 5,
            "columns": ["eta", "gone", 3],
            "layout": [],
            "theme": None,
        }
    )
    assert load(text, Settings()) == ViewState(columns=("eta",))
    assert load('{"filter": "kept", "sort": {}}', Settings()).filter == "kept"


def test_a_setting_goes_before_what_was_kept() -> None:
    settings = Settings(
        sort="title", columns="eta, id", sources={"sort": "config.toml:3", "columns": "config.toml:4"}
    )
    shown = load(ViewState("progress", columns=("created",)).to_json(), settings)
    assert (shown.sort, shown.columns) == ("title", ("eta", "id"))
