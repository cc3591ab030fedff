"""Temporary folders that are removed on exit, or at the next start if the process was killed."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Create a folder for the duration of the context, and remove those left by killed processes.

    The process holds a lock on it, which the system releases however the process ends.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError):
            _remove_if_abandoned(folder)
    folder, lock = _create(prefix)
    try:
        yield folder
    finally:
        remove_folder(folder)
        os.close(lock)


def remove_folder(folder: Path) -> None:
    """Remove a folder and everything in it, as far as possible."""
    shutil.rmtree(folder, ignore_errors=True)


def _create(prefix: str) -> tuple[Path, int]:
    """Create a folder; also returns the file descriptor that holds its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        # Until it is locked, another process may take it for abandoned and remove it.
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # some file systems do not support locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove_if_abandoned(folder: Path) -> None:
    """Remove a folder of this user whose lock no process holds."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_folder(folder)
    finally:
        os.close(lock)
