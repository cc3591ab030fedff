"""The errors as a picture: one small plot a family, written as SVG by hand."""

from collections.abc import Mapping
from html import escape
from math import log10

from tests.backtest.baselines import BASELINES
from tests.backtest.measures import Errors
from tests.backtest.trial import MARKS, OURS

_WIDTH, _HEIGHT = 230, 170
_COLUMNS = 5
_LEFT, _TOP, _RIGHT, _BOTTOM = 34, 26, 10, 24
_LOW, _HIGH = 1.0, 300.0
_BELOW = "Below: share of the time that had passed. Dashed: all jobs, also where no baseline says anything."
_TICKS = (1, 3, 10, 30, 100, 300)
_COLOURS = {OURS: "#0f766e", "linear": "#9333ea", "averaged": "#d97706", "last rate": "#9ca3af"}


def plot(found: Mapping[str, list[Errors]], note: str) -> str:
    """An SVG picture of the errors by share of the time passed, on a logarithmic scale.

    Args:
        found: The errors of each family at each mark.
        note: A line that says what was run.
    """
    rows = -(-len(found) // _COLUMNS)
    width, height = _COLUMNS * _WIDTH + 20, rows * _HEIGHT + 74
    size = f'width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11" fill="#1f2937">',
        f'<rect {size} fill="#ffffff"/>',
        '<text x="16" y="22" font-size="15" font-weight="bold">Error of the remaining time, in percent (median)</text>',
        f'<text x="16" y="38" fill="#6b7280">{escape(note)}</text>',
        _legend(width),
    ]
    for index, (family, row) in enumerate(found.items()):
        x, y = 10 + index % _COLUMNS * _WIDTH, 50 + index // _COLUMNS * _HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{_panel(family, row)}</g>')
    parts.append(f'<text x="16" y="{height - 8}" fill="#6b7280">{_BELOW}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(width: int) -> str:
    parts = []
    for index, name in enumerate((OURS, *BASELINES)):
        x = width - 360 + 90 * index
        parts.append(
            f'<line x1="{x}" y1="18" x2="{x + 18}" y2="18" stroke="{_COLOURS[name]}" stroke-width="2.5"/>'
        )
        parts.append(f'<text x="{x + 23}" y="22">{escape(name)}</text>')
    return "".join(parts)


def _panel(family: str, row: list[Errors]) -> str:
    parts = [f'<text x="{_LEFT}" y="16" font-weight="bold">{escape(family)}</text>']
    for tick in _TICKS:
        y = _y(tick)
        parts.append(f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#e5e7eb"/>')
        parts.append(
            f'<text x="{_LEFT - 5}" y="{y + 4}" text-anchor="end" fill="#6b7280" font-size="10">{tick}</text>'
        )
    below = f'y="{_HEIGHT - _BOTTOM + 14}" text-anchor="middle" fill="#6b7280" font-size="10"'
    parts.extend(f'<text x="{_x(mark)}" {below}>{mark:.0%}</text>' for mark in MARKS)
    alone = [(one.mark, one.everywhere) for one in row if one.everywhere is not None]
    parts.append(_line(alone, _COLOURS[OURS], 'stroke-dasharray="3 3"'))
    for name in (*BASELINES, OURS):
        values = [(one.mark, one.by_method[name]) for one in row if name in one.by_method]
        parts.append(_line(values, _COLOURS[name], ""))
    return "".join(parts)


def _line(values: list[tuple[float, float]], colour: str, style: str) -> str:
    points = " ".join(f"{_x(mark)},{_y(value)}" for mark, value in values)
    dots = "".join(
        f'<circle cx="{_x(mark)}" cy="{_y(value)}" r="2.4" fill="{colour}"/>' for mark, value in values
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" {style}/>{dots}'


def _x(mark: float) -> float:
    return round(_LEFT + mark * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(value: float) -> float:
    share = log10(min(max(value, _LOW), _HIGH) / _LOW) / log10(_HIGH / _LOW)
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)
