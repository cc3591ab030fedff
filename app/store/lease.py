"""Decides which of several panes on one database polls: a lease per base URL, and a row per open pane.

Call the functions that write inside a transaction. Times are in seconds since the epoch, by the clock that all panes on
a machine share.
"""

from app.store.opening import Connection
from app.watch.polling.intervals import Intervals
from app.watch.polling.link import Link, LinkState
from app.watch.sharing.pane import LeaseState, Pane

LEASE_SECONDS = 10.0
"""How long a lease is valid without being renewed. The next heartbeat of another pane then acquires it: within 15 s in all."""

_LINKS = frozenset(Link)  # a newer dwtop may write others


def heartbeat(db: Connection, pane: Pane) -> LeaseState:
    """Record that a pane is alive; acquire, renew or release the lease.

    The lease is free if no pane holds it, if its holder did not renew it in time, or if it expires impossibly late
    because the clock was set back. A pane that is signed in differently from the last leader acquires it only if the
    leader's sign-in was rejected, or is not used by any other open pane.
    """
    now = db.now()
    db.execute("DELETE FROM pane WHERE seen < ? OR seen > ?", (now - LEASE_SECONDS, now + LEASE_SECONDS))
    db.execute(
        "INSERT OR REPLACE INTO pane (id, origin, sign_in, seen, fast, medium, slow, exact, wait_until)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (pane.id, db.origin, pane.account, now, *pane.intervals, pane.wait_until),
    )
    lease = db.execute(
        "SELECT holder, sign_in, refused, expires, link, reason, until FROM lease WHERE origin = ?",
        (db.origin,),
    ).fetchone()
    holder, sign_in, refused, expires, status, *why = lease or (None, pane.account, 0, 0.0, Link.UP)
    if holder != pane.id and not now < expires < now + 2 * LEASE_SECONDS:
        holder = None
    panes = db.execute(
        "SELECT id, sign_in, wait_until, fast, medium, slow, exact FROM pane WHERE origin = ?"
        " ORDER BY fast, exact DESC",
        (db.origin,),
    ).fetchall()
    others = [row for row in panes if row[0] != pane.id]
    sign_in_is_used = any(row[1] == sign_in for row in others)
    if holder is None and pane.eligible and (refused or sign_in == pane.account or not sign_in_is_used):
        holder = pane.id
    ours = holder == pane.id and pane.eligible
    link = None
    if holder == pane.id:  # it is the leader, or was until now
        db.execute(
            "INSERT OR REPLACE INTO lease (origin, holder, sign_in, refused, expires, link, reason, until)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                db.origin,
                pane.id if ours else None,
                pane.account,
                pane.link.status is Link.SIGNED_OUT,
                now + LEASE_SECONDS if ours else 0.0,
                *pane.link,
            ),
        )
    elif holder is not None:
        link = LinkState(Link(status), *why) if status in _LINKS else LinkState()
    *_, fast, medium, slow, exact = zip(*panes, strict=True)
    shortest = Intervals(fast[0], min(medium), min(slow), bool(exact[0]))  # see ORDER BY
    wait_until = max((row[2] for row in others if row[2] is not None), default=None)
    return LeaseState(ours, shortest, link, wait_until)


def state_of_others(db: Connection, pane_id: str) -> tuple[object, ...]:
    """What other panes wrote (the end of a wait, the leader and its link), to compare with an earlier result."""
    # Rounded, since each heartbeat computes the same moment a little differently.
    wait = "SELECT round(max(wait_until)) FROM pane WHERE origin = ? AND id != ?"
    lease = "SELECT holder, link, reason, round(until) FROM lease WHERE origin = ? AND holder != ?"
    this_pane = db.origin, pane_id
    return (*db.execute(wait, this_pane).fetchone(), *(db.execute(lease, this_pane).fetchone() or ()))


def leave(db: Connection, pane_id: str) -> None:
    """Remove a pane; if it was the leader, the lease is free."""
    db.execute("DELETE FROM pane WHERE id = ?", (pane_id,))
    db.execute(
        "UPDATE lease SET holder = NULL, expires = 0 WHERE origin = ? AND holder = ?", (db.origin, pane_id)
    )
