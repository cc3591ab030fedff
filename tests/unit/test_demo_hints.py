"""The hints of the demo."""

from app.presentation.demo_hints import WELCOME, DemoHints
from widgets import keys
from widgets.keys import TABLE


def shown(hints: DemoHints, *, cancellable: bool = True, details_open: bool = False) -> str | None:
    hint = hints.hint(cancellable=cancellable, details_open=details_open)
    return hint.words if hint else None


def test_it_welcomes_until_the_first_key_and_then_teaches_one_thing_at_a_time() -> None:
    hints = DemoHints()
    assert hints.hint(cancellable=True) is WELCOME
    lessons = []
    for action_id in ("app.help", "table.down", "view.details", "jobs.cancel", "view.filter"):
        hints.tried(action_id)
        lessons.append(shown(hints))
    assert lessons == ["move", "details", "cancels this one: safe here", "filter", None]


def test_what_was_tried_already_is_left_out() -> None:
    hints = DemoHints()
    hints.tried("view.details")
    hints.tried("table.up")
    assert shown(hints) == "cancels this one: safe here"


def test_a_cancel_is_offered_only_where_there_is_something_to_cancel() -> None:
    hints = DemoHints()
    hints.tried("table.down")
    hints.tried("view.details")
    assert shown(hints, cancellable=False) == "filter"
    assert shown(hints, cancellable=True) == "cancels this one: safe here"


def test_the_details_are_not_taught_while_they_are_open() -> None:
    hints = DemoHints()
    hints.tried("table.down")
    assert shown(hints, details_open=True) == "cancels this one: safe here"


def test_every_action_it_names_exists() -> None:
    known = {key.id for key in (*keys.APP, *keys.VIEW, *keys.JOBS, *TABLE)}
    hints = DemoHints()
    hints.tried("app.help")
    for _ in range(4):
        hint = hints.hint(cancellable=True)
        assert hint
        assert set(hint.action_ids) <= known
        for action_id in hint.action_ids:
            hints.tried(action_id)
