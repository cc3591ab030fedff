"""Toasts: they cover nothing that is typed in or read first, and none hides the next."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets._toast import Toast

from app.job import Job
from tests.scripted_api import job_id
from tests.ui.dashboard_host import Sitting, fill, known, sitting


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
async def test_they_leave_the_filter_the_sums_and_the_banners_free(path: Path, size: tuple[int, int]) -> None:
    async with sitting(path, size=size) as desk:
        desk.main._digest._expected.clear()
        await desk.connected()
        await desk.press("p", "slash", *"b")
        end(desk, 3)
        await desk.until(lambda: desk.app.query(Toast))
        await desk.until(lambda: all(toast.region for toast in desk.app.query(Toast)))
        desk.main.warn("A complaint that is so long that it does not fit into a line of this pane, nor two.")
        await desk.until("A complaint")
        await desk.until(lambda: not covered(desk))


def covered(desk: Sitting) -> list[str]:
    """What toasts cover that they should not."""
    parts = [desk.main.query_one(name) for name in ("#filter", "#status", "#banners", "#keys")]
    toasts = [desk.main.find_widget(toast).visible_region for toast in desk.app.query(Toast)]
    return [
        str(part.id)
        for part in parts
        for region in toasts
        if part.display and region.overlaps(desk.main.find_widget(part).visible_region)
    ]


@pytest.mark.parametrize("size", [(40, 8), (30, 5), (30, 4), (20, 2)])
async def test_one_complaint_after_the_other_is_seen_where_there_is_room_for_one(
    path: Path, size: tuple[int, int]
) -> None:
    async with sitting(path, size=size) as desk:
        for number in range(4):
            desk.main.warn(f"Complaint {number}")
            await desk.until(f"Complaint {number}")
        assert "Complaint 2" not in desk.text


async def test_news_wait_until_a_dialog_is_closed_and_then_are_told_in_full(path: Path) -> None:
    async with sitting(path, size=(80, 24)) as desk:
        desk.main._digest._expected.clear()
        await desk.connected()
        await desk.press("a")
        end(desk, 3)
        end(desk, 4)
        await desk.until(lambda: desk.main.notifications._pending)
        assert "completed" not in desk.text.partition("Add jobs")[2]
        assert not desk.app.query(Toast)
        await desk.press("escape")
        await desk.until(lambda: "Book 3: in progress" in desk.text and "Book 4: in progress" in desk.text)


async def test_on_two_lines_news_stand_where_the_sums_were(path: Path) -> None:
    async with sitting(path, size=(30, 2)) as desk:
        desk.main._digest._expected.clear()
        await desk.connected()
        end(desk, 3)
        await desk.until("Book 3: in progress")
        assert not desk.app.query(Toast)
        assert desk.text.splitlines()[0].startswith("▌")


async def test_what_ends_in_close_succession_is_one_burst_with_one_bell_and_one_toast(path: Path) -> None:
    clock = [time.time()]
    async with sitting(path, size=(80, 24), now=lambda: clock[0]) as desk:
        desk.main._digest._expected.clear()
        await desk.connected()
        bells: list[float] = []
        desk.main._terminal.ring_bell = lambda: bells.append(clock[0])  # type: ignore[method-assign]  # it counts
        told = (
            "Book 3: in progress",
            "Book 4: in progress",
            "Book 5: in progress",
            "4 jobs done",
            "5 jobs done",
        )
        for number, text in enumerate(told, 3):
            end(desk, number)
            await desk.until(text)
            clock[0] += 2
        assert len(bells) == 1
        assert len(desk.app.query(Toast)) == 1
        clock[0] += 2
        end(desk, 8)
        await desk.until("Book 8: in progress")
        assert len(bells) == 2
        assert len(desk.app.query(Toast)) == 2


@pytest.mark.parametrize("size", [(40, 10), (40, 8), (30, 5), (40, 4), (20, 3), (120, 8)])
async def test_a_complaint_that_is_cut_says_so(path: Path, size: tuple[int, int]) -> None:
    async with sitting(path, size=size) as desk:
        await desk.connected()
        desk.main.warn(" ".join(f"word{number}" for number in range(80)))
        await desk.until("word0")
        shown = desk.text
        last = max(number for number in range(80) if f"word{number}" in shown)
        assert last < 79
        assert "…" in shown.partition(f"word{last}")[2].splitlines()[0]
        desk.main.warn("Short enough.")
        await desk.until("Short enough.")
        assert "word0" not in desk.text
