"""The errors as a picture: one small plot a family, written as SVG by hand."""

from collections.abc import Mapping
from html import escape
from math import log10
from statistics import median

from tests.backtest.trial import MARKS, Outcome

_WIDTH, _HEIGHT = 230, 170
_COLUMNS = 5
_LEFT, _TOP, _RIGHT, _BOTTOM = 34, 26, 10, 24
_LOW, _HIGH = 1.0, 300.0
_BELOW = "Below: share of the time that had passed."
_TICKS = (1, 3, 10, 30, 100, 300)
_COLOURS = {0: "#9ca3af", 3: "#d97706", 20: "#0f766e", 160: "#1d4ed8"}
"""By finished jobs; the straight line is purple."""
_LINE, _LINE_COLOUR = "straight line", "#9333ea"


def plot(found: Mapping[str, Mapping[int, Outcome]], note: str) -> str:
    """An SVG picture of the errors by share of the time passed, on a logarithmic scale.

    Args:
        found: The outcomes by family and finished jobs.
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
    names = {f"after {size}": colour for size, colour in _COLOURS.items()} | {_LINE: _LINE_COLOUR}
    for index, (name, colour) in enumerate(names.items()):
        x = width - 470 + 90 * index
        parts.append(f'<line x1="{x}" y1="18" x2="{x + 18}" y2="18" stroke="{colour}" stroke-width="2.5"/>')
        parts.append(f'<text x="{x + 23}" y="22">{escape(name)}</text>')
    return "".join(parts)


def _panel(family: str, by_size: Mapping[int, Outcome]) -> str:
    parts = [f'<text x="{_LEFT}" y="16" font-weight="bold">{escape(family)}</text>']
    for tick in _TICKS:
        y = _y(tick)
        parts.append(f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#e5e7eb"/>')
        parts.append(
            f'<text x="{_LEFT - 5}" y="{y + 4}" text-anchor="end" fill="#6b7280" font-size="10">{tick}</text>'
        )
    below = f'y="{_HEIGHT - _BOTTOM + 14}" text-anchor="middle" fill="#6b7280" font-size="10"'
    parts.extend(f'<text x="{_x(mark)}" {below}>{mark:.0%}</text>' for mark in MARKS)
    parts.append(_line(by_size[max(by_size)].line_errors, _LINE_COLOUR))
    parts.extend(_line(by_size[size].errors, colour) for size, colour in _COLOURS.items() if size in by_size)
    return "".join(parts)


def _line(errors: Mapping[float, list[float]], colour: str) -> str:
    values = [(_x(mark), _y(100 * median(errors[mark]))) for mark in MARKS if mark in errors]
    points = " ".join(f"{x},{y}" for x, y in values)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.4" fill="{colour}"/>' for x, y in values)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'


def _x(mark: float) -> float:
    return round(_LEFT + mark * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(value: float) -> float:
    share = log10(min(max(value, _LOW), _HIGH) / _LOW) / log10(_HIGH / _LOW)
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)
