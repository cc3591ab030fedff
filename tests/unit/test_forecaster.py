"""The outlook of a running job: steady times, and none while too little is known."""

import random
from dataclasses import replace
from pathlib import Path

from app.store.store import Store
from app.watch.forecast.forecaster import Forecaster
from app.watch.watched import Watched
from tests.scripted_api import job, job_id

URL = "https://api.invalid/api"


def test_the_finish_changes_at_fewer_than_a_third_of_the_polls(tmp_path: Path) -> None:
    store = Store(tmp_path / "db", URL)
    forecaster, chance = Forecaster(store), random.Random(3)
    entry, finishes = Watched(job_id(1), 0.0), []
    for poll in range(120):
        now = 1000.0 + 5 * poll + chance.uniform(-1, 1)
        progress = poll * 5 / 12 * chance.uniform(0.97, 1.03)
        entry = entry.after_answer(job(job_id(1), progress=min(round(progress, 1), 99.0)), now)
        entry = replace(entry, outlook=forecaster.update(entry, now))
        if entry.outlook and entry.outlook.finish is not None:
            assert entry.outlook.finish > now
            finishes.append(entry.outlook.finish)
    store.close()
    assert len(finishes) > 50, "otherwise nothing is tested"
    assert len(set(finishes)) < len(finishes) / 3
    end = 1000.0 + 5 * 240
    assert abs(finishes[-1] - end) < 0.15 * (end - 1600), "and it is still right"


def test_a_forecast_that_is_too_uncertain_is_not_shown(tmp_path: Path) -> None:
    store = Store(tmp_path / "db", URL)
    forecaster, entry, outlooks = Forecaster(store), Watched(job_id(1), 0.0), {}
    for percent in range(31):
        now = 1000.0 + 10 * percent
        entry = entry.after_answer(job(job_id(1), progress=float(percent)), now)
        outlooks[percent] = forecaster.update(entry, now)
    store.close()
    assert [percent for percent in range(3) if outlooks[percent]] == [], (
        "it has hardly begun, and no other is known"
    )
    outlook = outlooks[30]
    assert outlook is not None
    assert outlook.finish is not None
