"""Opening the dashboard without click."""

import gc
import io
import os
import sys
from pathlib import Path

import pytest

from app.cli import open_dashboard


def test_nothing_opens_without_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    database = tmp_path / "dwtop.db"
    assert open_dashboard.open_at_once(["--database", str(database)], {}) is None
    assert not database.exists()


def test_frame_rate_and_escape_delay_can_be_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCDELAY", "300")
    monkeypatch.delenv("TEXTUAL_FPS", raising=False)
    monkeypatch.setattr(gc, "disable", lambda: None)
    open_dashboard.prepare()
    assert (os.environ["ESCDELAY"], os.environ["TEXTUAL_FPS"]) == ("300", "250")
