"""The hints of the demo."""

import pytest

from app.presentation.key_hints import WELCOME, demo_hint
from widgets import keys
from widgets.keys import TABLE

CANCELS = "cancels this one: safe here"


def test_it_welcomes_until_the_first_key_and_then_teaches_one_thing_at_a_time() -> None:
    known = {key.id for key in (*keys.APP, *keys.VIEW, *keys.JOBS, *TABLE)}
    tried: set[str] = set()
    assert demo_hint(tried, cancellable=True) is WELCOME
    lessons = []
    for action_id in ("app.help", "table.down", "view.details", "jobs.cancel", "view.filter"):
        tried.add(action_id)
        hint = demo_hint(tried, cancellable=True)
        lessons.append(hint and hint.words)
        assert hint is None or set(hint.action_ids) <= known
    assert lessons == ["move", "details", CANCELS, "filter", None]


@pytest.mark.parametrize(
    ("tried", "state", "hint"),
    [
        (("view.details", "table.up"), {}, CANCELS),
        (("table.down", "view.details"), {"cancellable": False}, "filter"),
        (("table.down",), {"details_open": True}, CANCELS),
    ],
    ids=["what was tried already", "nothing to cancel", "details are open"],
)
def test_what_is_of_no_use_is_not_taught(tried: tuple[str, ...], state: dict[str, bool], hint: str) -> None:
    shown = demo_hint(tried, **{"cancellable": True, **state})
    assert shown
    assert shown.words == hint
