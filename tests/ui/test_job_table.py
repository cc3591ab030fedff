"""The cursor and the scroll position of the job table, and the input that moves them."""

import pytest
from textual.events import MouseScrollDown

from tests.ui.table_host import names, running_table
from widgets.table.job_table import JobTable

LINES = 11
SIZE = (100, LINES + 1)


def cursor_line(table: JobTable) -> int:
    assert table.cursor is not None
    return table.visible_ids.index(table.cursor)


async def test_the_first_row_has_the_cursor_and_the_same_order_again_changes_nothing() -> None:
    async with running_table(3, size=SIZE) as (host, pilot):
        assert (host.table.cursor, host.table.visible_ids) == ("job-00000", tuple(names(3)))
        host.table.show(names(3))
        await pilot.pause()
        assert not host.table.move_to("job-00009"), "a job without a row"
        assert host.table.position("job-00009") is None
        assert host.table.cursor == "job-00000"
        assert len(host.posted_of(JobTable.Highlighted)) == 1
        assert len(host.posted_of(JobTable.Viewport)) == 1


async def test_the_cursor_keeps_its_job_and_line_in_a_new_order() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        await pilot.press(*["j"] * 20)
        line = cursor_line(host.table)
        host.posted.clear()
        host.table.show(names(100)[::-1])
        await pilot.pause()
        assert host.table.cursor == "job-00020"
        assert host.table.position("job-00020") == 79
        assert cursor_line(host.table) == line
        assert not host.posted_of(JobTable.Highlighted)
        assert not host.posted_of(JobTable.Moved)


async def test_the_cursor_stays_with_its_job_or_goes_to_the_nearest_one_left() -> None:
    async with running_table(0, size=SIZE) as (host, _):
        for before, cursor, after, now in (
            ("abcd", "b", "dcba", "b"),
            ("abcd", "b", "xabcd", "b"),
            ("abcd", "b", "acd", "c"),
            ("abcd", "b", "da", "d"),
            ("abcd", "d", "abc", "c"),
            ("abcd", "d", "ax", "a"),
            ("abcd", "c", "xyz", "x"),
            ("abcd", "c", "", None),
        ):
            host.table.show(before)
            assert host.table.move_to(cursor)
            host.table.show(after)
            assert host.table.cursor == now, (before, cursor, after)
            host.table.move_cursor(9)
            assert host.table.cursor == (after[-1] if after else None)


@pytest.mark.parametrize("count", [1, 50])
async def test_rows_added_above_do_not_scroll_the_screen(count: int) -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        host.table.move_to("job-00050")
        await pilot.pause()
        visible = host.table.visible_ids
        host.table.show(names(count, start=1000) + names(100))
        await pilot.pause()
        assert host.table.visible_ids == visible
        assert host.table.cursor == "job-00050"


async def test_with_the_cursor_scrolled_away_the_first_remaining_line_stays() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        host.table.scroll_to(y=50, animate=False)
        await pilot.pause()
        left = [job_id for job_id in names(100) if job_id not in ("job-00050", "job-00051", "job-00052")]
        host.table.show([*names(7, start=1000), *left])
        await pilot.pause()
        assert host.table.visible_ids[3:] == tuple(names(LINES - 3, start=53))
        assert host.table.cursor == "job-00000"


async def test_the_cursor_of_a_removed_job_moves_to_the_next_row() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        host.table.move_to("job-00050")
        host.table.move_to("job-00047")
        line = cursor_line(host.table)
        host.table.show([job_id for job_id in names(100) if job_id not in ("job-00047", "job-00048")])
        await pilot.pause()
        assert host.table.cursor == "job-00049"
        assert cursor_line(host.table) == line
        assert host.posted_of(JobTable.Highlighted)


async def test_rows_that_go_leave_no_gap_at_the_end() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        await pilot.press("G")
        host.table.show(names(95))
        await pilot.pause()
        assert host.table.cursor == "job-00094"
        assert host.table.visible_ids == tuple(names(LINES, start=95 - LINES))


async def test_a_scrollbar_that_is_held_follows_the_number_of_rows() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        scrollbar = host.table.vertical_scrollbar
        assert scrollbar.window_virtual_size > 100
        host.table.show([], hold_scrollbar=True)
        await pilot.pause()
        assert scrollbar.display
        assert scrollbar.window_virtual_size <= scrollbar.window_size


async def test_an_empty_table_takes_every_key_and_has_no_cursor() -> None:
    async with running_table(2, size=SIZE) as (host, pilot):
        await pilot.click("#jobs", offset=(30, 7))
        assert not host.posted_of(JobTable.Moved), "there is no row below the last"
        host.table.show([])
        await pilot.press("j", "k", "G", "g", "pageup", "pagedown", "ctrl+d", "ctrl+u")
        await pilot.click("#jobs", offset=(5, 3))
        assert host.table.cursor is None
        assert host.table.visible_ids == ()
        assert host.posted_of(JobTable.Highlighted)
        assert all(not line.strip() for line in host.lines()[1:])


@pytest.mark.parametrize("size", [(200, 60), (40, 8), (20, 2), (8, 1), (1, 1)])
async def test_any_pane_shows_the_row_of_the_cursor(size: tuple[int, int]) -> None:
    async with running_table(100, size=size) as (host, pilot):
        await pilot.press("j", "j", "j")
        assert host.table.cursor == "job-00003"
        assert "job-00003" in host.table.visible_ids
        assert ("Title" in host.lines()[0]) == (size[1] >= 12)
        assert all(
            strip.cell_length == host.table.size.width
            for strip in map(host.table.render_line, range(size[1]))
        )


@pytest.mark.parametrize("in_view", [True, False])
async def test_many_resizes_keep_the_cursor_in_view_or_else_the_scroll_position(in_view: bool) -> None:
    async with running_table(1000, size=(120, 40)) as (host, pilot):
        if in_view:
            host.table.move_to("job-00500")
        else:
            host.table.scroll_to(y=500, animate=False)
        await pilot.pause()
        host.posted.clear()
        for step in range(20):
            await pilot.resize_terminal(3 + step * 37 % 150, 1 + step * 17 % 50)
        await pilot.resize_terminal(*SIZE)
        assert host.table.cursor == ("job-00500" if in_view else "job-00000")
        assert "job-00500" in host.table.visible_ids
        assert in_view or host.table.visible_ids[0] == "job-00500"
        assert len(host.table.visible_ids) == LINES
        assert not host.posted_of(JobTable.Moved)


KEYS = {
    "j": 1,
    "down down k": 1,
    "up": 0,
    "G": 99,
    "end j": 99,
    "end home": 0,
    "pagedown": 11,
    "pagedown pagedown pageup": 11,
    "ctrl+d": 5,
    "ctrl+d ctrl+d ctrl+u": 5,
    "G pagedown": 99,
    "j j pagedown": 13,
}


async def test_keys_move_the_cursor() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        for keys, cursor in KEYS.items():
            await pilot.press("g")
            host.posted.clear()
            await pilot.press(*keys.split())
            assert host.table.cursor == names(100)[cursor], keys
            assert host.table.cursor in host.table.visible_ids, keys
            assert len(host.posted_of(JobTable.Moved)) == len(keys.split()), keys
        assert host.table.visible_ids == tuple(names(LINES, start=11)), "a page takes the screen along"


async def test_the_screen_scrolls_by_the_least() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        await pilot.press(*["j"] * (LINES - 1))
        assert host.table.visible_ids == tuple(names(LINES))
        await pilot.press("j")
        assert host.table.visible_ids == tuple(names(LINES, start=1))
        await pilot.press(*["k"] * (LINES - 1))
        assert host.table.visible_ids == tuple(names(LINES, start=1))


async def test_the_wheel_leaves_the_cursor_and_a_key_returns_to_it() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        for _ in range(20):
            await pilot._post_mouse_events([MouseScrollDown], host.table, offset=(5, 5), button=0)
        await pilot.pause()
        assert host.table.cursor == "job-00000"
        assert "job-00000" not in host.table.visible_ids
        assert host.posted_of(JobTable.Moved)
        assert host.posted_of(JobTable.Viewport)
        await pilot.press("j")
        assert host.table.cursor == "job-00001"
        assert host.table.visible_ids[0] == "job-00001"


async def test_a_click_selects_a_double_click_opens_and_one_on_a_header_names_its_column() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        await pilot.click("#jobs", offset=(30, 4))
        assert host.table.cursor == "job-00003"
        assert not host.posted_of(JobTable.Opened)
        await pilot.double_click("#jobs", offset=(30, 6))
        assert host.table.cursor == "job-00005"
        assert len(host.posted_of(JobTable.Opened)) == 1
        for x in (4, 24, 40, 91):
            await pilot.click("#jobs", offset=(x, 0))
        pressed = [message.key for message in host.posted_of(JobTable.HeaderPressed)]
        assert pressed == ["title", "title", "status", "id"]
        assert host.table.cursor == "job-00005"


async def test_every_key_can_be_remapped_and_explains_itself() -> None:
    async with running_table(100, size=SIZE) as (host, pilot):
        host.set_keymap({"table.down": "n"})
        await pilot.press("n", "n")
        assert host.table.cursor == "job-00002"
        bindings = [
            bound.binding for bound in host.screen.active_bindings.values() if bound.node is host.table
        ]
        assert len({binding.id for binding in bindings}) == 8
        assert all(binding.tooltip for binding in bindings)
