"""What a job's own past says of its pace."""

from random import Random

import pytest

from app.watch.forecast.own import Own, own
from app.watch.history import Sample


def lived(*paces: tuple[int, float], noise: float = 0.1, stage: str | None = "Writing") -> list[Sample]:
    """A running job: so many points at so many seconds each, one after the other."""
    rng = Random(3)
    samples, at, progress = [Sample(0.0, "in_progress", 0.0, stage)], 0.0, 0
    for points, seconds in paces:
        for _ in range(points):
            at += seconds * rng.lognormvariate(0, noise)
            progress += 1
            samples.append(Sample(at, "in_progress", float(progress), stage))
    return samples


def seen(samples: list[Sample], *, one_stage: bool = True) -> Own:
    last = samples[-1]
    assert last.progress is not None
    return own(samples, samples[0].at, last.at, last.progress, 1.0, one_stage)


def test_a_steady_pace_is_that_of_the_whole() -> None:
    found = seen(lived((60, 5.0)))
    assert found.uniform
    assert found.pace == pytest.approx(5.0, rel=0.05)


@pytest.mark.parametrize("pace", [2.0, 10.0])
def test_after_a_change_for_good_only_the_new_pace_counts(pace: float) -> None:
    found = seen(lived((40, 5.0), (12, pace)))
    assert found.uniform
    assert found.pace == pytest.approx(pace, rel=0.1)
    assert found.recent < found.overall


def test_one_long_wait_is_no_change_of_pace() -> None:
    samples = lived((40, 5.0), (1, 300.0), (20, 5.0))
    assert seen(samples).pace == pytest.approx(samples[-1].at / 61)


@pytest.mark.parametrize("paces", [((30, 5.0), (45, 1.0), (6, 8.0)), ((10, 1.0), (30, 6.0), (30, 1.0))])
def test_a_job_whose_speed_changes_twice_has_stages_without_a_name(
    paces: tuple[tuple[int, float], ...],
) -> None:
    assert not seen(lived(*paces)).uniform


def test_in_other_stages_a_change_of_pace_is_nothing_new() -> None:
    found = seen(lived((40, 5.0), (12, 2.0)), one_stage=False)
    assert not found.uniform
    assert found.pace == 0.0


def test_too_little_progress_says_nothing() -> None:
    assert seen(lived((3, 5.0))) == Own(uniform=True)


def test_progress_that_falls_back_does_no_harm() -> None:
    rng = Random(1)
    for _ in range(300):
        at, samples = 0.0, []
        for _ in range(rng.randint(2, 60)):
            at += rng.choice([0.0, 1.0, 5.0, 90.0])
            samples.append(
                Sample(at, "in_progress", rng.choice([None, -5.0, 0.0, 150.0, *range(0, 101, 5)]), None)
            )
        found = own(
            samples,
            0.0,
            at,
            min(max(samples[-1].progress or 0.0, 1.0), 100.0),
            rng.choice([0.0, 1.0, 20.0]),
            True,
        )
        assert found.pace >= 0.0
        assert 0.0 <= found.overall <= 1.0
        assert 0.0 <= found.recent <= 1.0
        assert found.spread >= 0.0
