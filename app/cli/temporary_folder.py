"""Temporary folders that are removed on exit, or at the next start if the process was killed."""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LOCK = "lock"


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Create a folder for the duration of the context, and remove those left by killed processes.

    The process holds a lock in it, which the system releases however the process ends.
    """
    _remove_abandoned(prefix)
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
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with suppress(OSError):  # some file systems do not support locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            if (folder / _LOCK).exists():
                return folder, lock
            os.close(lock)


def _remove_abandoned(prefix: str) -> None:
    """Remove this user's folders whose lock no process holds."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError):
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
                _remove_if_abandoned(folder)


def _remove_if_abandoned(folder: Path) -> None:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        folder.rmdir()  # only if it is empty: its process was killed before it created the lock
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_folder(folder)
    finally:
        os.close(lock)
