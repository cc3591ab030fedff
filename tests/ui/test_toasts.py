"""Toasts: they cover nothing that is typed in or read first, and none hides the next."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.errors import NoWidget

from app.job import Job
from tests.scripted_api import job_id
from tests.ui.dashboard_host import Sitting, fill, known, message_of, sitting
from widgets.toasts import Toasts


def end(desk: Sitting, number: int) -> None:
    """Have a job be completed."""
    job = desk.app.session.watch_list.entries[job_id(number)].job
    assert isinstance(job, Job)
    desk.app.session.watch_list.record_answer(replace(job, status="completed"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    fill(tmp_path / "db", [known(number) for number in range(30)])
    return tmp_path / "db"


@pytest.mark.parametrize(
    "size", [(120, 40), (80, 24), (40, 11), (40, 10), (40, 8), (30, 6), (30, 5), (30, 4)]
)
async def test_they_leave_the_filter_the_totals_and_the_banners_free(
    path: Path, size: tuple[int, int]
) -> None:
    async with sitting(path, size=size) as desk:
        desk.main.notifications._digest._expected.clear()
        await desk.connected()
        await desk.press("p", "slash", *"b")
        end(desk, 3)
        await desk.until(lambda: "Book 3" in message_of(desk))
        await desk.until(lambda: not covered(desk))
        desk.main.notifications.warn(
            "A complaint that is so long that it does not fit into a line of this pane, nor two."
        )
        await desk.until("A complaint")
        await desk.until(lambda: not covered(desk))


def covered(desk: Sitting) -> list[str]:
    """What toasts cover that they should not."""
    parts = [desk.main.query_one(name) for name in ("#filter", "#header", "#banners", "#keys")]
    try:
        region = desk.main.find_widget(desk.main.query_one(Toasts)).visible_region
    except NoWidget:
        return ["not laid out yet"]
    return [
        str(part.id)
        for part in parts
        if part.display and region.overlaps(desk.main.find_widget(part).visible_region)
    ]


@pytest.mark.parametrize("size", [(40, 8), (30, 5), (30, 4), (20, 2)])
async def test_one_complaint_after_the_other_is_seen(path: Path, size: tuple[int, int]) -> None:
    async with sitting(path, size=size) as desk:
        for number in range(4):
            desk.main.notifications.warn(f"Complaint {number}")
            await desk.until(f"Complaint {number}")
        assert "Complaint 2" not in desk.text


async def test_news_wait_until_a_dialog_is_closed(path: Path) -> None:
    async with sitting(path, size=(80, 24)) as desk:
        desk.main.notifications._digest._expected.clear()
        await desk.connected()
        await desk.press("a")
        end(desk, 3)
        end(desk, 4)
        await desk.until(lambda: desk.main.notifications._pending)
        assert not message_of(desk)
        await desk.press("escape")
        await desk.until(lambda: message_of(desk).count("completed in") == 2)
        lines = [line for line in desk.text.splitlines() if "▌ ✔ Book" in line]
        assert len(lines) == 2
        assert all(line.rstrip().endswith("completed in 10m") for line in lines)


async def test_on_two_lines_news_stand_where_the_totals_were(path: Path) -> None:
    async with sitting(path, size=(30, 2)) as desk:
        desk.main.notifications._digest._expected.clear()
        await desk.connected()
        end(desk, 3)
        await desk.until("Book 3: completed")
        assert not message_of(desk)
        assert desk.text.splitlines()[1].startswith("▌")


async def test_what_ends_in_close_succession_is_one_burst_with_one_bell(path: Path) -> None:
    clock = [time.time()]
    async with sitting(path, size=(80, 24), now=lambda: clock[0]) as desk:
        desk.main.notifications._digest._expected.clear()
        await desk.connected()
        bells: list[float] = []
        desk.main.notifications._terminal.ring_bell = lambda: bells.append(clock[0])  # type: ignore[method-assign]  # it counts
        for number, text in enumerate(("Book 3", "Book 4", "Book 5", "and 1 more", "and 2 more"), 3):
            end(desk, number)
            await desk.until(text)
            clock[0] += 2
        assert len(bells) == 1
        clock[0] += 2
        end(desk, 8)
        await desk.until(lambda: message_of(desk).startswith("Book 8"))
        assert len(bells) == 2


async def test_where_the_list_shows_recent_events_there_is_no_toast(tmp_path: Path) -> None:
    fill(tmp_path / "db", [known(number) for number in range(3)])
    async with sitting(tmp_path / "db", size=(120, 30)) as desk:
        desk.main.notifications._digest._expected.clear()
        await desk.connected()
        end(desk, 1)
        await desk.until(lambda: "completed in 10m" in desk.text.partition("Recent")[2])
        end(desk, 2)
        await desk.until(lambda: desk.text.partition("Recent")[2].count("completed in 10m") == 2)
        assert desk.main.table.feed_shown
        assert "Book 2" not in message_of(desk)


@pytest.mark.parametrize("size", [(40, 10), (40, 8), (30, 5), (40, 4), (20, 3), (120, 8)])
async def test_a_complaint_that_is_cut_says_so(path: Path, size: tuple[int, int]) -> None:
    async with sitting(path, size=size) as desk:
        await desk.connected()
        desk.main.notifications.warn(" ".join(f"word{number}" for number in range(80)))
        await desk.until("word0")
        shown = desk.text
        last = max(number for number in range(80) if f"word{number}" in shown)
        assert last < 79
        assert "…" in shown.partition(f"word{last}")[2].splitlines()[0]
        desk.main.notifications.warn("Short enough.")
        await desk.until("Short enough.")
        assert "word0" not in desk.text
