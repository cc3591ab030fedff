"""A history that is too long is thinned evenly, stays in order, and keeps what matters most."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.dashboard.details import history_and_events
from app.store.store import Store
from app.watch.events import Event, EventKind
from app.watch.history import CLOCK_SET_BACK_SECONDS, Sample, add_sample, thin
from app.watch.watched import Watched
from tests.jobs import become, watched

STATUSES = st.sampled_from(["queued", "in_progress", "completed"])
STAGES = st.sampled_from([None, "Outline", "Drafting"])
PROGRESS = st.none() | st.floats(0, 100)


@st.composite
def histories(draw: st.DrawFn, limit: int = 120) -> list[Sample]:
    """A history with few or many changes, evenly spaced or in bursts."""
    often = draw(st.sampled_from([0.02, 0.2, 1.0]))
    chance = draw(st.randoms(use_true_random=False))
    at, status, stage = 1e9, "queued", None
    history = []
    for _ in range(draw(st.integers(0, limit))):
        at += chance.choice([0.001, 5.0, 5.0, 600.0, 86_400.0])
        if chance.random() < often:
            status, stage = draw(STATUSES), draw(STAGES)
        history.append(Sample(at, status, draw(PROGRESS), stage))
    return history


def changes(history: list[Sample]) -> list[Sample]:
    return [new for old, new in pairwise(history) if (old.status, old.stage) != (new.status, new.stage)]


@given(histories(), st.integers(2, 150))
def test_thinned_is_bounded_in_order_and_keeps_ends_and_changes(history: list[Sample], limit: int) -> None:
    kept = thin(history, limit)
    assert len(kept) == min(len(history), limit)
    assert [one for one in history if one in kept] == kept
    assert kept[:1] == history[:1]
    assert kept[-1:] == history[-1:]
    if len(changes(history)) + 2 <= limit:
        assert all(one in kept for one in changes(history))
    assert thin(kept, limit) == kept


@given(histories(), st.integers(2, 40))
def test_changes_of_status_are_dropped_last(history: list[Sample], limit: int) -> None:
    kept = thin(history, limit)
    of_status = [one for before, one in pairwise(history) if before.status != one.status]
    if len(of_status) + 2 <= limit:
        assert all(one in kept for one in of_status)
    if len(changes(history)) + 2 > limit:
        steps = [one for one in kept[1:-1] if one not in changes(history)]
        assert not steps, "a step of progress is kept although a change was dropped"


@given(st.integers(30, 600), st.integers(20, 300))
def test_an_even_history_stays_even(length: int, limit: int) -> None:
    history = [Sample(1e9 + 5 * n, "in_progress", 100 * n / length, "Drafting") for n in range(length)]
    kept = thin(history, limit)
    gaps = [later.at - earlier.at for earlier, later in pairwise(kept)]
    assert max(gaps) <= max(5.0, 2.01 * 5 * length / (len(kept) - 1))


@given(st.integers(10, 60), st.integers(0, 2000))
def test_a_growing_history_stays_within_its_limit(limit: int, seed: int) -> None:
    history: list[Sample] = []
    for n in range(300):
        stage = f"stage {n * (1 + seed % 7) // 100}"
        history = add_sample(history, Sample(1e9 + 5 * n, "in_progress", n / 3, stage), limit)
        assert len(history) <= limit
    assert history[0].at == 1e9
    assert history[-1].at == 1e9 + 5 * 299
    gaps = [later.at - earlier.at for earlier, later in pairwise(history)]
    assert max(gaps) < 8 * 5 * 300 / limit, "not spread over the whole time"


@given(st.floats(CLOCK_SET_BACK_SECONDS + 1, 1e7))
def test_a_clock_set_back_keeps_the_order_and_pace_of_the_history(by: float) -> None:
    history = [Sample(1e9 + 60 * n, "in_progress", float(n), None) for n in range(10)]
    new = Sample(history[-1].at - by, "in_progress", 10.0, None)
    whole = add_sample(history, new, 100)
    assert [one.progress for one in whole] == [float(n) for n in range(11)]
    assert whole[-1] == new
    assert all(earlier.at < later.at for earlier, later in pairwise(whole))
    assert abs(whole[9].at - whole[0].at - 540.0) < 0.01


def test_a_slightly_older_sample_is_inserted_in_order() -> None:
    history = [Sample(100.0, "in_progress", 1.0, None), Sample(110.0, "in_progress", 3.0, None)]
    late = Sample(105.0, "in_progress", 2.0, None)
    assert [one.progress for one in add_sample(history, late, 100)] == [1.0, 2.0, 3.0]


def test_a_history_ends_with_the_latest_answer_whether_it_is_in_the_database_or_not(store: Store) -> None:
    entry = watched(progress=60.0)
    latest = Sample(10.0, "in_progress", 60.0, None)
    store.restore([entry]).result(10)
    assert history_and_events(Watched(entry.id, 0.0), store, 9) == ([], [])
    assert history_and_events(entry, store, 9)[0] == [latest]
    samples = [Sample(5.0, "queued", None, None), Sample(8.0, "in_progress", 30.0, None), latest]
    for one in samples:
        store.save(entry, one, Event(one.at, EventKind.CANCEL, f"at {one.at:.0f}", entry.id))
    store.add([]).result(10)
    history, events = history_and_events(entry, store, 2)
    assert history == samples, "the latest appears once"
    assert [event.at for event in events] == [10.0, 8.0]
    later = become(entry, "in_progress", progress=61.0, fetched_at=12.0)
    assert history_and_events(later, store, 9)[0] == [*samples, Sample(12.0, "in_progress", 61.0, None)]
