"""The figures as a table, beside their goals."""

from collections.abc import Mapping
from math import isnan
from statistics import fmean

from tests.backtest.baselines import BASELINES
from tests.backtest.measures import Errors, Rest, errors, rest
from tests.backtest.traces import STAGED
from tests.backtest.trial import OURS, Tally

LEARNED = 20
"""How many finished jobs count as having learned."""


def table(learned: Mapping[str, Tally], untaught: Mapping[str, Tally]) -> str:
    """The whole report as Markdown.

    Args:
        learned: What came of each family, learning as it goes.
        untaught: The same where every job is the first.
    """
    after = {
        family: errors(tally.cases, lambda case: case.seen >= LEARNED) for family, tally in learned.items()
    }
    never = {family: errors(tally.cases) for family, tally in untaught.items()}
    others = {family: rest(tally) for family, tally in learned.items()}
    parts = [
        f"## Error of the remaining time, once {LEARNED} jobs have been seen\n",
        _error_table(after),
        "\n## The same with an empty history\n",
        _error_table(never),
        "\n## Range, jitter, stalls and pacing\n",
        _rest_table(others),
        "\n## Goals\n",
        _goals(after, never, others),
    ]
    return "\n".join(parts) + "\n"


def _error_table(found: Mapping[str, list[Errors]]) -> str:
    methods = " / ".join((OURS, *BASELINES))
    lines = [
        f"Median absolute percentage error, {methods}, by share of the time passed.",
        "Cases that all four methods answer; in brackets ours where no baseline says anything.\n",
    ]
    marks = next(iter(found.values()))
    lines.append("| family | " + " | ".join(f"{one.mark:.0%}" for one in marks) + " | ratio to the best |")
    lines.append("|---|" + "---|" * (len(marks) + 1))
    for family, row in found.items():
        ratio = mean_ratio(row)
        cells = [_cell(one) for one in row]
        lines.append(
            f"| {family} | " + " | ".join(cells) + f" | {'-' if ratio is None else f'{ratio:.2f}'} |"
        )
    return "\n".join(lines)


def _cell(one: Errors) -> str:
    if not one.by_method:
        return "-" if one.everywhere is None else f"({one.everywhere:.0f})"
    texts = [f"{one.by_method[name]:.{1 if one.by_method[name] < 10 else 0}f}" for name in (OURS, *BASELINES)]
    return f"**{texts[0]}** / " + " / ".join(texts[1:]) + ("" if one.not_worse else " !")


def mean_ratio(row: list[Errors]) -> float | None:
    """Our mean error over all marks, as a share of the best baseline's; None without a common case."""
    known = [one for one in row if one.by_method]
    if not known:
        return None
    ours = fmean(one.by_method[OURS] for one in known)
    return ours / min(fmean(one.by_method[name] for one in known) for name in BASELINES)


def _rest_table(others: Mapping[str, Rest]) -> str:
    heads = (
        *(
            "family",
            "range holds",
            "at every poll",
            "width",
            "jitter",
            "linear's",
            "stalls found",
            "false hints",
        ),
        *("requests", "noticed after", "95 % within"),
    )
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for family, one in others.items():
        cells = [
            _percent(one.coverage),
            _percent(one.at_polls),
            f"{one.width:.2f}",
            f"{one.jitter:.2f} %",
            f"{one.linear_jitter:.2f} %",
            _percent(one.found),
            _percent(one.false_hints, 1),
            _percent(one.requests),
            f"{one.delay:.1f} s",
            f"{one.late:.1f} s",
        ]
        lines.append(f"| {family} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _percent(value: float, digits: int = 0) -> str:
    return "-" if isnan(value) else f"{100 * value:.{digits}f} %"


def _goals(
    after: Mapping[str, list[Errors]], never: Mapping[str, list[Errors]], others: Mapping[str, Rest]
) -> str:
    """Each goal, and the families that miss it."""
    ratios = {family: mean_ratio(after[family]) for family in after if family in STAGED}
    missed = {
        "error on staged families at most 0.6 times the best baseline's, mean of all marks": [
            family for family, ratio in ratios.items() if ratio is None or ratio > 0.6
        ],
        "nowhere worse than the best baseline (1.05 times, or one point)": _worse(after),
        "the same with an empty history": _worse(never),
        "the range holds the truth in 75 to 85 %": [
            f for f, one in others.items() if not 0.75 <= one.coverage <= 0.85
        ],
        "jitter at most a quarter of linear's where that is above 1 %, else at most 1 %": [
            family
            for family, one in others.items()
            if one.jitter > (one.linear_jitter / 4 if one.linear_jitter > 1 else 1.0)
        ],
        "stalls found within 1.5 times the stage's time in 95 %": [
            f for f, one in others.items() if one.found < 0.95
        ],
        "false hints on at most 1 % of healthy jobs": [
            f for f, one in others.items() if one.false_hints > 0.01
        ],
        "at most 40 % of the requests, noticed after 5 s, 15 s at the 95th percentile": [
            f for f, one in others.items() if one.requests > 0.4 or one.delay > 5 or one.late > 15
        ],
        "never in the past": [family for family, one in others.items() if one.negative],
    }
    return "\n".join(
        f"- {goal}: {'missed by ' + ', '.join(who) if who else 'met'}" for goal, who in missed.items()
    )


def _worse(found: Mapping[str, list[Errors]]) -> list[str]:
    texts = []
    for family, row in found.items():
        marks = [f"{one.mark:.0%}" for one in row if not one.not_worse]
        if marks:
            texts.append(f"{family} (at {', '.join(marks)})")
    return texts
