"""The backtest in small: coarse truths that hold with any seed."""

from functools import cache
from pathlib import Path
from statistics import median
from xml.etree import ElementTree

import pytest

from app.watch.history import Sample
from tests.backtest.__main__ import main
from tests.backtest.baselines import Averaged, LastRate, Linear
from tests.backtest.measures import coverage, errors, rest
from tests.backtest.report import LEARNED, mean_ratio
from tests.backtest.traces import FAMILIES, ODD, lives
from tests.backtest.trial import Tally, live_through

SEED = 7
PACED = ("steady", "staged", "bursts")


@cache
def lived(family: str, jobs: int = 50) -> Tally:
    return live_through(lives(family, SEED, jobs), SEED, Tally(), pacing=family in PACED)


@pytest.mark.parametrize("family", ["staged", "doubled model"])
def test_learned_stages_beat_every_baseline(family: str) -> None:
    ratio = mean_ratio(errors(lived(family).cases, lambda case: case.seen >= LEARNED))
    assert ratio is not None
    assert ratio < 0.6


@pytest.mark.parametrize("family", ["steady", "staged", "plateaus", "long queue"])
def test_ranges_hold_about_as_often_as_they_say(family: str) -> None:
    assert 0.68 <= coverage(case for case in lived(family).cases if case.seen >= LEARNED) <= 0.92


@pytest.mark.parametrize("family", ["steady", "staged", "long queue"])
def test_a_finish_jitters_less_than_half_as_much_as_a_straight_line(family: str) -> None:
    found = rest(lived(family))
    assert found.jitter < 0.5 * found.linear_jitter


def test_stalls_are_found_and_healthy_jobs_left_alone() -> None:
    found = rest(lived("stalls", 80))
    assert found.found >= 0.8
    assert found.false_hints <= 0.03


@pytest.mark.parametrize("family", PACED)
def test_the_end_is_noticed_with_few_requests(family: str) -> None:
    found = rest(lived(family))
    assert found.requests < 0.4
    assert found.delay < 6.5
    assert found.late < 16


@pytest.mark.parametrize("family", ["steady", "staged", "plateaus", "long queue", "bursts", "doubled model"])
def test_nothing_is_ever_forecast_into_the_past(family: str) -> None:
    assert rest(lived(family)).negative == 0


@pytest.mark.parametrize("family", ODD)
def test_unheard_of_lives_are_forecast_without_a_slip(family: str) -> None:
    learned = live_through(lives(family, SEED, 25), SEED, Tally())
    first = live_through(lives(family, SEED, 6), SEED, Tally(), learning=False, pacing=False)
    assert learned.negative == first.negative == 0
    assert coverage(case for case in learned.cases if case.seen >= LEARNED) > 0.5
    assert rest(learned).late < 45


def test_the_first_job_already_has_a_range() -> None:
    tally = live_through(lives("staged", SEED, 30), SEED, Tally(), learning=False, pacing=False)
    assert 0.7 <= coverage(tally.cases) <= 0.98


def test_usual_waits_are_no_stalls() -> None:
    found = rest(live_through(lives("waits", SEED, 60), SEED, Tally(), pacing=False))
    assert found.false_hints <= 0.06


def test_without_history_a_job_that_doubles_its_speed_is_followed() -> None:
    tally = live_through(lives("doubles midway", SEED, 40), SEED, Tally(), learning=False, pacing=False)
    found = errors(tally.cases)[-1]
    assert found.by_method["dwtop"] < 0.5 * found.by_method["linear"]


def test_the_same_seed_gives_the_same_figures() -> None:
    first, second, other = (
        live_through(lives("staged", seed, 12), seed, Tally()) for seed in (SEED, SEED, 8)
    )
    assert first == second != other


@pytest.mark.parametrize("family", FAMILIES)
def test_lives_are_whole(family: str) -> None:
    for life in lives(family, SEED, 40):
        states = [*(life.state(life.total * step / 200) for step in range(200)), life.state(life.total)]
        progress = [value for status, value, _ in states if status == "in_progress" and value is not None]
        assert progress == sorted(progress)
        assert states[0][0] == "queued"
        assert states[-1][0] == ("completed" if life.stalls_at is None else "in_progress")


def test_baselines_know_a_steady_job() -> None:
    for baseline in (Linear(), Averaged(), LastRate()):
        said = [baseline.remaining(Sample(10.0 * p, "in_progress", float(p), None)) for p in range(51)]
        assert said[0] is None
        assert said[-1] == pytest.approx(500.0)


def test_the_last_rate_follows_the_last_advance_alone() -> None:
    baseline = LastRate()
    times = [0.0, 100.0, 101.0]
    said = [baseline.remaining(Sample(at, "in_progress", float(p), None)) for p, at in enumerate(times)]
    assert said[-1] == pytest.approx(98.0)
    assert median([value for value in said if value is not None]) > 1000


def test_the_command_writes_a_table_and_a_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["--jobs", "23", "--seeds", "1", "--families", "jump 0 to 90,steady", "--out", str(tmp_path)])
        == 0
    )
    table = (tmp_path / "backtest.md").read_text(encoding="utf-8")
    assert table.strip() in capsys.readouterr().out
    assert "| steady |" in table
    assert "- never in the past: met" in table
    root = ElementTree.fromstring((tmp_path / "backtest.svg").read_text(encoding="utf-8"))
    assert root.tag.endswith("svg")


def test_an_unknown_family_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--families", "sideways"])
    assert "no family 'sideways'" in capsys.readouterr().err
