"""What the status bar says: the sums over all jobs, the request rate, and what changes how the list is seen."""

from app.dashboard.board import Board
from app.percent import whole_percent
from app.watch.forecast.texts import about
from app.watch.polling.budget import RequestGate
from widgets.model import Summary


def summary(board: Board, *, shown: int, rate: str, now: float) -> Summary:
    """The sums over all jobs of the list.

    Args:
        board: The list.
        shown: How many of its jobs the table shows.
        rate: The request rate in words; empty for none.
        now: Seconds since the epoch.
    """
    tally = board.tally
    return Summary(
        tally.counts(board.signs),
        tally.fraction,
        _progress(tally.fraction, tally.finish, now),
        rate,
        tuple(_notes(board, shown)),
    )


def request_rate(gate: RequestGate, shown: int) -> int:
    """How many requests were sent in the last minute, rounded to tens.

    Args:
        gate: The door they went through.
        shown: What is on the screen, which stays while it is right to a tenth, or to ten.
    """
    sent = gate.sent_last_minute()
    return shown if abs(sent - shown) < max(10, shown // 10) else round(sent, -1)


def rate_text(rate: int, gate: RequestGate) -> str:
    """The request rate beside the budget; empty for none."""
    return f"~{rate}/{gate.per_minute:.0f} req/min" if rate else ""


def _progress(fraction: float | None, finish: float | None, now: float) -> str:
    """How much of the unfinished jobs is done, and how long they will take; empty where there are none."""
    if fraction is None:
        return ""
    percent = f"{whole_percent(fraction * 100)}%"
    return percent if finish is None else f"{percent} {about(finish - now)}"


def _notes(board: Board, shown: int) -> list[str]:
    notes = []
    if board.marks:
        hidden = board.hidden(tuple(board.marks))
        notes.append(f"{len(board.marks)} marked" + (f" ({hidden} hidden)" if hidden else ""))
    if board.view.filter:
        notes.append(f"/{board.view.filter}: {shown} of {len(board)}")
    return notes
