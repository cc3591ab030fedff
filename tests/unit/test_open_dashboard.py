"""Opening the dashboard without click."""

import gc
import os

import pytest

from app.cli import open_dashboard


def test_frame_rate_and_escape_delay_can_be_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCDELAY", "300")
    monkeypatch.delenv("TEXTUAL_FPS", raising=False)
    monkeypatch.setattr(gc, "disable", lambda: None)
    open_dashboard.prepare_process()
    assert (os.environ["ESCDELAY"], os.environ["TEXTUAL_FPS"]) == ("300", "250")
