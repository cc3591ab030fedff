"""The program, which on SIGUSR1 also writes down how many tasks its event loop has."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from app.cli.main import run

_NOTE = Path(os.environ["SOAK_NOTE"])


def _note_tasks(number: int, frame: FrameType | None) -> None:
    draft = _NOTE.with_suffix(".draft")
    draft.write_text(
        str(len(asyncio.all_tasks())), encoding="ascii"
    )  # the handler runs within the loop's thread
    draft.replace(_NOTE)


signal.signal(signal.SIGUSR1, _note_tasks)
sys.exit(run())
