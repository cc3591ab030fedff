"""The terminal that tests use."""

import pytest

from tests.terminal.pane import Pane
from tests.terminal.terminal_helpers import PYTHON


def test_a_failure_shows_the_screen() -> None:
    with Pane(PYTHON, "-I", "-S", "-u", "-c", "print('a line'); input()") as pane:
        pane.wait_for("a line")
        with pytest.raises(AssertionError, match=r"'another' did not appear within 0\.2 s\n─+\na line"):
            pane.wait_for("another", timeout=0.2)
        pane.press("enter")
        with pytest.raises(AssertionError, match=r"'another' did not appear before the exit \(code 0\)"):
            pane.wait_for("another")
