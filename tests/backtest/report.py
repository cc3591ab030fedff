"""What the backtest found, as Markdown."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from tests.backtest.trial import Outcome, mean_of_medians

PACED_AFTER = 20
"""After how many finished jobs stalls and pacing are told."""


def report(found: Mapping[str, Mapping[int, Outcome]], sizes: Sequence[int]) -> str:
    """Two tables: errors and ranges by finished jobs, and all else.

    Args:
        found: The outcomes by family and finished jobs.
        sizes: The numbers of finished jobs.
    """
    heads = ["family", "straight line", *(f"after {size}" for size in sizes)]
    lines = [_row(heads), "|---" * len(heads) + "|"]
    for family, by_size in found.items():
        line = mean_of_medians(by_size[sizes[-1]].line_errors)
        lines.append(_row([family, _number(line), *(_cell(by_size[size]) for size in sizes)]))
    means = []
    for size in sizes:
        known = [one for by_size in found.values() if (one := by_size[size]).error is not None]
        error = fmean(one.error or 0.0 for one in known) if known else None
        held = [holds for one in known for holds in one.held]
        means.append(f"**{_number(error)}** ({_percent(held)})")
    lines += [_row(["**mean**", "", *means]), ""]
    size = PACED_AFTER if PACED_AFTER in sizes else sizes[-1]
    heads = [
        "family",
        "shown",
        "changes",
        "jitter",
        "healthy marked",
        "hangs found",
        "requests",
        "end seen late",
    ]
    lines += [f"After {size} finished jobs:", "", _row(heads), "|---" * len(heads) + "|"]
    for family, by_size in found.items():
        one = by_size[size]
        lines.append(
            _row(
                [
                    family,
                    _percent(one.shown),
                    str(max(one.changes, default=0)),
                    _percent(one.jitter, 2),
                    _percent(one.marked, 1),
                    _percent(one.found),
                    _percent(one.requests),
                    f"{fmean(one.late):.1f} s" if one.late else "-",
                ]
            )
        )
    alike = [by_size[size] for by_size in found.values()]
    requests, late, marked = (
        [v for one in alike for v in getattr(one, name)] for name in ("requests", "late", "marked")
    )
    text = f"Over all: {_percent(requests)} of the requests, ends seen {fmean(late):.1f} s late"
    lines += ["", f"{text}, {_percent(marked, 1)} of the healthy jobs marked."]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(one: Outcome) -> str:
    return "-" if one.error is None else f"{_number(one.error)} ({_percent(one.held)})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _percent(values: Sequence[float], digits: int = 0) -> str:
    return f"{100 * fmean(values):.{digits}f} %" if values else "-"
