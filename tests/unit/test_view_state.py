"""The saved view of the list, whose invalid parts are ignored."""

import json

import pytest

from app.dashboard.view_state import Layout, ViewState, load_view_state
from app.presentation.ordering import View
from app.settings.schema import Settings


def test_a_saved_view_is_loaded() -> None:
    saved = ViewState(View("title", True, "book [x]"), ("models", "created"), Layout.COMPACT, "nord")
    assert load_view_state(saved.to_json(), Settings()) == saved
    assert json.loads(saved.to_json())["sort"] == "title"  # as earlier versions saved it


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", '"x"', "7", "{}"])
def test_without_a_saved_view_the_settings_decide(text: str | None) -> None:
    assert load_view_state(text, Settings()) == ViewState(View(), ("stage", "id"))
    assert load_view_state(text, Settings(sort="age", columns="age")) == ViewState(View("age"), ("age",))


def test_invalid_parts_are_ignored_and_the_rest_is_loaded() -> None:
    wrong = {"sort": "gone", "reverse": 1, "filter": 5, "layout": [], "theme": None}
    text = json.dumps(wrong | {"columns": ["models", "gone", 3]})
    assert load_view_state(text, Settings()) == ViewState(View(), ("models",))
    assert load_view_state('{"filter": "saved", "sort": {}}', Settings()).view.filter == "saved"


def test_an_explicit_setting_takes_precedence() -> None:
    settings = Settings(
        sort="title", columns="models, id", sources={"sort": "config.toml:3", "columns": "config.toml:4"}
    )
    shown = load_view_state(ViewState(View("progress"), ("created",)).to_json(), settings)
    assert shown == ViewState(View("title"), ("models", "id"))
