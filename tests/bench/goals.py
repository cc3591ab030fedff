"""The goals for speed and idle costs, and figures that are compared with them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    what: str
    value: float
    unit: str
    against: str = ""  # what it is compared with, in words with figures
    measure: float | None = None  # what the goal bounds: the figure, or its ratio to that one
    limit: float | None = None  # the goal

    @property
    def reached(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.measure is None or self.limit is None:
            return None
        return self.measure <= self.limit


def ratio(what: str, value: float, base: float, unit: str, base_name: str, limit: float | None) -> Result:
    return Result(what, value, unit, f"{base_name} {base:.4g} {unit}", value / base if base else None, limit)


def bound(what: str, value: float, unit: str, limit: float | None = None) -> Result:
    return Result(what, value, unit, "", value, limit)


def table(results: Iterable[Result]) -> str:
    lines = [f"{'what':58} {'figure':>14} {'measure':>9} {'goal':>7}     against", "-" * 120]
    for one in results:
        figure = f"{one.value:.4g} {one.unit}"
        measure = "" if one.measure is None else f"{one.measure:.3g}"
        goal = "" if one.limit is None else f"{one.limit:g}"
        verdict = {True: "ok", False: "NO", None: ""}[one.reached]
        lines.append(f"{one.what:58} {figure:>14} {measure:>9} {goal:>7} {verdict:3} {one.against}")
    return "\n".join(lines)


def save(results: Iterable[Result], path: Path) -> None:
    facts = [{**asdict(one), "reached": one.reached} for one in results]
    text = json.dumps({"version": 1, "results": facts}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
