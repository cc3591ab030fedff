"""Reading settings for commands: names that do not exist, options, and ASCII."""

from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES

from app.cli.configuration import find_problems, read_settings, split_options
from app.presentation.themes import THEMES
from app.settings.errors import SettingsError
from widgets.themes import DARK, LIGHT

WRONG = {
    "theme = 'nowhere'": 'theme names no theme ("nowhere"). Choose one of: ansi-dark, ',
    "sort = 'mark'": "sort names no column that the list can be sorted by; choose one of: title, status, ",
    "columns = 'stage, nowhere'": "columns names a column 'nowhere' that does not exist; choose from: stage, ",
    "token_command = 'pass \"show'": "token_command has a quote or a backslash without its other half; add it",
    'hooks.on_finish = "notify \'done"': "hooks.on_finish has a quote or a backslash without its other half",
    "web_url = 'https://example.org/{job}'": "web_url has a field {job} that does not exist; use {job_id} or",
    "tmux_format = '{nothing}'": "tmux_format can name {running}, ",
    "keys.'jobs.cancl' = 'x'": "keys.jobs.cancl names no action; did you mean jobs.cancel?",
}

WRONG_THEMES = {
    "themes.forest.primry = 'teal'": "themes.forest.primry is not a colour; below [themes.NAME], set primary, ",
    "themes.primary = 'teal'": "themes.primary is not a colour; below [themes.NAME], set primary, ",
    "themes.moss.primary = '#12'": 'themes.moss.primary must be a colour such as "#5fafff" or "teal", not \'#12\'',
    "themes.moss.error = 'transparent'": "themes.moss.error must be a colour such as ",
    "themes.moss.primary = 3": 'themes may only have entries such as forest.primary = "#87af5f", each with text',
}


def test_the_themes_are_ours_and_those_of_textual() -> None:
    assert set(THEMES) == {DARK.name, LIGHT.name, *BUILTIN_THEMES}


@pytest.mark.parametrize("line", [*WRONG, *WRONG_THEMES])
def test_an_unknown_name_is_reported_with_its_line(line: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"\n{line}\n", encoding="utf-8")
    said = (WRONG | WRONG_THEMES)[line]
    with pytest.raises(SettingsError) as error:
        read_settings({"config": str(config)}, {})
    assert str(error.value).startswith(f"{config}:2: {said}")
    assert "\n" not in str(error.value)


def test_all_problems_are_found(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("\n".join(WRONG), encoding="utf-8")
    settings = read_settings({"config": str(config)}, {}, check=False)
    assert len(list(find_problems(settings))) == len(WRONG)


def test_the_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^DWTOP_HOOKS_ON_FINISH has a quote"):
        read_settings({}, {"DWTOP_HOOKS_ON_FINISH": "say 'done"})


def test_options_are_split_from_other_words() -> None:
    given = ["status", "--ascii", "--config=a", "--tmux", "--interval", "2.5", "--database", "b", "-x"]
    options, others = split_options(given)
    assert options == {"ascii": True, "config": "a", "interval": 2.5, "database": Path("b")}
    assert others == ["status", "--tmux", "-x"]
    with pytest.raises(SettingsError, match="--config needs a value"):
        split_options(["--config"])
    with pytest.raises(SettingsError, match="--interval must be a number"):
        split_options(["--interval=soon"])


@pytest.mark.parametrize(
    ("environ", "plain"),
    [
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),  # as Python leaves LANG=C
        ({"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, False),  # as Python leaves an environment without any
        ({"LANG": "C", "DWTOP_ASCII": "no"}, False),
        ({"TERM": "linux"}, True),
        ({"TERM": "linux", "DWTOP_ASCII": "no"}, False),
    ],
)
def test_symbols_are_ascii_in_the_c_locale_and_on_the_linux_console(
    environ: dict[str, str], plain: bool
) -> None:
    assert read_settings({}, environ).ascii is plain
