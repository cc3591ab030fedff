"""Cancelling from the keyboard: asked about pinned jobs that are looked at again, and sent once for each."""

from pathlib import Path

import pytest

from app.dashboard.cancel_action import REFETCH_INTERVAL_SECONDS
from app.settings.schema import Settings
from app.simulator.scenarios import Step
from tests.simulated_api import RUNNING
from tests.simulator_faults.faults import Fault, FaultKind
from tests.simulator_faults.server import FaultySimulator
from tests.ui.dashboard_host import EVERY_SECOND, Sitting, fill, known, message_of, posts, served, sitting
from widgets.dialogs.cancel import CancelDialog

RARELY = Settings(interval=3600.0)
QUEUED = (Step("queued", None, None, None, 3600.0),)
COMPLETED = (Step("completed", None, 100.0, 100.0, 1.0),)


def running(server: FaultySimulator, count: int) -> list[str]:
    """So many jobs in progress, which end at once when they are cancelled."""
    return [server.world.add(RUNNING, title=f"Book {number}", cancel_after=0.0) for number in range(count)]


def end(server: FaultySimulator, job_id: str) -> None:
    """Let a job be completed now."""
    server.world.remove(job_id)
    server.world.add(COMPLETED, job_id=job_id, title="Book that ended")


async def asked(desk: Sitting, *keys: str) -> CancelDialog:
    """Press x, or other keys, and wait until the dialog listens to a yes."""
    await desk.press(*(keys or ("x",)))
    await desk.until(lambda: isinstance(desk.app.screen, CancelDialog))
    dialog = desk.app.screen
    assert isinstance(dialog, CancelDialog)
    await desk.until(lambda: not dialog.is_guarded())
    return dialog


async def test_yes_is_sent_once_and_the_row_says_what_became_of_it(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    first, second = running(simulator, 2)
    async with served(simulator, tmp_path / "dwtop.db", [first, second]) as desk:
        await asked(desk)
        assert "Book 0" in desk.text
        assert first[:8] in desk.text
        await desk.press("y", "y", "y")
        await desk.until(lambda: desk.cell(first) == "⊘ cancelled")
        assert [seen.job_id for seen in posts(simulator)] == [first]
        assert desk.cell(second) == "▸ in progress"
        await desk.until("1 running")
        store = desk.app.session.watch_list.store
        await desk.until(lambda: any(event.after == "cancelled" for event in store.events()))
        await desk.press("e")
        assert "cancel sent" in desk.text
        assert "cancelled at 10%" in desk.text


@pytest.mark.parametrize("key", ["enter", "escape", "n"])
async def test_no_sends_nothing(tmp_path: Path, simulator: FaultySimulator, key: str) -> None:
    async with served(simulator, tmp_path / "dwtop.db", running(simulator, 1)) as desk:
        await asked(desk)
        await desk.press(key)
        assert desk.app.screen is desk.main
        assert not posts(simulator)


async def test_marked_jobs_are_cancelled_together_each_once(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    names = running(simulator, 4)
    names.append(simulator.world.add(COMPLETED, title="Finished"))
    async with served(simulator, tmp_path / "dwtop.db", names) as desk:
        await desk.press("asterisk", "k", "space")  # all but the one under the cursor, which is the first
        left_out = (set(names) - desk.marks).pop()
        await asked(desk)
        assert "Cancel 3 jobs?" in desk.text
        assert "Finished" not in "".join(line.title for line in desk.app.screen.question.lines)  # type: ignore[attr-defined]
        await desk.press("tab", "enter")
        wanted = set(names[:4]) - {left_out}
        await desk.until(lambda: all(desk.cell(name) == "⊘ cancelled" for name in wanted))
        assert sorted(seen.job_id or "" for seen in posts(simulator)) == sorted(wanted)
        assert not desk.marks & wanted
        assert desk.cell(left_out) == "▸ in progress"


async def test_more_than_five_need_their_number(tmp_path: Path, simulator: FaultySimulator) -> None:
    names = running(simulator, 7)
    async with served(simulator, tmp_path / "dwtop.db", names) as desk:
        await desk.press("asterisk", "slash", *"zebra", "enter")
        await asked(desk)
        assert "7 of these are hidden by the filter" in desk.text
        await desk.press("y", "6", "enter")
        assert "That is not 7. Nothing was cancelled." in desk.text
        assert not posts(simulator)
        await desk.press("7", "enter")
        await desk.until(lambda: len(posts(simulator)) == 7)
        await desk.until(lambda: all(desk.cell(name) == "⊘ cancelled" for name in names))
        assert sorted(seen.job_id or "" for seen in posts(simulator)) == sorted(names)


async def test_the_pinned_jobs_are_fetched_again_and_again_and_no_others(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    assert REFETCH_INTERVAL_SECONDS == 2.0
    names = running(simulator, 3)
    async with served(simulator, tmp_path / "dwtop.db", names, settings=RARELY) as desk:
        await desk.press("space", "space")
        simulator.traffic.clear()
        await asked(desk)
        await desk.until(lambda: sum(seen.job_id is not None for seen in simulator.requests) >= 6)
        fetched = [seen.job_id for seen in simulator.requests if seen.job_id is not None]
        assert {name: fetched.count(name) >= 2 for name in fetched} == dict.fromkeys(names[:2], True)


async def test_a_job_that_ends_meanwhile_is_left_out(tmp_path: Path, simulator: FaultySimulator) -> None:
    names = running(simulator, 2)
    async with served(simulator, tmp_path / "dwtop.db", names) as desk:
        dialog = await asked(desk, "asterisk", "x")
        assert "Cancel 2 jobs?" in desk.text
        end(simulator, names[0])
        await desk.until("1 of these has ended.")
        assert "Cancel 1 job?" in desk.text
        assert [line.id for line in dialog.question.lines] == names, "pinned, and none is taken away"
        assert "completed" in desk.line("Book that ended")
        await desk.press("y")
        await desk.until(lambda: desk.cell(names[1]) == "⊘ cancelled")
        assert [seen.job_id for seen in posts(simulator)] == [names[1]]


async def test_it_goes_by_the_jobs_it_was_opened_for_whatever_happens_to_the_list(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    names = running(simulator, 3)
    async with served(simulator, tmp_path / "dwtop.db", names) as desk:
        await asked(desk)
        await desk.app.session.watch_list.remove([names[1]])
        await desk.app.session.watch_list.add([simulator.world.add(RUNNING)])
        desk.main.refresh_list()
        desk.main.table.move_to(names[2])
        await desk.press("y")
        await desk.until(lambda: desk.cell(names[0]) == "⊘ cancelled")
        assert [seen.job_id for seen in posts(simulator)] == [names[0]]


async def test_when_the_look_fails_it_says_how_old_its_knowledge_is_and_cancels_all_the_same(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    (name,) = running(simulator, 1)
    path = tmp_path / "dwtop.db"
    async with served(simulator, path, [name], settings=RARELY) as desk:
        simulator.faults.add(Fault(kind=FaultKind.HTTP, code=503, endpoint="status"))  # type: ignore[arg-type]
        await asked(desk)
        await desk.until("state last known ")
        simulator.faults.clear()
        await desk.press("y")
        await desk.until(lambda: desk.cell(name) == "⊘ cancelled")
        assert len(posts(simulator)) == 1


async def test_a_queued_job_can_be_cancelled_too(tmp_path: Path, simulator: FaultySimulator) -> None:
    name = simulator.world.add(QUEUED, cancel_after=0.0)
    async with served(simulator, tmp_path / "dwtop.db", [name]) as desk:
        await asked(desk)
        await desk.press("y")
        await desk.until(lambda: desk.cell(name) == "⊘ cancelled")


async def test_what_cannot_be_cancelled_opens_no_dialog(tmp_path: Path) -> None:
    path = tmp_path / "dwtop.db"
    fill(path, [known(1, "submitted")])
    async with sitting(path) as desk:
        await desk.connected()
        await desk.press("x")
        await desk.until(lambda: "This job is submitted. Only" in _toasts(desk))
        assert desk.app.screen is desk.main


async def test_read_only_says_so_and_opens_no_dialog(tmp_path: Path, simulator: FaultySimulator) -> None:
    settings = Settings(interval=1.0, read_only=True)
    async with served(simulator, tmp_path / "dwtop.db", running(simulator, 1), settings=settings) as desk:
        await desk.press("x")
        await desk.until(lambda: "Read-only: start dwtop without --read-only" in _toasts(desk))
        assert desk.app.screen is desk.main
        assert not posts(simulator)


async def test_signed_out_says_so_and_opens_no_dialog(tmp_path: Path, simulator: FaultySimulator) -> None:
    async with served(simulator, tmp_path / "dwtop.db", running(simulator, 1)) as desk:
        simulator.faults.add(Fault(kind=FaultKind.HTTP, code=401))
        await desk.until("Signed out")
        await desk.press("x")
        await desk.until(lambda: "Signed out. Press L to sign in, then cancel." in _toasts(desk))
        assert desk.app.screen is desk.main
        assert not posts(simulator)


async def test_a_pane_that_is_too_small_for_the_question_says_so(
    tmp_path: Path, simulator: FaultySimulator
) -> None:
    names = running(simulator, 1)
    async with served(simulator, tmp_path / "dwtop.db", names, size=(39, 8), settings=EVERY_SECOND) as desk:
        await desk.press("x")
        await desk.until(lambda: "make the pane larger to cancel" in _toasts(desk))
        assert desk.app.screen is desk.main
        await desk.pilot.resize_terminal(40, 8)
        await asked(desk)
        assert "Keep running" in desk.text
        await desk.pilot.resize_terminal(40, 7)
        await desk.until(lambda: desk.app.screen is desk.main)
        assert not posts(simulator)


async def test_early_keys_and_pastes_send_nothing(
    tmp_path: Path, simulator: FaultySimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = running(simulator, 1)
    async with served(simulator, tmp_path / "dwtop.db", names) as desk:
        monkeypatch.setattr("widgets.dialogs.cancel.GUARD_SECONDS", 3600.0)
        await desk.press("x", "y")
        await desk.paste("y")
        dialog = desk.app.screen
        assert isinstance(dialog, CancelDialog)
        assert dialog.is_guarded()
        monkeypatch.setattr("widgets.dialogs.cancel.GUARD_SECONDS", 0.0)
        dialog._guard()
        await desk.paste("y\ny")
        assert desk.app.screen is dialog
        assert not posts(simulator)


def _toasts(desk: Sitting) -> str:
    """What is said in passing."""
    return message_of(desk)
