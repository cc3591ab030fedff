"""The keys: none given twice, each with words for the help."""

from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode

from app.dashboard import keys
from app.dashboard.keys import help_of, key_names, key_of
from widgets.job_table import JobTable

ALL = [
    binding
    for binding in (*keys.APP, *keys.VIEW, *keys.JOBS, *JobTable.BINDINGS)
    if isinstance(binding, Binding)
]


def test_no_key_does_two_things_and_each_has_a_name_and_words() -> None:
    found = [key.strip() for binding in ALL for key in binding.key.split(",")]
    assert len(found) == len(set(found))
    assert len({binding.id for binding in ALL}) == len(ALL)
    assert all(binding.id and binding.tooltip for binding in ALL)


def test_only_ctrl_c_goes_before_a_text_field() -> None:
    assert [binding.key for binding in ALL if binding.priority] == ["ctrl+c"]


def test_the_help_is_made_from_what_works_now() -> None:
    node = DOMNode()
    active = {
        key: ActiveBinding(node, binding, True, binding.tooltip)
        for binding in Binding.make_bindings(ALL)
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


def test_an_action_is_named_by_the_first_of_its_keys_as_the_settings_have_them() -> None:
    assert [key_of(action, {}) for action in ("jobs.remove", "app.help", "app.leave", "view.back")] == [
        "d",
        "?",
        "Ctrl+c",
        "Esc",
    ]
    assert key_of("jobs.remove", {"jobs.remove": "f8, x", "app.help": "h"}) == "F8"
