"""The hints of the demo."""

import pytest

from app.presentation.key_hints import WELCOME, DemoHints
from widgets import keys
from widgets.keys import TABLE

CANCELS = "cancels this one: safe here"


def shown(hints: DemoHints, *, cancellable: bool = True, details_open: bool = False) -> str | None:
    hint = hints.hint(cancellable=cancellable, details_open=details_open)
    return hint.words if hint else None


def test_it_welcomes_until_the_first_key_and_then_teaches_one_thing_at_a_time() -> None:
    known = {key.id for key in (*keys.APP, *keys.VIEW, *keys.JOBS, *TABLE)}
    hints = DemoHints()
    assert hints.hint(cancellable=True) is WELCOME
    lessons = []
    for action_id in ("app.help", "table.down", "view.details", "jobs.cancel", "view.filter"):
        hints.tried(action_id)
        lessons.append(shown(hints))
        hint = hints.hint(cancellable=True)
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
    hints = DemoHints()
    for action_id in tried:
        hints.tried(action_id)
    assert shown(hints, **state) == hint
