"""The order in which jobs are due."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from app.watch.polling.schedule import AT_ONCE, DueQueue

names = st.sampled_from([f"job {number}" for number in range(12)])


class Model(RuleBasedStateMachine):
    """The queue against a plain dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = DueQueue()
        self.due: dict[str, float] = {}
        self.now = 0.0

    @rule(name=names, after=st.floats(-5, 30) | st.just(AT_ONCE))
    def put(self, name: str, after: float) -> None:
        self.queue.put(name, self.now + after)
        self.due[name] = self.now + after

    @rule(name=names)
    def drop(self, name: str) -> None:
        self.queue.drop(name)
        self.due.pop(name, None)

    @rule(job_ids=st.lists(names))
    def make_due_now(self, job_ids: list[str]) -> None:
        self.queue.make_due_now(job_ids, self.now)
        for name in job_ids:
            if name in self.due:
                self.due[name] = min(self.due[name], self.now)

    @rule(seconds=st.floats(0, 10))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        earliest = min(self.due.values(), default=None)
        assert self.queue.next_due() == earliest
        assert set(self.queue) == set(self.due)
        assert len(self.queue) == len(self.due)

    @rule(cursor=st.none() | names, visible=st.lists(names, unique=True))
    def pop(self, cursor: str | None, visible: list[str]) -> None:
        ready = {name for name, due in self.due.items() if due <= self.now}
        new = {name for name, due in self.due.items() if due == AT_ONCE}
        taken = self.queue.pop(self.now, cursor, visible)
        if taken is None:
            assert not ready
            return
        name, due = taken
        assert name in ready
        assert due == self.due.pop(name)
        if cursor in ready:
            assert name == cursor
        elif new:
            assert name in new
            assert name in visible or not new & set(visible)
        elif ready & set(visible):
            assert name in visible


def test_it_behaves_like_a_plain_dictionary() -> None:
    run_state_machine_as_test(Model, settings=settings(max_examples=30, deadline=None))


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_the_job_due_first_goes_first(dues: list[float]) -> None:
    queue = DueQueue()
    for number, due in enumerate(dues):
        queue.put(f"{number:03}", due)
    order = []
    while taken := queue.pop(100.0):
        order.append(taken[1])
    assert order == sorted(dues)


def test_stale_heap_entries_do_not_pile_up() -> None:
    queue = DueQueue()
    for at in range(10_000):
        queue.put("one", float(at))
    assert len(queue._heap) < 100
    assert queue.pop(20_000.0) == ("one", 9999.0)
    assert queue.due("one") is None


def test_rebuilding_the_heap_loses_no_job_and_no_order() -> None:
    queue = DueQueue()
    dues = {f"{number:02}": 30_000.0 - number for number in range(20)}
    for name, due in dues.items():
        queue.put(name, due)
    before, at = 0, 0.0
    while len(queue._heap) >= before:  # until it is rebuilt
        before, at = len(queue._heap), at + 1
        queue.put("first", at)
    dues["first"] = at
    assert queue.next_due() == at
    assert [queue.pop(40_000.0) for _ in dues] == sorted(dues.items(), key=lambda item: item[1])
    assert queue.pop(40_000.0) is None
