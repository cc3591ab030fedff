"""The switchboard of faults."""

from typing import Any

import pytest

from tests.simulator_faults.faults import Endpoint, Fault, FaultKind, Faults

STATUS, CANCEL = Endpoint.STATUS, Endpoint.CANCEL
RESET = Fault(kind=FaultKind.RESET)


def test_nothing_goes_wrong_by_itself() -> None:
    assert Faults().pick(STATUS, "a") is None


def test_a_fault_holds_until_it_is_cleared() -> None:
    faults = Faults(RESET)
    assert [faults.pick(STATUS, "a") for _ in range(3)] == [RESET] * 3
    faults.clear()
    assert faults.pick(STATUS, "a") is None
    assert faults.active == ()


def test_a_fault_with_a_count_wears_off() -> None:
    faults = Faults(Fault(kind=FaultKind.RESET, count=2))
    assert faults.pick(STATUS, "a") is not None
    assert [fault.count for fault in faults.active] == [1]
    assert faults.pick(STATUS, "b") is not None
    assert faults.active == ()
    assert faults.pick(STATUS, "a") is None


def test_a_fault_strikes_within_its_scope_only() -> None:
    faults = Faults(Fault(kind=FaultKind.RESET, endpoint=CANCEL, job_id="a"))
    struck = [(e.value, j) for e in (STATUS, CANCEL) for j in ("a", "b", None) if faults.pick(e, j)]
    assert struck == [("cancel", "a")]


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        (FaultKind.OTHER_JOB, STATUS),
        (FaultKind.UNKNOWN_STATUS, STATUS),
        (FaultKind.IGNORED_CANCEL, CANCEL),
    ],
)
def test_some_kinds_make_sense_at_one_endpoint_only(kind: FaultKind, where: Endpoint) -> None:
    assert [e for e in (STATUS, CANCEL) if Faults(Fault(kind=kind)).pick(e, "a")] == [where]


def test_the_oldest_fault_goes_first_and_makes_way_for_the_next() -> None:
    first, second = Fault(kind=FaultKind.HANG, count=1), Fault(kind=FaultKind.HTTP, code=503)
    faults = Faults(first)
    faults.add(second)
    assert [faults.pick(STATUS, "a") for _ in range(3)] == [first, second, second]


def test_chance_is_drawn_from_the_seed() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(Fault(kind=FaultKind.RESET, probability=0.3), seed=seed)
        return [faults.pick(STATUS, "a") is not None for _ in range(400)]

    assert struck(1) == struck(1) != struck(2)
    assert 80 < sum(struck(1)) < 160


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "fire"}, "kind must be one of http, "),
        ({"kind": "reset", "endpoint": "both"}, "endpoint must be one of status, cancel, any"),
        ({"kind": "reset", "count": 0}, "count"),
        ({"kind": "reset", "probability": 0}, "probability"),
        ({"kind": "http", "code": 200}, "code"),
        ({"kind": "http", "body": "pdf"}, "body"),
        ({"kind": "hang", "seconds": 61}, "seconds"),
        ({"kind": "huge", "size": 1}, "size"),
    ],
)
def test_a_fault_out_of_range_is_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Fault(**values)
