"""A job that another program takes off the list is gone here too, whatever a person is doing."""

from pathlib import Path

from app.store.store import Store
from tests.scripted_api import job_id
from tests.ui.dashboard_host import BASE_URL, fill, known, running_dashboard


async def test_a_row_that_is_removed_elsewhere_while_the_order_is_held_can_be_drawn_until_it_goes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "db"
    fill(path, [known(1), known(2), known(3)])
    async with running_dashboard(path) as at:
        await at.connected()
        await at.press("j", "enter")  # from now on nothing moves for a while
        other = Store(path, BASE_URL)
        other.remove([job_id(2), job_id(3)]).result(10)
        other.close()
        await at.app.session.watch_list.sync()
        table = at.main.table
        for _ in range(3):
            table.redraw()
            at.main._tick()
            await at.press("space", "x", "escape", "y", "m")
            await at.pilot.resize_terminal(90, 20)
            await at.pilot.resize_terminal(120, 40)
        await at.until(lambda: at.shown == [job_id(1)])
        assert at.watched == [job_id(1)]
        assert at.marks <= {job_id(1)}
