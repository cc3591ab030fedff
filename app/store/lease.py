"""Who polls, when several panes share the database: a lease for each base URL, and the panes that are open.

Every function takes an open connection and is called inside a transaction. Times are seconds since the epoch,
by the one clock that all panes of a machine share.
"""

import sqlite3

from app.watch.polling.link import Link, LinkState
from app.watch.polling.pacing import Intervals
from app.watch.storage import LeaseState, Pane

LASTS = 12.0
"""Seconds for which a lease holds without being renewed."""

_LINKS = frozenset(Link)


def beat(connection: sqlite3.Connection, origin: int, pane: Pane, now: float) -> LeaseState:
    """Say that a pane is alive; take, keep, or give up the lead.

    The lead is free if nobody holds it, if its holder has not renewed it in time, or if the clock was set back
    so far that its end is out of reach. A pane with another sign-in than the last leader's takes it only if
    that sign-in was refused, or no pane with it is left.

    Args:
        connection: Inside a transaction.
        origin: The base URL's number.
        pane: Who says so.
        now: Seconds since the epoch.
    """
    connection.execute("DELETE FROM pane WHERE seen < ? OR seen > ?", (now - LASTS, now + LASTS))
    wanted = pane.intervals
    connection.execute(
        "INSERT INTO pane (id, origin, sign_in, seen, fast, medium, slow, exact) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET sign_in = excluded.sign_in, seen = excluded.seen, fast = excluded.fast,"
        " medium = excluded.medium, slow = excluded.slow, exact = excluded.exact",
        (pane.id, origin, pane.sign_in, now, wanted.fast, wanted.medium, wanted.slow, wanted.exact),
    )
    row = connection.execute(
        "SELECT holder, sign_in, refused, expires, link, reason, until FROM lease WHERE origin = ?", (origin,)
    ).fetchone()
    holder, sign_in, refused, expires, link, reason, until = row or (
        None,
        pane.sign_in,
        0,
        0.0,
        "up",
        "",
        None,
    )
    if holder is not None and holder != pane.id and not now < expires < now + 2 * LASTS:
        holder = None
    if holder is None and pane.eligible and (refused or _may_lead(connection, origin, pane.sign_in, sign_in)):
        holder = pane.id
    ours = holder == pane.id and pane.eligible
    if ours:
        state = pane.link
        _write(connection, origin, pane.id, pane.sign_in, False, now + LASTS, state)
    elif holder == pane.id:  # it led, and cannot any more
        state = pane.link
        _write(connection, origin, None, pane.sign_in, state.status is Link.SIGNED_OUT, 0.0, state)
    else:
        known = holder is not None and link in _LINKS  # a newer version may know others
        state = LinkState(Link(link), reason, until) if known else LinkState()
    others = connection.execute(
        "SELECT count(*) FROM pane WHERE origin = ? AND id <> ?", (origin, pane.id)
    ).fetchone()
    return LeaseState(ours, _smallest(connection, origin), state, int(others[0]))


def leave(connection: sqlite3.Connection, origin: int, pane_id: str) -> None:
    """A pane ends: it is no longer there, and the lead is free if it was its."""
    connection.execute("DELETE FROM pane WHERE id = ?", (pane_id,))
    connection.execute(
        "UPDATE lease SET holder = NULL, expires = 0 WHERE origin = ? AND holder = ?", (origin, pane_id)
    )


def _may_lead(connection: sqlite3.Connection, origin: int, sign_in: str, leaders: str) -> bool:
    if sign_in == leaders:
        return True
    rival = connection.execute(
        "SELECT 1 FROM pane WHERE origin = ? AND sign_in = ?", (origin, leaders)
    ).fetchone()
    return rival is None


def _write(
    connection: sqlite3.Connection,
    origin: int,
    holder: str | None,
    sign_in: str,
    refused: bool,
    expires: float,
    link: LinkState,
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO lease (origin, holder, sign_in, refused, expires, link, reason, until)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (origin, holder, sign_in, refused, expires, link.status.value, link.reason, link.until),
    )


def _smallest(connection: sqlite3.Connection, origin: int) -> Intervals:
    """The shortest interval that any open pane wants, of each cadence; exact if the shortest fast one is."""
    rows = connection.execute(
        "SELECT fast, medium, slow, exact FROM pane WHERE origin = ? ORDER BY fast, exact DESC", (origin,)
    ).fetchall()
    return Intervals(rows[0][0], min(row[1] for row in rows), min(row[2] for row in rows), bool(rows[0][3]))
