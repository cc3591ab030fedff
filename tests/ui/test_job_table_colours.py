"""The table can be read in every theme, and its cursor be seen without colour."""

import pytest
from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from tests.ui.table_host import TableHost, names
from widgets.model import Row, Tone

SIZE = (100, 10)
LEAST_CONTRAST = 3.0  # what WCAG 2 asks of bold text; the themes' own status colours keep no more
COLOURED = sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi)
ANSI = sorted(name for name, theme in BUILTIN_THEMES.items() if theme.ansi)


def host_of_all_tones() -> TableHost:
    host = TableHost(len(Tone) + 1)
    for job_id, tone in zip(names(len(Tone)), Tone, strict=True):
        host.rows[job_id] = Row(job_id, tone, fraction=0.5, texts={"status": tone.value, "title": "Title"})
    return host


def contrast(one: RichColor | None, other: RichColor | None) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it, 1 to 21."""
    assert one is not None
    assert other is not None
    dark, light = sorted(luminance(Color.from_rich_color(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    """The relative luminance as WCAG 2 defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def styles_of(host: TableHost, line: int) -> list[tuple[str, Style]]:
    """The texts of a line that hold letters or digits, each with its style."""
    segments = host.table.render_line(line)
    return [
        (segment.text, segment.style)
        for segment in segments
        if segment.style and any(char.isalnum() for char in segment.text)
    ]


@pytest.mark.parametrize("theme", COLOURED)
async def test_texts_stand_out_in_every_theme(theme: str) -> None:
    host = host_of_all_tones()
    async with host.run_test(size=SIZE) as pilot:
        host.theme = theme
        for focused in (True, False):
            host.screen.set_focus(host.table if focused else None)
            for cursor in names(len(Tone)):
                host.table.move_to(cursor)
                await pilot.pause()
                for line in range(len(Tone) + 1):
                    for text, style in styles_of(host, line):
                        assert contrast(style.color, style.bgcolor) >= LEAST_CONTRAST, text


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", *ANSI])
@pytest.mark.parametrize("focused", [True, False])
async def test_without_colours_the_cursor_is_reversed(
    theme: str, focused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    host = host_of_all_tones()
    async with host.run_test(size=SIZE) as pilot:
        host.theme = theme
        host.screen.set_focus(host.table if focused else None)
        await pilot.pause()

        assert all(style.reverse for _, style in styles_of(host, 1))
        assert not any(style.reverse for _, style in styles_of(host, 2))


@pytest.mark.parametrize("theme", ANSI)
async def test_the_terminals_own_colours_show_the_cursor_with_and_without_focus(theme: str) -> None:
    host = host_of_all_tones()
    async with host.run_test(size=SIZE) as pilot:
        host.theme = theme
        await pilot.pause()
        for _, style in styles_of(host, 1):
            assert style.bgcolor
            assert not style.bgcolor.is_default
            assert style.color != style.bgcolor

        host.screen.set_focus(None)
        await pilot.pause()
        assert all(style.reverse for _, style in styles_of(host, 1))


async def test_a_new_theme_repaints_the_rows() -> None:
    host = host_of_all_tones()
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()
        before = styles_of(host, 2)
        host.theme = "textual-light"
        await pilot.pause()

        assert styles_of(host, 2) != before
