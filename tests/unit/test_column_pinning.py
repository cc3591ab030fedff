"""Each piece of text stays in its column, even on terminals that disagree about the width of characters."""

import re
import unicodedata
from collections.abc import Callable

import pyte
import pyte.screens
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from app.dashboard.platform.column_pinning import pin_columns

WIDTHS: dict[str, Callable[[str], int]] = {
    "ambiguous is wide": lambda char: (
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "AFW" else 1
    ),
    "all but CJK is narrow": lambda char: 2 if "\u3000" <= char <= "\u9fff" else 1,
    "all but ASCII is wide": lambda char: 1 if char.isascii() else 2,
    "marks of any kind take no cell": lambda char: (
        0 if unicodedata.category(char) in ("Mn", "Mc", "Cf") else max(cell_len(char), 1)
    ),
}
TEXTS = [
    "नमस्ते दुनिया",
    "Привет мир",
    "café",
    "深く書く",
    "👩\u200d💻 ok",
    "1\ufe0f\u20e3",
    "e\u0301\u0301x",
    "▌ ▶ in",
    "━━━━",
    "no…",
    "กำ",
]


def drawn(output: str) -> list[str]:
    """The cells of a line of 60, filled with `#` before the output is drawn."""
    screen = pyte.Screen(60, 1)
    screen.reset_mode(pyte.modes.DECAWM)
    pyte.Stream(screen).feed(f"\x1b[1;1H{'#' * 60}{output}")
    return [screen.buffer[0][column].data for column in range(60)]


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("text", TEXTS)
def test_other_widths_move_nothing(widths: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyte.screens, "wcwidth", WIDTHS[widths])
    for between in (" ", "  ", " \x1b[1m", "\x1b[0m \x1b[31m"):
        cells = drawn(pin_columns(f"\x1b[1;5HA{text}{between}10% {text} |"))
        start = 5 + cell_len(text) + between.count(" ")
        assert "".join(cells[start : start + 3]) == "10%"
        assert cells[start + 5 + cell_len(text)] == "|"
        assert "#" not in "".join(cells[4:start])


def test_output_without_a_position_or_in_ascii_is_unchanged() -> None:
    for output in (
        "\x1b]2;caf\u00e9 ok\x07",
        "caf\u00e9 au lait",
        "\x1b[3;4HASCII \x1b[1monly",
        "\x1b[1;1H\x1b]8;;h\u00e9 h\x07x",
    ):
        assert pin_columns(output) == output


def test_pins_cost_a_few_bytes_for_each_piece() -> None:
    row = "\x1b[3;1H\x1b[1m▌ ▶ in progress  \x1b[0mOù est l'été à Orléans    ━━━━━   10%"
    assert len(pin_columns(row).encode()) - len(row.encode()) <= 5 * len("\x1b[99G")


@given(
    st.lists(st.sampled_from(["\x1b[2;3H", "\x1b[1m", "\n", "é", "ab c", "深", " ", "\u0301", "👩"])).map(
        "".join
    )
)
def test_no_text_is_lost(output: str) -> None:
    def plain(text: str) -> str:
        return re.sub(r"\x1b\[(?:2;3H|1m|\d+G)| ", "", text)

    assert plain(pin_columns(output)) == plain(output)
