"""A damaged database: it is set aside under another name, and all that can still be read of it goes into a new one.

Nothing is ever deleted because it cannot be read. Openers and rescuers keep out of each other's way by a lock on
the folder, so that nobody opens a file whose log has just been moved, or rescues what another has rescued.
"""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from app.watch.store.errors import StoreError
from app.watch.store.schema import connect, is_damage, store_error

_PARTS = ("-wal", "-shm")
_FARTHEST = 2**40  # how far beyond damage another readable row is looked for, in keys

_Row = tuple[object, ...]


def open_database(path: Path, *, now: float | None = None) -> tuple[sqlite3.Connection, str]:
    """Open the database for reading and writing, making it where there is none, and rescuing it where it is damaged.

    Args:
        path: The file; its folder is made too.
        now: Seconds since the epoch, for the name of a damaged file.

    Returns:
        The connection, in autocommit mode, and a sentence for people where something was out of order.

    Raises:
        StoreError: It cannot be opened or written, or a newer program made it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"Cannot make the folder {path.parent} for the database ({error.strerror}); name another file with --database."
        ) from None
    tried = identity(path)
    try:
        with _folder(path, fcntl.LOCK_SH):
            return connect(path), ""
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise store_error(error, path) from None
    notice = rescue(path, tried, time.time() if now is None else now)
    try:
        with _folder(path, fcntl.LOCK_SH):
            return connect(path), notice
    except sqlite3.DatabaseError as error:
        raise store_error(error, path) from None


def identity(path: Path) -> int | None:
    """What tells whether the file under this name is still the same; None where there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def is_whole(path: Path) -> bool:
    """Read the whole file once, for damage in the middle of it that would show up much later.

    Takes 3 ms a MiB, and holds up nobody else. A file that cannot be opened is not judged.
    """
    try:
        with closing(_reading(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError as error:
        return not is_damage(error)


def rescue(path: Path, damaged: int | None, now: float) -> str:
    """Put a new database in place of a damaged one, with all that can be read of that.

    Args:
        path: The file.
        damaged: Its identity; where it has another by now, somebody else has rescued it, and nothing is done.
        now: Seconds since the epoch, for the name that the damaged file gets.

    Returns:
        A sentence for people; empty where nothing was done.

    Raises:
        StoreError: The new file cannot be written, or the damaged one not be set aside.
    """
    with _folder(path, fcntl.LOCK_EX):
        if identity(path) != damaged:
            return ""
        fresh = path.with_name(f"{path.name}.rescue-{os.getpid()}")
        try:
            jobs = _take_over(path, fresh)
            aside = _set_aside(path, now)
            fresh.replace(path)
        except OSError as error:
            raise StoreError(
                f"The database {path} is damaged and cannot be set aside ({error.strerror}); move it away by hand."
            ) from None
        except sqlite3.Error as error:
            raise store_error(error, path) from None
        finally:
            for ending in ("", *_PARTS, "-copy"):
                with suppress(OSError):
                    fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
    taken = (
        f"{jobs} {'job was' if jobs == 1 else 'jobs were'} taken over into"
        if jobs
        else "nothing of it could be read for"
    )
    return f"The database {path} was damaged; it is kept as {aside.name}, and {taken} a new one."


@contextmanager
def _folder(path: Path, lock: int) -> Iterator[None]:
    """Hold a lock on the folder; where there are none, as on some network drives, go on without."""
    door = -1
    with suppress(OSError):
        door = os.open(path.parent, os.O_RDONLY)
        fcntl.flock(door, lock)
    try:
        yield
    finally:
        if door >= 0:
            os.close(door)


def _set_aside(path: Path, now: float) -> Path:
    """Give the damaged file another name beside its own, which only the new file takes from it."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for number in count(2):
        if not aside.exists():
            break
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    try:
        os.link(path, aside)
    except OSError:  # a file system without links
        path.rename(aside)
    for ending in _PARTS:
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def _reading(path: Path) -> sqlite3.Connection:
    """Open for reading, so that not even the files beside it change."""
    mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)


def _take_over(path: Path, fresh: Path) -> int:
    """Make a new database of what can be read; how many watched jobs that is."""
    with closing(connect(fresh)) as target:
        looks: tuple[Callable[[], Path], ...] = (lambda: path, lambda: _with_new_head(path, fresh))
        for look in looks:
            with closing(_reading(look())) as connection:
                target.execute("BEGIN")
                _copy(connection, target)
                target.execute("COMMIT")
            jobs = int(target.execute("SELECT count(*) FROM job WHERE watched = 1").fetchone()[0])
            if jobs:
                break
        return jobs


def _with_new_head(path: Path, fresh: Path) -> Path:
    """A copy of a damaged file with the first page of a new one, which only says where which table begins.

    It helps where the beginning alone is damaged, for all files of one form have that page alike.
    """
    with closing(sqlite3.connect(fresh)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    copy = fresh.with_name(f"{fresh.name}-copy")
    shutil.copyfile(path, copy)
    with fresh.open("rb") as file:
        head = bytearray(file.read(size))
    pages = copy.stat().st_size // size
    head[28:40] = pages.to_bytes(4, "big") + bytes(8)  # pages in all; none of them free
    with copy.open("r+b") as file:
        file.write(head)
    return copy


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    for table, key in (("origin", "key"), ("job", "key"), ("event", "key"), ("preference", "rowid")):
        _insert(target, table, _rows(source, table, key))
    for (job,) in target.execute("SELECT key FROM job").fetchall():
        _insert(target, "sample", _samples(source, job))
    number = target.execute("SELECT coalesce(max(revision), 0) FROM job").fetchone()[0]
    with suppress(sqlite3.DatabaseError):
        number = max(number, source.execute("SELECT number FROM revision").fetchone()[0])
    target.execute("UPDATE revision SET number = ?", (number + 1,))


def _insert(target: sqlite3.Connection, table: str, rows: Iterator[_Row]) -> None:
    """Insert what obeys the table's rules; a row that is half right obeys none."""
    width = len(target.execute(f"SELECT * FROM {table} LIMIT 0").description)
    target.executemany(
        f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * width)})",
        (row for row in rows if len(row) == width and not any(isinstance(value, bytes) for value in row)),
    )


def _rows(source: sqlite3.Connection, table: str, key: str) -> Iterator[_Row]:
    """The rows of a table, in the order of its keys, without those on damaged pages."""
    query = f"SELECT {key}, * FROM {table} NOT INDEXED WHERE {key} > ? ORDER BY {key}"
    place: int | None = -1
    while place is not None:
        try:
            for row in source.execute(query, (place,)):
                yield row[1:]
                place = row[0]
        except sqlite3.DatabaseError:
            place = _beyond(source, query, place)
        else:
            return


def _beyond(source: sqlite3.Connection, query: str, place: int) -> int | None:
    """The lowest place from which on something can be read again; None if there is none."""

    def readable(place: int) -> bool:
        try:
            source.execute(f"{query} LIMIT 1", (place,)).fetchone()
        except sqlite3.DatabaseError:
            return False
        return True

    step = 1
    while not readable(place + step):
        step *= 2
        if step > _FARTHEST:
            return None
    bad, good = place + step // 2, place + step
    while good - bad > 1:
        middle = (bad + good) // 2
        bad, good = (bad, middle) if readable(middle) else (middle, good)
    return good


def _samples(source: sqlite3.Connection, job: int) -> Iterator[_Row]:
    """One job's history from both ends, as far as the damage lets."""
    for order in ("ASC", "DESC"):
        try:
            yield from source.execute(f"SELECT * FROM sample WHERE job = ? ORDER BY at {order}", (job,))
        except sqlite3.DatabaseError:
            continue
        else:
            return
