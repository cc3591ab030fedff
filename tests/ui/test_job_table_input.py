"""Keys and mouse move the cursor, and the screen no further than it takes."""

import pytest
from textual.events import MouseScrollDown

from tests.ui.table_host import TableHost, names
from widgets.table.job_table import JobTable

LINES = 11
SIZE = (100, LINES + 1)


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["j"], 1),
        (["down", "down", "k"], 1),
        (["up"], 0),
        (["G"], 99),
        (["end", "j"], 99),
        (["G", "g"], 0),
        (["end", "home"], 0),
        (["pagedown"], 11),
        (["pagedown", "pagedown", "pageup"], 11),
        (["ctrl+d"], 5),
        (["ctrl+d", "ctrl+d", "ctrl+u"], 5),
        (["G", "pagedown"], 99),
    ],
)
async def test_keys_move_the_cursor(keys: list[str], cursor: int) -> None:
    host = TableHost(100)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.press(*keys)

        assert host.table.cursor == names(100)[cursor]
        assert host.table.cursor in host.table.visible_ids
        assert len(host.told_of(JobTable.Moved)) == len(keys)
        assert host.told_of(JobTable.Highlighted)[-1].job_id == host.table.cursor


async def test_the_screen_scrolls_by_the_least() -> None:
    host = TableHost(100)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.press(*["j"] * (LINES - 1))
        assert host.table.visible_ids == tuple(names(LINES))

        await pilot.press("j")
        assert host.table.visible_ids == tuple(names(LINES, start=1))

        await pilot.press(*["k"] * (LINES - 1))
        assert host.table.visible_ids == tuple(names(LINES, start=1))


async def test_a_page_takes_the_screen_along() -> None:
    host = TableHost(100)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.press("j", "j", "pagedown")

        assert host.table.cursor == "job-00013"
        assert host.table.visible_ids == tuple(names(LINES, start=11))


async def test_the_wheel_leaves_the_cursor_and_the_next_key_brings_it_back() -> None:
    host = TableHost(100)
    async with host.run_test(size=SIZE) as pilot:
        for _ in range(20):
            await pilot._post_mouse_events([MouseScrollDown], host.table, offset=(5, 5), button=0)
        await pilot.pause()
        assert host.table.cursor == "job-00000"
        assert "job-00000" not in host.table.visible_ids
        assert host.told_of(JobTable.Moved)
        assert host.told_of(JobTable.Viewport)[-1].ids == host.table.visible_ids

        await pilot.press("j")

        assert host.table.cursor == "job-00001"
        assert host.table.visible_ids[0] == "job-00001"


async def test_a_click_selects_and_a_double_click_opens() -> None:
    host = TableHost(100)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.click("#jobs", offset=(30, 4))
        assert host.table.cursor == "job-00003"
        assert not host.told_of(JobTable.Opened)

        await pilot.double_click("#jobs", offset=(30, 6))
        await pilot.pause()
        assert host.table.cursor == "job-00005"
        assert [told.job_id for told in host.told_of(JobTable.Opened)] == ["job-00005"]


async def test_a_click_below_the_last_row_does_nothing() -> None:
    host = TableHost(2)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.click("#jobs", offset=(30, 7))
        await pilot.pause()

        assert host.table.cursor == "job-00000"
        assert not host.told_of(JobTable.Moved)


@pytest.mark.parametrize(("x", "key"), [(4, "title"), (24, "title"), (40, "status"), (91, "id")])
async def test_a_click_on_a_header_names_its_column(x: int, key: str) -> None:
    host = TableHost(100)
    async with host.run_test(size=SIZE) as pilot:
        await pilot.click("#jobs", offset=(x, 0))
        await pilot.pause()

        assert [told.key for told in host.told_of(JobTable.HeaderPressed)] == [key]
        assert host.table.cursor == "job-00000"


async def test_every_key_can_be_remapped_and_explains_itself() -> None:
    host = TableHost(100)
    async with host.run_test(size=SIZE) as pilot:
        host.set_keymap({"table.down": "n"})
        await pilot.press("n", "n")

        assert host.table.cursor == "job-00002"
        bindings = [
            bound.binding for bound in host.screen.active_bindings.values() if bound.node is host.table
        ]
        assert len({binding.id for binding in bindings}) == 8
        assert all(binding.tooltip and not binding.show for binding in bindings)
