"""The stage timeline: one line a stage, bars on a common scale."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.detail.stage_timeline import StageTimeline, span_cells
from widgets.model import StageSpan, Tone

_OUTLINE = StageSpan("Outline", 0, 40, "40s", tone=Tone.DONE)
_DRAFT = StageSpan("Draft", 40, 100, "1m", running=True, tone=Tone.RUNNING)


def _drawn(*spans: StageSpan, width: int = 50, most: int = 12, ascii: bool = False) -> list[str]:
    timeline = StageTimeline(most=most, ascii=ascii)
    timeline.show(spans)
    lines = timeline.draw(width)
    assert all(line.cell_length <= width for line in lines)
    return [line.plain.rstrip() for line in lines]


def test_bars_follow_each_other_on_one_scale() -> None:
    assert _drawn(_OUTLINE, _DRAFT, width=35) == [
        "Outline  ━━━━━━━━╸              40s",
        "Draft            ╺━━━━━━━━━━━▶   1m",
    ]


def test_stages_stand_in_the_order_they_began() -> None:
    assert [line.split()[0] for line in _drawn(_DRAFT, _OUTLINE)] == ["Outline", "Draft"]


def test_what_does_not_fit_in_height_is_counted_and_the_latest_stay() -> None:
    spans = [StageSpan(f"s{n:02}", n, n + 1, "1s") for n in range(20)]
    lines = _drawn(*spans, most=5)
    assert len(lines) == 5
    assert lines[0] == "… 16 earlier stages"
    assert [line.split()[0] for line in lines[1:]] == ["s16", "s17", "s18", "s19"]


def test_narrow_panes_keep_name_and_length() -> None:
    (line,) = _drawn(StageSpan("Writing chapter 3", 0, 5, "12m 30s"), width=20)
    assert line == "Writing ch…  12m 30s"


def test_ascii_is_ascii_and_running_ends_in_an_arrow() -> None:
    lines = _drawn(_OUTLINE, _DRAFT, ascii=True)
    assert all(line.isascii() for line in lines)
    assert ">" in lines[1]
    assert ">" not in lines[0]


def test_no_stage_is_said() -> None:
    assert _drawn() == ["no stage seen at work"]


@given(
    st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 80), st.booleans(), st.booleans()
)
def test_every_stage_is_seen_within_the_scale(
    start: float,
    length: float,
    rest: float,
    width: int,
    running: bool,
    ascii: bool,
) -> None:
    span = StageSpan("x", start, start + length, "", running=running)
    cells = span_cells(span, 0.0, start + length + rest, width, ascii=ascii)
    assert len(cells) == width
    assert cells.strip()
    assert " " not in cells.strip()
