"""Which of several panes on one database polls: a lease per base URL, and the panes that are open.

Every function takes an open connection and is called inside a transaction. Times are seconds since the epoch, by
the one clock that all panes of a machine share.
"""

import sqlite3

from app.watch.polling.link import Link, LinkState
from app.watch.polling.pacing import Intervals
from app.watch.storage import LeaseState, Pane

LEASE_SECONDS = 12.0
"""How long a lease holds without being renewed."""

_LINKS = frozenset(Link)


def heartbeat(connection: sqlite3.Connection, origin: int, pane: Pane, now: float) -> LeaseState:
    """Renew a pane's presence; take, keep or give up the lead.

    The lead is free if nobody holds it, if its holder did not renew it in time, or if it ends impossibly late
    because the clock was set back. A pane with another sign-in than the last leader's takes it only if that sign-in
    was rejected, or no pane with it is open.

    Args:
        connection: Inside a transaction.
        origin: The base URL's number.
        pane: The pane.
        now: Seconds since the epoch.
    """
    connection.execute(
        "DELETE FROM pane WHERE seen < ? OR seen > ?", (now - LEASE_SECONDS, now + LEASE_SECONDS)
    )
    wanted = pane.intervals
    connection.execute(
        "INSERT INTO pane (id, origin, sign_in, seen, fast, medium, slow, exact) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET sign_in = excluded.sign_in, seen = excluded.seen, fast = excluded.fast,"
        " medium = excluded.medium, slow = excluded.slow, exact = excluded.exact",
        (pane.id, origin, pane.sign_in, now, wanted.fast, wanted.medium, wanted.slow, wanted.exact),
    )
    lease = connection.execute(
        "SELECT holder, sign_in, refused, expires, link, reason, until FROM lease WHERE origin = ?", (origin,)
    ).fetchone()
    holder, sign_in, refused, expires, *leaders_link = lease or (None, pane.sign_in, 0, 0.0, "up", "", None)
    if holder != pane.id and not now < expires < now + 2 * LEASE_SECONDS:
        holder = None
    others = [
        row[0]
        for row in connection.execute(
            "SELECT sign_in FROM pane WHERE origin = ? AND id <> ?", (origin, pane.id)
        )
    ]
    if holder is None and pane.eligible and (refused or sign_in == pane.sign_in or sign_in not in others):
        holder = pane.id
    ours = holder == pane.id and pane.eligible
    link = pane.link
    if ours:
        _write(connection, origin, pane, holder=pane.id, refused=False, expires=now + LEASE_SECONDS)
    elif holder == pane.id:  # it led until now
        _write(connection, origin, pane, holder=None, refused=link.status is Link.SIGNED_OUT, expires=0.0)
    elif holder is not None and leaders_link[0] in _LINKS:  # a newer dwtop may have others
        link = LinkState(Link(leaders_link[0]), *leaders_link[1:])
    else:
        link = LinkState()
    return LeaseState(ours, _shortest_intervals(connection, origin), link, len(others))


def leader(connection: sqlite3.Connection, origin: int) -> tuple[object, ...]:
    """What the lease says of the leader: who it is, and what it knows of the connection; equal while that is so."""
    query = "SELECT holder, link, reason, until FROM lease WHERE origin = ?"
    return connection.execute(query, (origin,)).fetchone() or ()


def leave(connection: sqlite3.Connection, origin: int, pane_id: str) -> None:
    """Remove a pane; if it led, the lead is free."""
    connection.execute("DELETE FROM pane WHERE id = ?", (pane_id,))
    connection.execute(
        "UPDATE lease SET holder = NULL, expires = 0 WHERE origin = ? AND holder = ?", (origin, pane_id)
    )


def _write(
    connection: sqlite3.Connection,
    origin: int,
    pane: Pane,
    *,
    holder: str | None,
    refused: bool,
    expires: float,
) -> None:
    link = pane.link
    connection.execute(
        "INSERT OR REPLACE INTO lease (origin, holder, sign_in, refused, expires, link, reason, until)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (origin, holder, pane.sign_in, refused, expires, link.status.value, link.reason, link.until),
    )


def _shortest_intervals(connection: sqlite3.Connection, origin: int) -> Intervals:
    """The shortest interval that any open pane wants, for each cadence; exact if the shortest fast one is."""
    rows = connection.execute(
        "SELECT fast, medium, slow, exact FROM pane WHERE origin = ? ORDER BY fast, exact DESC", (origin,)
    ).fetchall()
    return Intervals(rows[0][0], min(row[1] for row in rows), min(row[2] for row in rows), bool(rows[0][3]))
