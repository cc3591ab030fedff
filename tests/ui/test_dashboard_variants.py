"""The dashboard with an API that differs from its documentation; other tests meet each variant alone."""

from pathlib import Path

import pytest

from tests.simulated_api import simulated
from tests.simulator_faults.variants import Variants
from tests.ui.dashboard_host import open_cancel_dialog, posts, served


@pytest.mark.parametrize(
    ("variants", "reports"),
    [
        (Variants(percent_as_fraction=True, fetch_documents=False, cancel_error=403), "percent"),
        (Variants(snake_case_stages=True, paging="cursor", page_size=1, documents=False), "both"),
    ],
    ids=["fractions, observed list, no cancel", "snake case, pages, no documents"],
)
async def test_the_dashboard_works_with_another_api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variants: Variants, reports: str
) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/0")
    with simulated(variants=variants) as server:
        add = server.world.add
        ids = first, second, done = (
            add([("in_progress", "Reading papers", 42.0, 42.0, 3600.0)], cancel_after=0.0, reports=reports),
            add([("in_progress", "Reading papers", 57.0, 57.0, 3600.0)], reports=reports),
            add([("completed", None, 100.0, 100.0, 0.0)], reports=reports),
        )
        add([("in_progress", "Reading papers", 1.0, 1.0, 3600.0)], title="Not on the list")
        async with served(server, tmp_path / "dwtop.db", ids) as dash:
            assert [dash.cell(name, "progress") for name in ids] == ["42%", "57%", "100%"]
            stage = "reading papers" if variants.snake_case_stages else "Reading papers"
            assert dash.cell(first, "stage") == stage

            dash.main.table.move_to(first)
            await open_cancel_dialog(dash)
            await dash.press("y")
            refused = variants.cancel_error is not None
            await dash.until(lambda: dash.cell(first) == ("▸ refused" if refused else "⊘ cancelled"))
            assert [seen.job_id for seen in posts(server)] == [first]

            before = len(server.requests)
            await dash.until(lambda: any(one.job_id == second for one in server.requests[before:]))

            await dash.press("A")
            await dash.until("[x] Not on the list")
            assert "1 of 4 chosen   3 already on the list" in dash.text
            await dash.press("escape")

            dash.main.table.move_to(done)
            await dash.press("o")
            if variants.documents:
                await dash.until(lambda: f"/documents/{done}.pdf?" in dash.app.clipboard)
            else:
                await dash.until("There is no document yet: the job is completed.")
            assert dash.watched == list(ids)
