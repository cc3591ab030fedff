"""The program, which on SIGURG, which it has no use for, also writes down how many tasks its event loop has."""

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
    tasks = asyncio.all_tasks()  # the handler runs within the loop's thread
    draft.write_text(str(len(tasks)), encoding="ascii")
    draft.replace(_NOTE)


signal.signal(signal.SIGURG, _note_tasks)
sys.exit(run())
