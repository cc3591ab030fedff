"""Only what is on the screen is looked at, and only what looks different is sent."""

import re

import pytest
from textual.pilot import Pilot

from tests.ui.table_host import TableHost, names
from widgets.model import Row, Tone
from widgets.table.job_table import JobTable

LINES = 9
SIZE = (100, LINES + 1)


async def frame(host: TableHost, pilot: Pilot[None]) -> str:
    """What went to the terminal since the list was cleared, once there is something."""
    for _ in range(100):
        await pilot.pause()
        if host.frames:
            return "".join(host.frames)
    raise AssertionError("nothing was painted")


def touched(sent: str) -> list[int]:
    """The screen lines that a frame wrote to, from 0."""
    return sorted({int(line) - 1 for line in re.findall(r"\x1b\[(\d+);\d+H", sent)})


async def test_only_rows_on_the_screen_are_asked_for() -> None:
    host = TableHost(10_000)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert set(host.asked) == set(names(LINES))

        host.asked.clear()
        await pilot.press("G")
        assert set(host.asked) == set(names(LINES, start=10_000 - LINES))

        host.asked.clear()
        host.table.changed(names(10_000))
        assert len(host.asked) == LINES

        host.asked.clear()
        await pilot.press("k")
        assert not host.asked


async def test_a_new_order_asks_only_for_rows_that_come_into_view() -> None:
    host = TableHost(10_000)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()
        host.asked.clear()

        host.table.show([*names(5), *names(5, start=500), *names(495, start=5), *names(9495, start=505)])
        await pilot.pause()

        assert sorted(set(host.asked)) == names(LINES - 5, start=500)


async def test_a_changed_row_is_repainted_alone_and_for_few_bytes() -> None:
    host = TableHost(1000)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()
        host.frames.clear()

        host.put("job-00004", fraction=0.31, texts={"progress": "31%"})
        sent = await frame(host, pilot)

        assert touched(sent) == [5]
        assert "31%" in sent
        assert "Writing" not in sent  # the cells behind it
        assert len(sent.encode()) <= 300
        assert "31%" in host.lines()[5]


async def test_what_is_off_the_screen_or_looks_the_same_is_not_painted() -> None:
    host = TableHost(1000)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()
        host.frames.clear()

        host.put("job-00500", texts={"stage": "Elsewhere"})
        host.put("job-00003")
        host.table.redraw()
        host.table.show([*names(500), *names(500, start=500)[::-1]])
        host.put("job-00002", texts={"stage": "Here"})
        sent = await frame(host, pilot)

        assert touched(sent) == [3]


async def test_a_row_that_changed_off_the_screen_comes_back_as_it_is_now() -> None:
    host = TableHost(1000)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.press("G")
        host.put("job-00000", texts={"title": "Renamed"})
        await pilot.press("g")

        assert "Renamed" in host.lines()[1]


async def test_a_cursor_step_repaints_two_lines() -> None:
    host = TableHost(1000)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.press("j")
        host.frames.clear()

        await pilot.press("j")

        assert touched(await frame(host, pilot)) == [2, 3]


async def test_an_arrow_repaints_the_header_alone() -> None:
    host = TableHost(1000)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()
        host.frames.clear()

        host.table.sorted_by("title", reverse=True)
        sent = await frame(host, pilot)

        assert touched(sent) == [0]
        assert "Title▼" in host.lines()[0]


@pytest.mark.parametrize(
    "title", ["日本語のとても長い題名がここにあります" * 3, "cafe\u0301 🎉 party", "a" * 300, ""]
)
async def test_columns_stay_in_line_whatever_the_title(title: str) -> None:
    host = TableHost(3)
    host.rows["job-00001"] = Row("job-00001", texts={"title": title, "stage": "Writing", "eta": "~2m"})
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()
        plain, other = host.table.render_line(1), host.table.render_line(2)
        stage = plain.text.index("Writing")

        assert other.cell_length == plain.cell_length == SIZE[0]
        assert other.crop(stage, stage + 7).text == "Writing"
        assert ("…" in other.text) == (len(title) > 40)


async def test_unknown_progress_is_not_drawn_as_none() -> None:
    host = TableHost(2)
    host.rows["job-00000"] = Row("job-00000", fraction=None)
    host.rows["job-00001"] = Row("job-00001", fraction=0.0, texts={"progress": "0%"})
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()

        assert "····" in host.lines()[1]
        assert "·" not in host.lines()[2]


async def test_marks_and_cursor_have_signs_of_their_own() -> None:
    host = TableHost(3)
    host.rows["job-00002"] = Row("job-00002", marked=True)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()

        assert [line[0] for line in host.lines()[1:4]] == ["▌", " ", "◆"]


async def test_ascii_draws_nothing_else() -> None:
    host = TableHost(30, ascii_only=True)
    host.rows["job-00000"] = Row("job-00000", Tone.DONE, fraction=0.5, texts={"title": "long " * 30})
    host.rows["job-00001"] = Row("job-00001", Tone.DONE, marked=True, texts={"title": "short"})
    host.rows["job-00002"] = Row("job-00002", Tone.DONE, dim=True, fraction=1.0, texts={"progress": "100%"})
    async with host.run_test(size=SIZE) as pilot:
        host.table.sorted_by("title", reverse=False)
        await pilot.pause()

        lines = host.lines()[:4]
        assert all(line.isascii() for line in lines)
        assert "Title^" in lines[0]
        assert lines[1].startswith(">")
        assert "~" in lines[1]
        assert lines[2].startswith("*")
        assert "##]" in lines[3]


async def test_losing_the_focus_keeps_the_cursor_in_sight() -> None:
    host = TableHost(3)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.pause()
        focused = backgrounds(host.table, 1)
        host.screen.set_focus(None)
        await pilot.pause()

        assert len(backgrounds(host.table, 1) & backgrounds(host.table, 2)) <= 1  # at most the bar's track
        assert backgrounds(host.table, 1) != focused


def backgrounds(table: JobTable, line: int) -> set[object]:
    return {segment.style.bgcolor for segment in table.render_line(line) if segment.style}
