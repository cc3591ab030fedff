"""The generated pages of documentation."""

import json
import re
import tomllib

import jsonschema_rs

from tests import docs
from tests.processes import ROOT


def test_the_pages_are_up_to_date() -> None:
    assert not docs.updated(), "run python -m tests.docs --write"


def test_the_imports_of_the_forecast_page_work() -> None:
    page = (ROOT / "docs" / "forecast.md").read_text(encoding="utf-8")
    imports = re.findall(r"^from app.*$", page, re.MULTILINE)
    assert len(imports) > 5
    exec("\n".join(imports), {})


def test_the_json_schema_is_valid_and_strict() -> None:
    checked = jsonschema_rs.validator_for(docs.json_schema())
    assert checked.is_valid({"version": 1, "jobs": []})
    assert not checked.is_valid({"version": 2, "jobs": []})
    assert not checked.is_valid({"version": 1, "jobs": [{"id": "x"}]})


def test_the_schema_of_the_settings_takes_what_dwtop_takes() -> None:
    checked = jsonschema_rs.validator_for(json.loads(docs.settings_schema()))
    page = (docs.FOLDER / "settings.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example
    assert checked.is_valid(tomllib.loads(example[1]))
    assert checked.is_valid(tomllib.loads('auth = "api-key"\n[keys]\ntable.down = "n"\n[history]\ndays = 7'))
    wrong = (
        "colour = 1",
        'auth = "basic"',
        "[history]\ndays = 0",
        "bell = 1",
        'token_file = "x"',
        "theme = ' '",
    )
    assert not [text for text in wrong if checked.is_valid(tomllib.loads(text))]
