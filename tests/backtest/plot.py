"""The errors as an SVG picture, with one small plot for each family."""

from collections.abc import Mapping
from html import escape
from math import log10
from statistics import median

from tests.backtest.trial import MARKS, Outcome

_WIDTH, _HEIGHT, _COLUMNS = 230, 170, 5
_LEFT, _TOP, _RIGHT, _BOTTOM = 34, 26, 10, 24
_LOW, _HIGH, _TICKS = 1.0, 300.0, (1, 3, 10, 30, 100, 300)  # percent
_COLOURS = {0: "#9ca3af", 3: "#d97706", 20: "#0f766e", 160: "#1d4ed8"}
"""By the number of finished jobs."""
_LINE_COLOUR = "#9333ea"  # of the straight line


def plot(found: Mapping[str, Mapping[int, Outcome]], note: str) -> str:
    """An SVG picture of the errors by share of the time passed, on a logarithmic scale.

    Args:
        found: The outcomes by family and number of finished jobs.
        note: A line that says what was run.
    """
    width, height = _COLUMNS * _WIDTH + 20, -(-len(found) // _COLUMNS) * _HEIGHT + 74
    size = f'width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11" fill="#1f2937">',
        f'<rect {size} fill="#ffffff"/>',
        '<text x="16" y="22" font-size="15" font-weight="bold">Error of the remaining time, in percent (median)</text>',
        f'<text x="16" y="38" fill="#6b7280">{escape(note)}</text>',
        f'<text x="16" y="{height - 8}" fill="#6b7280">Below: share of the time that had passed.</text>',
    ]
    names = {f"after {count}": colour for count, colour in _COLOURS.items()} | {"straight line": _LINE_COLOUR}
    for index, (name, colour) in enumerate(names.items()):
        x = width - 470 + 90 * index
        parts.append(f'<line x1="{x}" y1="18" x2="{x + 18}" y2="18" stroke="{colour}" stroke-width="2.5"/>')
        parts.append(f'<text x="{x + 23}" y="22">{name}</text>')
    for index, (family, by_size) in enumerate(found.items()):
        x, y = 10 + index % _COLUMNS * _WIDTH, 50 + index // _COLUMNS * _HEIGHT
        parts.append(f'<g transform="translate({x} {y})">{_panel(family, by_size)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(family: str, by_size: Mapping[int, Outcome]) -> str:
    grey = 'fill="#6b7280" font-size="10"'
    parts = [f'<text x="{_LEFT}" y="16" font-weight="bold">{escape(family)}</text>']
    for tick in _TICKS:
        y = _y(tick)
        parts.append(f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4}" text-anchor="end" {grey}>{tick}</text>')
    for mark in MARKS:
        x, y = _x(mark), _HEIGHT - _BOTTOM + 14
        parts.append(f'<text x="{x}" y="{y}" text-anchor="middle" {grey}>{mark:.0%}</text>')
    curves = [(by_size[size].errors, colour) for size, colour in _COLOURS.items()]
    for errors, colour in [(by_size[0].line_errors, _LINE_COLOUR), *curves]:
        values = [(_x(mark), _y(100 * median(errors[mark]))) for mark in MARKS if mark in errors]
        points = " ".join(f"{x},{y}" for x, y in values)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="2.4" fill="{colour}"/>' for x, y in values]
    return "".join(parts)


def _x(mark: float) -> float:
    return round(_LEFT + mark * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(value: float) -> float:
    share = log10(min(max(value, _LOW), _HIGH) / _LOW) / log10(_HIGH / _LOW)
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)
