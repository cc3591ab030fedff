"""The keys: none given twice, each with words for the help."""

from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode

from app.dashboard import keys
from app.dashboard.keymap import SCOPES
from app.dashboard.keys import help_of, key_names, key_of
from widgets.bindings import bindings
from widgets.keys import TABLE

ALL = [*keys.APP, *keys.VIEW, *keys.JOBS, *TABLE]


def test_no_key_does_two_things_and_each_has_a_name_and_words() -> None:
    for scope in SCOPES:
        found = [(name, key.id) for key in scope.keys for name in key.keys.split(",")]
        assert len({name for name, _ in found}) == len(set(found)), scope.name
        assert all(key.name and key.does for key in scope.keys)
    ids = [key.id for scope in SCOPES for key in scope.own]
    assert len(set(ids)) == len(ids)


def test_only_ctrl_c_goes_before_a_text_field() -> None:
    assert [key.keys for key in ALL if key.priority] == ["ctrl+c"]


def test_the_help_is_made_from_what_works_now() -> None:
    node = DOMNode()
    active = {
        key: ActiveBinding(node, binding, True, binding.tooltip)
        for binding in Binding.make_bindings(bindings(ALL))
        if binding.id in ("jobs.remove", "view.filter", "app.help")
        for key in [binding.key]
    }
    sections = help_of(active)
    assert [section.title for section in sections] == ["Jobs", "View", "dwtop"]
    assert [(key.keys, key.text) for section in sections for key in section.keys] == [
        ("d Delete", "Take off the list; the job goes on"),
        ("/", "Filter by title, stage, status or ID"),
        ("? F1", "All keys"),
    ]


def test_keys_are_written_as_people_write_them() -> None:
    assert key_names(["ctrl+d", "f12", "pageup", "G", "asterisk", "up"]) == "Ctrl+d F12 PgUp G * ↑"
    assert key_names(["alt+x", "shift+tab", "ctrl+shift+left", "f"]) == "Alt+x Shift+Tab Ctrl+Shift+← f"
    assert key_names(["up", "ctrl+right"], plain=True) == "Up Ctrl+Right"


def test_an_action_is_named_by_the_first_of_its_keys_as_the_settings_have_them() -> None:
    assert [key_of(action, {}) for action in ("jobs.remove", "app.help", "app.leave", "view.back")] == [
        "d",
        "?",
        "Ctrl+c",
        "Esc",
    ]
    assert key_of("jobs.remove", {"jobs.remove": "f8, x", "app.help": "h"}) == "F8"
