"""What the job table reads and paints."""

import pytest
from textual.pilot import Pilot

from tests.ui.pane_host import frames, lines_in, text_on
from tests.ui.table_host import COLUMNS, names, plain_row, running_table
from widgets.model import Cell, Column, Heading, Tone

LINES = 11
SIZE = (100, LINES + 1)


async def painted(pilot: Pilot[None], sent: list[str]) -> None:
    for _ in range(100):
        await pilot.pause()
        if sent:
            return
    raise AssertionError("nothing was painted")


async def test_only_rows_on_the_screen_are_asked_for() -> None:
    async with running_table(10_000, size=SIZE) as (host, pilot):
        assert set(host.read) == set(names(LINES))
        host.read.clear()
        await pilot.press("G")
        assert set(host.read) == set(names(LINES, start=10_000 - LINES))
        host.read.clear()
        host.table.refresh_rows(names(10_000))
        assert len(host.read) == LINES
        host.read.clear()
        await pilot.press("k")
        assert not host.read


async def test_a_new_order_reads_only_rows_that_come_into_view() -> None:
    async with running_table(10_000, size=SIZE) as (host, pilot):
        host.read.clear()
        host.table.show([*names(5), *names(5, start=500), *names(495, start=5), *names(9495, start=505)])
        await pilot.pause()
        assert sorted(set(host.read)) == names(5, start=500)


async def test_hidden_and_equal_rows_are_not_painted() -> None:
    async with running_table(1000, size=SIZE) as (host, pilot):
        with frames() as sent:
            host.put("job-00500", cells={"stage": "Elsewhere"})
            host.put("job-00003")
            host.table.refresh_visible_rows()
            host.table.show([*names(500), *names(500, start=500)[::-1]])
            host.put("job-00002", cells={"stage": "Here"})
            await painted(pilot, sent)
        assert lines_in(sent) == [3]


async def test_a_row_changed_off_the_screen_is_current_when_scrolled_in() -> None:
    async with running_table(1000, size=SIZE) as (host, pilot):
        await pilot.press("G")
        host.put("job-00000", cells={"title": "Renamed"})
        await pilot.press("g")
        assert "Renamed" in host.lines()[1]


async def test_a_row_changes_after_the_styles_were_reset() -> None:
    async with running_table(3, size=SIZE) as (host, pilot):
        host.table.notify_style_update()  # as when a dialog opens; by itself it paints nothing
        host.put("job-00001", cells={"title": "Another title"})
        await pilot.pause()
        assert "Another title" in text_on(host)


async def test_a_cursor_step_repaints_two_lines_and_an_arrow_the_header_alone() -> None:
    async with running_table(1000, size=SIZE) as (host, pilot):
        with frames() as sent:
            await pilot.press("j")
            await painted(pilot, sent)
            assert lines_in(sent) == [1, 2]
            sent.clear()
            host.table.show_sorting("title", reverse=True)
            await painted(pilot, sent)
        assert lines_in(sent) == [0]
        assert "Title ▾" in host.lines()[0]


async def test_progress_marks_and_sentences_of_rows() -> None:
    rows = (
        plain_row("job-00000")._replace(fraction=None),
        plain_row("job-00001")._replace(fraction=0.0),
        plain_row("job-00002")._replace(marked=True),
        plain_row("job-00003")._replace(sentence=Cell("failed at 64%: no paper")),
        plain_row("job-00004"),
        plain_row("job-00005")._replace(muted=True),
        plain_row("job-00006")._replace(muted=True, marked=True),
    )
    async with running_table(30, *rows, size=SIZE) as (host, _):
        unknown, none, marked, sentence, plain, muted, both = host.lines()[1:8]
    assert "····" in unknown
    assert "·" not in none, "unknown progress is not drawn as none"
    assert [line[:2] for line in (unknown, none, marked, muted, both)] == ["▌ ", "  ", " ✱", " m", " ✱"]
    assert sentence.index("failed at 64%: no paper") == plain.index("in progress"), "it spans columns"
    assert "Writing" not in sentence
    assert sentence.index("~14m") == plain.index("~14m")


@pytest.mark.parametrize(
    ("time", "sentence", "shown"),
    [
        ("~14m", None, "ss…  ~14m  ob-0"),
        ("~14m", Cell("s" * 99), "ss…      ~14m  ob-0"),
        ("", None, "ss…    ob-0"),
        ("", Cell("s" * 99), "ss…    ob-0"),
    ],
    ids=["stage", "sentence", "stage without a time", "sentence without a time"],
)
async def test_a_long_stage_takes_the_blanks_before_the_time_and_a_sentence_the_place_of_none(
    time: str, sentence: Cell | None, shown: str
) -> None:
    async with running_table(1, size=SIZE) as (host, pilot):
        host.put("job-00000", cells={"stage": "s" * 99, "eta": time}, sentence=sentence)
        await pilot.pause()
        assert shown in host.lines()[1]


async def test_where_the_stage_is_hidden_a_sentence_takes_the_place_of_no_time() -> None:
    columns = tuple(column for column in COLUMNS if column.key != "stage")
    async with running_table(1, size=SIZE, columns=columns) as (host, pilot):
        host.put("job-00000", cells={"eta": ""}, sentence=Cell("s" * 99))
        await pilot.pause()
        assert "ss…    ob-0" in host.lines()[1]


NARROW = (
    COLUMNS[0],
    Column("progress", "Done", ((0, 4),)),
    Column("eta", "Time", ((0, 7),), right=True),
)


async def test_narrow_tables_keep_progress_aligned_and_show_a_word_instead_of_the_time() -> None:
    failed, cancelling, moderated = (
        plain_row(job_id)._replace(word=Cell(word))
        for job_id, word in zip(names(3), ("failed", "cancelling", "moderated"), strict=True)
    )
    moderated = moderated._replace(sentence=Cell("moderated at 25%"))
    async with running_table(5, failed, cancelling, moderated, columns=NARROW, size=(40, 12)) as (
        host,
        pilot,
    ):
        host.put("job-00003", cells={"title": "t" * 99, "progress": "5%"})
        host.put("job-00004", cells={"title": "t" * 99, "progress": "100%"})
        await pilot.pause()
        first, second, third, few, all_of_it = host.lines()[1:6]
    assert first.endswith("25%  failed")
    assert second.endswith(" 25% cancelling"), "while it runs it keeps its percentage"
    assert third.endswith("    moderated")
    assert few.index("…") == all_of_it.index("…"), "a long title leaves the blanks of the percentage"


async def test_a_word_in_the_time_column_of_a_wide_table_takes_the_room_that_it_needs() -> None:
    columns = tuple(column for column in COLUMNS if column.key in ("title", "progress", "eta"))
    async with running_table(1, columns=columns, size=(80, 12)) as (host, pilot):
        host.put("job-00000", cells={"eta": "no answer"}, word=Cell("no answer"))
        await pilot.pause()
        assert host.lines()[1].endswith("  no answer ")


async def test_a_time_too_long_for_its_column_loses_its_last_word() -> None:
    columns = (*NARROW[:2], NARROW[2]._replace(widths=((0, 4),)))
    async with running_table(1, columns=columns, size=(40, 12)) as (host, pilot):
        host.put("job-00000", cells={"eta": "~2h 20m"})
        await pilot.pause()
        assert host.lines()[1].endswith("25%  ~2h")


HEADINGS = (Heading("Running", Tone.RUNNING, 2), Heading("Done", Tone.DONE, 1, "D removes all"))


@pytest.mark.parametrize(
    ("rows", "heading_lines", "blank_lines"), [(15, 2, 2), (16, 2, 1), (17, 2, 0), (18, 0, 1)]
)
async def test_headings_never_cost_a_row(rows: int, heading_lines: int, blank_lines: int) -> None:
    async with running_table(rows, size=(100, 20)) as (host, pilot):
        host.table.show(
            names(rows), (Heading("Running", Tone.RUNNING, rows - 1), Heading("Done", Tone.DONE, 1))
        )
        await pilot.pause()
        texts = host.lines()[1:]
        assert sum("──" in text for text in texts if "Report" not in text) == heading_lines
        assert sum(not text.strip() for text in texts) == blank_lines
        assert host.table.visible_ids == tuple(names(rows))


async def test_keys_and_clicks_skip_headings() -> None:
    async with running_table(3, size=(100, 20)) as (host, pilot):
        host.table.show(names(3), HEADINGS)
        await pilot.press("j", "j")
        assert host.table.cursor == "job-00002"
        assert "▌" in host.lines()[6]
        await pilot.click("#jobs", offset=(20, 1))
        assert host.table.cursor == "job-00002"
        await pilot.click("#jobs", offset=(20, 2))
        assert host.table.cursor == "job-00000"
