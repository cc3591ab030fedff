"""Records the animation at the top of the README from the demo in a real terminal: `python -m tests.animation [FILE]`.

The result is an SVG with an animation in CSS, which browsers also play in pages that allow no scripts. Equal lines of the
screen are stored once. Recording takes a minute, and the picture plays at twice that speed.
"""

import math
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from pyte.screens import Char

from tests.terminal.pane import Pane

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "demo.svg"
SIZE = (110, 28)
SPEED = 2.0
SECONDS = 57.0
"""How long is recorded: a job completes after 8 s, another after 42 s, and one fails after 50 s."""

STEP_SECONDS = 0.25
KEY_SECONDS = 1.5
"""How long the name of a pressed key stays in the picture."""

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 8.4, 18, 14
HEAD, EDGE = 30, 10
FOREGROUND, BACKGROUND = "#d0d0d0", "#121212"

Line = tuple[Char, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The screen at a moment."""

    at: float  # seconds from the beginning
    lines: tuple[Line, ...]
    key: str  # the key that was pressed last, by its name on keyboards; empty if that is a while ago


def record() -> list[Frame]:
    frames: list[Frame] = []
    with Pane(sys.executable, "-m", "app", "--demo", size=SIZE) as pane:
        pane.wait_for(lambda pane: "DEMO" in pane.text and "%" in pane.text, 60)
        start = time.monotonic()
        pressed = ("", -KEY_SECONDS)
        keys = _keys(pane)
        due, key, name = next(keys)
        while (now := time.monotonic() - start) < SECONDS:
            if now >= due:
                pane.press(key)
                pressed, due = (name, now), math.inf
            pane.written_during(STEP_SECONDS)
            if due == math.inf:  # only now, since which key comes next depends on the screen
                due, key, name = next(keys)
            lines = pane.styled_cells
            shown = pressed[0] if now - pressed[1] < KEY_SECONDS else ""
            if not frames or (lines, shown) != (frames[-1].lines, frames[-1].key):
                frames.append(Frame(now, lines, shown))
        pane.press("q")
        pane.wait_exit(30)
    return frames


def _keys(pane: Pane) -> Iterator[tuple[float, str, str]]:
    """What is pressed: seconds from the beginning, the key, and its name."""
    yield 10.0, "enter", "Enter"
    yield 17.0, "escape", "Esc"
    at = 20.0
    while not any("▌" in line[:2] and "Post-quantum" in line for line in pane.screen) and at < 30:
        yield at, "k", "k"
        at += 0.5
    yield at + 2, "x", "x"
    yield at + 6, "y", "y"
    yield SECONDS, "", ""


def draw(frames: list[Frame]) -> str:
    columns, rows = SIZE
    width, height = columns * CELL_WIDTH, rows * CELL_HEIGHT
    colours: dict[str, str] = {}
    known: dict[Line, str] = {}

    def colour(value: str) -> str:
        return colours.setdefault(value, f"c{len(colours)}")

    film = []
    for number, frame in enumerate(frames):
        top = number * (height + HEAD)
        if frame.key:
            film.append(f'<text class="k" x="{width:g}" y="{top + 20:g}">{escape(frame.key)}</text>')
        for row, line in enumerate(frame.lines):
            name = known.setdefault(line, f"l{len(known)}")
            film.append(f'<use href="#{name}" y="{top + HEAD + row * CELL_HEIGHT:g}"/>')
    lines = [f'<g id="{name}">{_draw_line(line, colour)}</g>' for line, name in known.items()]
    total = SECONDS / SPEED
    stops = "".join(
        f"{0 if number == 0 else 100 * frame.at / SECONDS:.2f}%{{transform:translateY({-number * (height + HEAD):g}px)}}"
        for number, frame in enumerate(frames)
    )
    fills = "".join(f".{name}{{fill:{value}}}" for value, name in colours.items())
    style = (
        f"text{{font:{FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
        f"}}.b{{font-weight:bold}}.i{{font-style:italic}}.u{{text-decoration:underline}}"
        f".k{{fill:#ffd75f;text-anchor:end;font-weight:bold}}.t{{fill:#8a8a8a}}{fills}"
        f"@keyframes film{{{stops}}}.film{{animation:film {total:g}s step-end infinite}}"
        "@media(prefers-reduced-motion:reduce){.film{animation:none}}"
    )
    box = f"{width + 2 * EDGE:g} {height + HEAD + EDGE:g}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 {box}">',
            f"<style>{style}</style>",
            f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>',
            f'<text class="t" x="{EDGE}" y="20">dwtop --demo</text>',
            f"<defs>{''.join(lines)}</defs>",
            f'<svg x="{EDGE}" width="{width:g}" height="{height + HEAD:g}"><g class="film">',
            *film,
            "</g></svg>",
            "</svg>\n",
        ]
    )


def _draw_line(line: Line, colour: Callable[[str], str]) -> str:
    """One line: the backgrounds that differ, then the texts, each as wide as its cells whatever the font."""
    parts = []
    column = 0
    for look, cells in groupby(line, _look):
        run = list(cells)
        foreground, background, classes = look
        x, width = column * CELL_WIDTH, len(run) * CELL_WIDTH
        if background != BACKGROUND:
            parts.append(
                f'<rect class="{colour(background)}" x="{x:.1f}" width="{width:.1f}" height="{CELL_HEIGHT}"/>'
            )
        names = " ".join((colour(foreground), *classes))
        # One letter a cell: the second cell of a wide character is empty.
        for words in re.finditer(r"[^ ]+(?: [^ ]+)*", "".join(cell.data[:1] or "\0" for cell in run)):
            text = "".join(cell.data for cell in run[words.start() : words.end()])
            parts.append(
                f'<text class="{names}" x="{x + words.start() * CELL_WIDTH:.1f}" y="13.5"'
                f' textLength="{len(words[0]) * CELL_WIDTH:.1f}" lengthAdjust="spacingAndGlyphs">'
                f"{escape(text, quote=False)}</text>"
            )
        column += len(run)
    return "".join(parts)


def _look(cell: Char) -> tuple[str, str, tuple[str, ...]]:
    foreground, background = _rgb(cell.fg, FOREGROUND), _rgb(cell.bg, BACKGROUND)
    if cell.reverse:
        foreground, background = background, foreground
    marks = (("b", cell.bold), ("i", cell.italics), ("u", cell.underscore))
    return foreground, background, tuple(name for name, is_on in marks if is_on)


def _rgb(name: str, default: str) -> str:
    return default if name == "default" else f"#{name}"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else PICTURE
    target.write_text(draw(record()), encoding="utf-8", newline="\n")
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")
