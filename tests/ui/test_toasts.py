"""Toasts: where they are shown, and in which order."""

import time

import pytest
from textual.errors import NoWidget

from tests.scripted_api import job_id
from tests.ui.dashboard_host import DashboardPilot, known_jobs, message_of, running_dashboard
from widgets.toasts import Toasts


def end(dash: DashboardPilot, number: int) -> None:
    dash.answer(job_id(number), status="completed")


async def begin(dash: DashboardPilot) -> None:
    """Take every change from now on for news."""
    dash.main._digest._first_pending = False
    await dash.connected()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10), (30, 4)], ids=str)
async def test_they_cover_no_filter_header_or_banner(size: tuple[int, int]) -> None:
    async with running_dashboard(jobs=known_jobs(30, start=0), size=size) as dash:
        await begin(dash)
        await dash.press("p", "slash", *"b")
        end(dash, 3)
        await dash.until(lambda: "Book 3" in message_of(dash))
        await dash.until(lambda: not covered(dash))
        dash.main.notifications.warn(
            "A complaint that is so long that it does not fit into a line of this pane, nor two."
        )
        await dash.until("A complaint")
        await dash.until(lambda: not covered(dash))


@pytest.mark.parametrize("key", ["g", "G"], ids=["first row", "last row"])
@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=str)
async def test_a_toast_does_not_cover_the_cursor(size: tuple[int, int], key: str) -> None:
    async with running_dashboard(jobs=known_jobs(60, start=0), size=size) as dash:
        await begin(dash)
        await dash.press(key)
        end(dash, 3)
        await dash.until(lambda: "Book 3" in message_of(dash))
        await dash.pilot.pause()
        region = dash.main.query_one(Toasts).region
        assert region
        assert not region.overlaps(dash.main.table.cursor_region)


async def test_a_toast_goes_once_the_cursor_is_on_a_row_that_it_covers() -> None:
    async with running_dashboard(jobs=known_jobs(30, start=0), size=(40, 10)) as dash:
        dash.main.notifications.warn("A complaint that is so long that it does not fit into one line.")
        await dash.until("A complaint")
        await dash.press("j")
        assert message_of(dash)
        await dash.press("G")
        assert not message_of(dash)


def covered(dash: DashboardPilot) -> list[str]:
    """What toasts cover that they should not."""
    parts = [dash.main.query_one(name) for name in ("#filter", "#header", "#banners", "#keys")]
    try:
        region = dash.main.find_widget(dash.main.query_one(Toasts)).visible_region
    except NoWidget:
        return ["not laid out yet"]
    return [
        str(part.id)
        for part in parts
        if part.display and region.overlaps(dash.main.find_widget(part).visible_region)
    ]


async def test_each_warning_is_seen_and_a_cut_one_ends_with_an_ellipsis() -> None:
    async with running_dashboard(jobs=known_jobs(30, start=0)) as dash:
        await dash.connected()
        for size in ((40, 8), (20, 2), (40, 10), (20, 3), (120, 8)):
            await dash.pilot.resize_terminal(*size)
            for number in range(3):
                dash.main.notifications.warn(f"Complaint {number}")
                await dash.until(f"Complaint {number}")
            assert "Complaint 1" not in dash.text
            if size[1] > 2:
                dash.main.notifications.warn(" ".join(f"word{number}" for number in range(80)))
                await dash.until("…")
                shown = dash.text
                last = max(number for number in range(80) if f"word{number}" in shown)
                assert last < 79
                assert "…" in shown.partition(f"word{last}")[2].splitlines()[0]


async def test_news_wait_until_a_dialog_is_closed() -> None:
    async with running_dashboard(jobs=known_jobs(30, start=0), size=(80, 24)) as dash:
        await begin(dash)
        await dash.press("a")
        end(dash, 3)
        end(dash, 4)
        await dash.until(lambda: dash.main.notifications._pending)
        assert not message_of(dash)
        await dash.press("escape")
        await dash.until(lambda: message_of(dash).count("completed in") == 2)
        lines = [line for line in dash.text.splitlines() if "▌ ✔ Book" in line]
        assert len(lines) == 2
        assert all(line.rstrip().endswith("completed in 10m") for line in lines)


async def test_on_two_lines_news_replaces_the_totals() -> None:
    async with running_dashboard(jobs=known_jobs(30, start=0), size=(30, 2)) as dash:
        await begin(dash)
        end(dash, 3)
        await dash.until("Book 3: completed")
        assert not message_of(dash)
        assert dash.text.splitlines()[1].startswith("▌")


async def test_jobs_that_end_soon_after_each_other_ring_one_bell() -> None:
    clock = [time.time()]
    async with running_dashboard(jobs=known_jobs(30, start=0), size=(80, 24), now=lambda: clock[0]) as dash:
        await begin(dash)
        bells: list[float] = []
        dash.app.bell = lambda: bells.append(clock[0])  # type: ignore[method-assign]  # it counts
        for number, text in enumerate(("Book 3", "Book 4", "Book 5", "and 1 more", "and 2 more"), 3):
            end(dash, number)
            await dash.until(text)
            clock[0] += 2
        assert len(bells) == 1
        clock[0] += 2
        end(dash, 8)
        await dash.until(lambda: message_of(dash).startswith("Book 8"))
        assert len(bells) == 2


async def test_recent_events_replace_toasts_and_keep_the_names_of_removed_jobs() -> None:
    async with running_dashboard(jobs=known_jobs(3, start=0), size=(120, 30)) as dash:
        await begin(dash)
        end(dash, 1)
        await dash.until(lambda: "✔ Book 1" in dash.text.partition("Recent")[2])
        await dash.press("D")
        await dash.until("Removed Book 1")
        end(dash, 2)
        await dash.until(lambda: "✔ Book 2" in dash.text.partition("Recent")[2])
        assert "✔ Book 1" in dash.text.partition("Recent")[2]
        assert "Book 2" not in message_of(dash)


async def test_a_toast_goes_once_the_pane_shows_recent_events() -> None:
    async with running_dashboard(jobs=known_jobs(3, start=0), size=(80, 12)) as dash:
        await begin(dash)
        end(dash, 1)
        await dash.until(lambda: "Book 1" in message_of(dash))
        await dash.pilot.resize_terminal(120, 30)
        await dash.until(lambda: dash.main.table.feed_shown)
        await dash.pilot.pause()
        assert not message_of(dash)


async def test_what_happened_while_dwtop_was_closed_is_a_line_among_recent_events() -> None:
    async with running_dashboard(jobs=known_jobs(3, start=0), size=(120, 30)) as dash:
        await dash.connected()
        bells: list[str] = []
        dash.app.bell = lambda: bells.append("bell")  # type: ignore[method-assign]  # it counts
        end(dash, 0)
        dash.answer(job_id(1), status="failed")
        dash.answer(job_id(2))
        closed = "· 1 job finished and 1 stopped while dwtop was closed"
        await dash.until(lambda: closed in dash.text.partition("Recent")[2])
        assert not message_of(dash)
        assert len(bells) == 1
        await dash.press("e")
        await dash.until(lambda: dash.text.count(closed) == 1)
    async with running_dashboard(size=(120, 30)) as dash:
        await dash.until(lambda: dash.text.partition("Recent")[2].count(closed) == 1)
