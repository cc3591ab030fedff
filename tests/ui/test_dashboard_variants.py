"""The dashboard with every variant of the API."""

import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from app.watch.polling.link import Link
from app.watch.watched import CancelStep
from tests.simulated_api import simulated
from tests.simulator_faults.variants import Variants, any_variants
from tests.ui.dashboard_host import open_cancel_dialog, served


@given(any_variants, st.sampled_from(["both", "rounded", "percent", "progress"]))
@example(Variants(percent_as_fraction=True, fetch_documents=False, html_404=True), "percent")
@example(Variants(envelope="array", paging="page", page_size=2), "both")
@example(Variants(snake_case_stages=True, paging="cursor", page_size=1, documents=False), "both")
@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate])
async def test_the_dashboard_works_with_any_variant_of_the_api(variants: Variants, reports: str) -> None:
    with simulated(variants=variants) as server, tempfile.TemporaryDirectory() as folder:
        add = server.world.add
        ids = first, second, done = (
            add([("in_progress", "Reading papers", 42.0, 42.0, 3600.0)], cancel_after=0.0, reports=reports),
            add([("in_progress", "Reading papers", 57.0, 57.0, 3600.0)], reports=reports),
            add([("completed", None, 100.0, 100.0, 0.0)], reports=reports),
        )
        add([("in_progress", "Reading papers", 1.0, 1.0, 3600.0)], title="Not on the list")
        async with served(server, Path(folder) / "dwtop.db", ids) as dash:
            entries = dash.app.session.watch_list.entries
            percents = [job.percent for name in ids if (job := entries[name].job)]
            assert percents == [42, 57, 100]
            stage = "reading papers" if variants.snake_case_stages else "Reading papers"
            assert dash.cell(first, "stage") == stage

            dash.main.table.move_to(first)
            await open_cancel_dialog(dash)
            await dash.press("y")
            refused = variants.cancel_error is not None
            outcome = CancelStep.REFUSED if refused else CancelStep.CANCELLED
            await dash.until(lambda: (cancel := entries[first].cancel) and cancel.step is outcome)
            job = entries[first].job
            assert job is not None
            assert job.status == ("in_progress" if refused else "cancelled")

            # Polling continues after any refusal.
            before = len(server.requests)
            await dash.until(lambda: any(one.job_id == second for one in server.requests[before:]))
            watcher = dash.app.session.watcher
            assert watcher is not None
            assert watcher.link.state.status is Link.UP
            assert entries[done].job is not None

            await dash.press("A")
            if not (variants.fetch_documents or variants.jobs):
                await dash.until("This DeepWriter API offers no list of jobs; add IDs with a.")
            elif variants.list_error:
                await dash.until("The token ")
            else:
                await dash.until("[x] Not on the list")
                assert "1 of 4 chosen   3 already on the list" in dash.text
            await dash.press("escape")

            dash.main.table.move_to(done)
            with patch.dict(os.environ, {"SSH_TTY": "/dev/pts/0"}):
                os.environ.pop("TMUX", None)
                await dash.press("o")
                if variants.documents:
                    await dash.until(lambda: f"/documents/{done}.pdf?" in dash.app.clipboard)
                else:
                    await dash.until("There is no document yet: the job is completed.")
            assert watcher.link.state.status is Link.UP
            assert list(entries) == list(ids)
