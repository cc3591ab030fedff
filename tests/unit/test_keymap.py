"""Other keys for actions: what works is taken, what cannot work is said with its place."""

from pathlib import Path

import pytest

from app.dashboard.keymap import keymap_of
from app.settings import Settings, SettingsError, load_settings


def settings(tmp_path: Path, lines: str) -> Settings:
    config = tmp_path / "config.toml"
    config.write_text(f"[keys]\n{lines}\n")
    return load_settings({}, {}, config_file=config)


def test_without_settings_nothing_differs() -> None:
    assert keymap_of(Settings()) == {}


def test_keys_are_taken_as_people_write_them(tmp_path: Path) -> None:
    found = keymap_of(settings(tmp_path, '"jobs.cancel" = "ctrl+x, F8"\n"view.filter" = "%"'))
    assert found == {"jobs.cancel": "ctrl+x,f8", "view.filter": "percent_sign"}


def test_a_key_may_move_to_an_action_whose_own_key_was_given_away(tmp_path: Path) -> None:
    found = keymap_of(settings(tmp_path, '"jobs.cancel" = "ctrl+x"\n"poll.one" = "x"'))
    assert found == {"jobs.cancel": "ctrl+x", "poll.one": "x"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"jobs.cancel" = "r"', "keys.jobs.cancel takes r, which belongs to poll.one"),
        ('"jobs.cancel" = "ctrl+p"', "keys.jobs.cancel takes Ctrl+p, which belongs to app.palette"),
        ('"table.down" = "ctrl+c"', "keys.table.down takes Ctrl+c, which belongs to app.leave"),
        ('"jobs.cancl" = "r"', "keys.jobs.cancl names no action; did you mean jobs.cancel?"),
        ('"jobs.cancel" = "x,"', "keys.jobs.cancel must be keys with commas between them"),
    ],
)
def test_what_cannot_work_is_said_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        keymap_of(settings(tmp_path, line))
    assert said in str(error.value)
    assert "config.toml:2" in str(error.value)
