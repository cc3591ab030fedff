"""The table of keys, keys from the settings, and the help on them."""

import string
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.keys import Keys, _character_to_key
from textual.widgets import Input, OptionList, TextArea

from app.presentation.help import help_sections
from app.presentation.keymap import CHOOSING, EDITING, SCOPES, Keymap, keymap_of, read_key
from app.settings.errors import SettingsError
from app.settings.load import load_settings
from app.settings.schema import Settings
from widgets import keys
from widgets.keys import key_name

ALL = [*keys.APP, *keys.MAIN, *keys.TABLE]


def test_no_key_does_two_things_and_each_has_a_name_and_words() -> None:
    for scope in SCOPES:
        found = [(name, key.id) for key in scope.keys for name in key.keys.split(",")]
        assert len({name for name, _ in found}) == len(set(found)), scope.name
        assert all(key.name and key.tooltip for key in scope.keys)
    ids = [key.id for scope in SCOPES for key in scope.own]
    assert len(set(ids)) == len(ids)


def test_only_ctrl_c_goes_before_a_text_field() -> None:
    assert [key.keys for key in ALL if key.priority] == ["ctrl+c"]


def test_keys_are_written_as_people_write_them() -> None:
    written = {"ctrl+d": "Ctrl+d", "pageup": "PgUp", "G": "G", "asterisk": "*", "f": "f", "f12": "F12"}
    assert {key: key_name(key) for key in written} == written
    assert [key_name(key) for key in ("shift+tab", "ctrl+shift+left")] == ["Shift+Tab", "Ctrl+Shift+←"]
    assert [key_name(key, plain=True) for key in ("up", "ctrl+right")] == ["Up", "Ctrl+Right"]


def test_an_action_is_named_by_the_first_of_its_keys_as_the_settings_have_them() -> None:
    names = {"jobs.remove": "d", "app.help": "?", "app.leave": "Ctrl+c", "view.back": "Esc"}
    assert {action: Keymap().name_of(action) for action in names} == names
    assert Keymap({"jobs.remove": "f8,x", "app.help": "h"}).name_of("jobs.remove") == "F8"


def settings(tmp_path: Path, lines: str) -> Settings:
    config = tmp_path / "config.toml"
    config.write_text(f"[keys]\n{lines}\n")
    return load_settings({"config": str(config)}, {})


@pytest.mark.parametrize(
    ("lines", "keymap"),
    [
        (
            '"jobs.cancel" = "ctrl+x, F8"\n"view.filter" = "%"',
            {"jobs.cancel": "ctrl+x,f8", "view.filter": "percent_sign"},
        ),
        ('"jobs.cancel" = "ctrl+x"\n"poll.one" = "x"', {"jobs.cancel": "ctrl+x", "poll.one": "x"}),
        ('cancel.send = "Y"\nhelp.close = "Esc, h"', {"cancel.send": "Y", "help.close": "escape,h"}),
    ],
    ids=["as people write them", "a key that another action gave away", "in dialogs"],
)
def test_keys_of_actions_are_taken(tmp_path: Path, lines: str, keymap: dict[str, str]) -> None:
    assert keymap_of(settings(tmp_path, lines)).changed == keymap


WRITTEN = {
    "escape": "esc Esc ESC escape Escape <Esc> ^[ Ctrl+[",
    "pageup": "PgUp pgup Page-Up pageup PageUp page_up PPage",
    "pagedown": "PgDn pgdn pgdown PageDown NPage",
    "ctrl+r": "C-r Ctrl-R ctrl+r ^r ^R Ctrl+R control+r <C-r> c-R",
    "space": "Space space <Space>",
    "enter": "Return enter Enter ^M CR",
    "delete": "Del delete Delete",
    "f5": "F5 f5",
    "R": "R Shift+r S-r shift+R",
    "shift+tab": "Shift+Tab S-Tab backtab BTab",
    "alt+x": "Alt+x M-x meta-x",
    "ctrl+shift+left": "ctrl+shift+Left shift+ctrl+left",
    "tab": "Tab",
    "up": "\N{UPWARDS ARROW}",
    "question_mark": "? question_mark",
    "plus": "+",
    "minus": "-",
    "ctrl+minus": "C--",
    "ctrl+plus": "Ctrl++",
    "circumflex_accent": "^",
    "comma": "comma",
    "vertical_line": "<Bar> |",
    "\N{LATIN SMALL LETTER E WITH ACUTE}": "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "section_sign": "\N{SECTION SIGN}",
    "7": "7",
    None: "nonsense ctrl ctrl+ C- F0 F25 star prior ctrl+nonsense xx <>x",
}


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *((text, key) for key, texts in WRITTEN.items() for text in texts.split()),
        ("page up", "pageup"),
        ("\t", None),
        ("", None),
    ],
)
def test_keys_are_read_as_people_write_them(written: str, key: str | None) -> None:
    assert read_key(written) == key


def test_keys_are_called_what_textual_calls_them() -> None:
    for char in string.punctuation + string.ascii_letters + string.digits + "\N{SECTION SIGN}\N{EURO SIGN}":
        assert read_key(char) == _character_to_key(char)
    known = {key.value for key in Keys}
    for scope in SCOPES:
        for key in scope.keys:
            for name in key.keys.split(","):
                assert name in known or len(name) == 1 or name in map(_character_to_key, string.punctuation)
                assert read_key(name) == name
                assert read_key(key_name(name)) == name  # as the help and the dialogs write it
                assert read_key(key_name(name, plain=True)) == name


def test_keys_that_focused_widgets_use_are_known() -> None:
    def used(widget: type[Input | TextArea | OptionList]) -> set[str]:
        return {binding.key for binding in Binding.make_bindings(widget.BINDINGS)}

    assert (used(Input) | used(TextArea)) - {"enter"} <= EDITING
    assert used(OptionList) == CHOOSING


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"jobs.cancel" = "nonsense"', "keys.jobs.cancel names a key 'nonsense' that does not exist; write it like"),
        ('"jobs.cancel" = "x, ctrl+nonsense"', "names a key 'ctrl+nonsense' that does not exist"),
        ('"jobs.cancel" = "esc"', "keys.jobs.cancel takes Esc, which belongs to view.back"),
        ('"jobs.cancel" = "PgUp"', "keys.jobs.cancel takes PgUp, which belongs to table.page_up"),
        ('"cancel.send" = "n"', "keys.cancel.send takes n, which belongs to cancel.keep"),
        ('"cancel.send" = "return"', "keys.cancel.send takes Enter, which belongs to dialog.press"),
        ('"help.close" = "j"', "keys.help.close takes j, which belongs to dialog.down"),
        ('"log.close" = "^c"', "keys.log.close takes Ctrl+c, which belongs to app.leave"),
        ('"add.close" = "enter"', "keys.add.close takes Enter, which belongs to add.accept"),
        ('"detail.down" = "x"', "keys.detail.down takes x, which belongs to jobs.cancel"),
        ('"filter.keep" = "x"', "keys.filter.keep takes x, which types a character in the filter"),
        ('"login.accept" = "%"', "keys.login.accept takes %, which types a character in the login dialog"),
        ('"add.close" = "C-u"', "keys.add.close takes Ctrl+u, which has a use of its own in the dialog that adds jobs"),
        ('"columns.close" = "Down"', "keys.columns.close takes ↓, which has a use of its own in the dialog for columns"),
        ('"cancel.keep" = "n"', "keys.cancel.keep has no key that works where a number is typed"),
        ('"jobs.cancel" = "r"', "keys.jobs.cancel takes r, which belongs to poll.one"),
        ('"jobs.cancel" = "ctrl+p"', "keys.jobs.cancel takes Ctrl+p, which belongs to app.palette"),
        ('"table.down" = "ctrl+c"', "keys.table.down takes Ctrl+c, which belongs to app.leave"),
        ('"jobs.cancl" = "r"', "keys.jobs.cancl names no action; did you mean jobs.cancel?"),
        ('"jobs.cancel" = "x,"', "keys.jobs.cancel must be keys with commas between them"),
    ],
)  # fmt: skip
def test_keys_that_cannot_work_are_reported_with_their_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        keymap_of(settings(tmp_path, line))
    assert said in str(error.value)
    assert "config.toml:2" in str(error.value)


def test_keys_in_a_variable_that_cannot_work_are_reported_with_their_action() -> None:
    with pytest.raises(SettingsError, match=r"^DWTOP_KEYS: keys\.jobs\.add names a key 'nonsense'"):
        keymap_of(load_settings({}, {"DWTOP_KEYS": "jobs.cancel=F8 jobs.add=nonsense"}))


def help_lines(keymap: Keymap) -> dict[str, str]:
    return {key.text: key.keys for section in help_sections(keymap) for key in section.keys}


def test_the_help_names_the_keys_in_force_and_opposite_actions_share_a_line() -> None:
    titles = [section.title for section in help_sections(Keymap())]
    assert titles == ["Jobs", "Select", "Refresh", "Look", "Move", "dwtop"]
    assert help_lines(Keymap())["less, or more often"] == "+ -"
    assert help_lines(Keymap())["down, up"] == "↓ j ↑ k"
    lines = help_lines(Keymap({"app.help": "f1,h"}, plain=True))
    assert lines["remove from this list"] == "d Delete"
    assert lines["these keys"] == "F1 h"
    assert lines["all commands and jobs"] == ": Ctrl+p"
