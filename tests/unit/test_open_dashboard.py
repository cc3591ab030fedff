"""Which command lines open the dashboard without click."""

import gc
import io
import os
import sys
from pathlib import Path

import pytest

from app.cli import open_dashboard
from app.cli.configuration import plain_settings


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["00000000-0000-0000-0000-000000000001"],
        ["--demo"],
        ["--help"],
        ["--config", "config.toml"],
        ["--interval"],
        ["--interval", "soon"],
        ["--interval", "0"],
        ["--read-only=yes"],
        ["--base-url", "http://example.invalid/api"],
        ["--", "--ascii"],
    ],
)
def test_other_command_lines_are_left_to_click(arguments: list[str]) -> None:
    assert plain_settings(arguments, {}) is None


def test_wrong_settings_are_left_to_click(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plain_settings([], {"DWTOP_INTERVALS_FAST": "never"}) is None
    config = tmp_path / "dwtop" / "config.toml"
    config.parent.mkdir()
    config.write_text("colour = 1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert plain_settings([], {}) is None


def test_nothing_opens_without_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    database = tmp_path / "dwtop.db"
    assert open_dashboard.open_at_once(["--database", str(database)], {}) is None
    assert not database.exists()


def test_frame_rate_and_escape_delay_can_be_overridden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ESCDELAY", "300")
    monkeypatch.setenv("TEXTUAL_FPS", "")
    monkeypatch.delenv("TEXTUAL_FPS")
    monkeypatch.setattr(gc, "disable", lambda: None)
    open_dashboard.prepare()
    assert (os.environ["ESCDELAY"], os.environ["TEXTUAL_FPS"]) == ("300", "250")
