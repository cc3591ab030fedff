"""Contrast in the job table, and its cursor without colours."""

import pytest
from rich.color import Color as RichColor
from rich.style import Style
from textual.theme import BUILTIN_THEMES

from tests.ui.table_host import TableHost, names, plain_row
from widgets.model import Cell, Tone
from widgets.themes import DARK, LIGHT

SIZE = (100, 40)
ANSI = sorted(name for name, theme in BUILTIN_THEMES.items() if theme.ansi)


def host_of_all_tones() -> TableHost:
    """Two rows a tone: one with all cells in it, one with a sentence in it."""
    host = TableHost()
    for number, tone in enumerate(Tone):
        cells, sentence = names(2, start=2 * number)
        plain = plain_row(cells)
        toned = {key: cell._replace(tone=tone) for key, cell in plain.cells.items()}
        host.rows[cells] = plain._replace(cells=toned, bar=tone, marked=True)
        host.rows[sentence] = plain._replace(id=sentence, sentence=Cell("a sentence", tone))
    host.count = 2 * len(Tone)
    return host


def styles_of(host: TableHost, line: int) -> list[tuple[str, Style]]:
    """The texts of a line that hold letters or digits, each with its style."""
    segments = host.table.render_line(line)
    return [
        (segment.text, segment.style)
        for segment in segments
        if segment.style and any(char.isalnum() for char in segment.text)
    ]


def style_of(host: TableHost, line: int, text: str) -> Style:
    segment = next(segment for segment in host.table.render_line(line) if text in segment.text)
    assert segment.style
    return segment.style


@pytest.mark.parametrize(
    ("theme", "no_color"),
    [*((theme, True) for theme in (DARK.name, LIGHT.name, *ANSI)), *((theme, False) for theme in ANSI)],
)
async def test_without_colours_and_in_the_terminals_own_the_cursor_is_reversed(
    theme: str, no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    host = host_of_all_tones()
    async with host.run_test(size=SIZE) as pilot:
        host.theme = theme
        await pilot.pause()
        assert all(style.reverse for _, style in styles_of(host, 1))
        assert not any(style.reverse for _, style in styles_of(host, 2))
        if not no_color:
            glyph, edge = style_of(host, 2, "▸"), style_of(host, 1, "▌")
            assert glyph.color
            blue = "bright_blue" if BUILTIN_THEMES[theme].dark else "blue"
            assert glyph.color.number == RichColor.parse(blue).number
            assert edge.bgcolor, "reversed, it is the colour of the edge"
            assert edge.bgcolor.number == RichColor.parse("magenta").number


@pytest.mark.parametrize("no_color", [False, True])
async def test_in_the_terminals_own_colours_what_is_secondary_is_dim(
    no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    host = host_of_all_tones()
    async with host.run_test(size=SIZE) as pilot:
        host.theme = ANSI[0]
        await pilot.pause()
        for number, tone in enumerate(Tone):
            if number:  # not on the cursor row
                is_dim = bool(style_of(host, 2 * number + 2, "a sentence").dim)
                assert is_dim == (tone in (Tone.SECONDARY, Tone.WAITING, Tone.FAINT)), tone
        track = style_of(host, 3, "──")
        assert bool(track.dim) == no_color, "else it is grey"
