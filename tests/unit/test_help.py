"""What the help says of the keys that work now."""

from app.presentation.help import help_sections


def test_it_names_the_keys_that_work_now() -> None:
    active = {"jobs.remove": ["d", "delete"], "view.filter": ["slash"], "app.help": ["question_mark", "f1"]}
    sections = help_sections(active)
    assert [section.title for section in sections] == ["Jobs", "Look", "dwtop"]
    assert [(key.keys, key.text) for section in sections for key in section.keys] == [
        ("d Delete", "remove from this list"),
        ("/", "filter"),
        ("? F1", "these keys"),
    ]


def test_opposite_actions_share_a_line() -> None:
    active = {"table.down": ["down", "j"], "poll.slower": ["plus"], "poll.faster": ["minus"]}
    lines = [(key.keys, key.text) for section in help_sections(active) for key in section.keys]
    assert lines == [("+ -", "less, or more often"), ("↓ j", "down, up")]
