"""Desktop notifications, as the terminal gets them."""

import pytest

from app.notify.desktop import notification


@pytest.mark.parametrize("title", ["4;1;50", "9;x", "2;text", "1;500", "4", "plain"])
def test_no_title_can_be_another_command(title: str) -> None:
    assert notification(title, tmux=False) == f"\x1b]9;dwtop: {title}\x1b\\"
    assert notification(title, tmux=True) == f"\x1bPtmux;\x1b\x1b]9;dwtop: {title}\x1b\x1b\\\x1b\\"


def test_a_long_one_is_cut() -> None:
    assert len(notification("x" * 5000, tmux=False)) < 256
