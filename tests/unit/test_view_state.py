"""The saved view of the list, whose invalid parts are ignored."""

import json

import pytest

from app.dashboard.view_state import Layout, ViewState, load
from app.settings.schema import Settings


def test_a_saved_view_is_loaded() -> None:
    saved = ViewState("title", True, "book [x]", ("models", "created"), Layout.COMPACT, "nord")
    assert load(saved.to_json(), Settings()) == saved


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", '"x"', "7", "{}"])
def test_without_a_saved_view_the_default_is_used(text: str | None) -> None:
    assert load(text, Settings()) == ViewState()


def test_the_default_of_the_setting_is_what_the_list_shows() -> None:
    assert tuple(Settings().columns.split(",")) == ViewState().columns


def test_invalid_parts_are_ignored_and_the_rest_is_loaded() -> None:
    text = json.dumps(
        {
            "sort": "gone",
            "reverse": 1,
            "filter": 5,
            "columns": ["models", "gone", 3],
            "layout": [],
            "theme": None,
        }
    )
    assert load(text, Settings()) == ViewState(columns=("models",))
    assert load('{"filter": "saved", "sort": {}}', Settings()).filter == "saved"


def test_an_explicit_setting_takes_precedence() -> None:
    settings = Settings(
        sort="title", columns="models, id", sources={"sort": "config.toml:3", "columns": "config.toml:4"}
    )
    shown = load(ViewState("progress", columns=("created",)).to_json(), settings)
    assert (shown.sort, shown.columns) == ("title", ("models", "id"))
