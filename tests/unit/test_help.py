"""What the help says."""

from app.presentation.help import help_sections
from app.presentation.keymap import Keymap


def test_it_names_the_keys_in_force() -> None:
    sections = help_sections(Keymap({"app.help": "f1,h"}, plain=True))
    assert [section.title for section in sections] == ["Jobs", "Select", "Refresh", "Look", "Move", "dwtop"]
    lines = {key.text: key.keys for section in sections for key in section.keys}
    assert lines["remove from this list"] == "d Delete"
    assert lines["these keys"] == "F1 h"
    assert lines["all commands and jobs"] == ": Ctrl+p"


def test_opposite_actions_share_a_line() -> None:
    lines = {key.text: key.keys for section in help_sections(Keymap()) for key in section.keys}
    assert lines["less, or more often"] == "+ -"
    assert lines["down, up"] == "↓ j ↑ k"
