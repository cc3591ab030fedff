"""The state of the link, worked out from the outcomes of single requests."""

import random

import pytest

from app.deepwriter.errors import (
    MAX_RETRY_AFTER_SECONDS,
    ApiError,
    BadAnswer,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServerError,
    Unauthorized,
    Unreachable,
)
from app.watch.polling.link import Link, LinkMonitor, LinkState

EPOCH = 1_700_000_000.0


class Monitor(LinkMonitor):
    """A monitor whose clocks a test sets; the wall clock is `EPOCH` ahead of the other."""

    def __init__(self) -> None:
        self.time = 100.0
        super().__init__(clock=lambda: self.time, now=lambda: EPOCH + self.time, rng=random.Random(1))

    def fail(self, job: str, error: ApiError, *, started: float | None = None, jobs: int = 9) -> bool:
        """A request that fails as soon as it goes out, unless it started earlier."""
        return self.failed(job, error, self.time if started is None else started, jobs)


@pytest.fixture
def link() -> Monitor:
    return Monitor()


def test_three_different_jobs_or_all_there_are_bring_it_down(link: Monitor) -> None:
    for job in "aab":
        link.fail(job, Unreachable("refused"))
        assert link.state.status is Link.UP
    link.fail("c", BadAnswer("no JSON"))
    assert link.state.reason == "no JSON"
    other = Monitor()
    other.fail("a", Unreachable("refused"), jobs=1)
    assert other.down


@pytest.mark.parametrize("useful", [NotFound("404"), Rejected("418", 418)])
def test_any_useful_answer_shows_that_it_is_up(link: Monitor, useful: ApiError) -> None:
    for job in "ab":
        link.fail(job, ServerError("500"))
    link.fail("c", useful)
    for job, status in zip("def", (Link.UP, Link.UP, Link.DOWN), strict=True):
        link.fail(job, ServerError("500"))
        assert link.state.status is status
    assert link.fail("a", useful), "which ends the outage"


def test_only_what_ends_an_outage_is_a_recovery(link: Monitor) -> None:
    assert not link.fail("a", NotFound("404")), "it was never down"
    for job in "abcd":
        assert not link.fail(job, Unreachable("refused"))
    assert link.down
    assert link.fail("a", RateLimited("429"))
    assert not link.fail("a", Unauthorized("401"))
    assert not link.fail("b", Unauthorized("401"))
    assert link.signed_out
    assert link.fail("a", NotFound("404")), "a 404 needs an accepted token"


def test_the_longer_wait_applies_and_only_retry_after_delays_the_user(link: Monitor) -> None:
    link.fail("a", RateLimited("429"))
    assert link.demanded_wait() is None
    assert 10 <= (link.poll_delay() or 0) <= 13
    link.fail("a", RateLimited("429", retry_after=5))
    assert link.wait_until == EPOCH + 105.0
    link.time = 105.0
    assert link.demanded_wait() is None
    assert 5 <= (link.poll_delay() or 0) <= 8
    link.time = 100.0
    link.fail("a", ServerError("503", retry_after=60))
    link.fail("b", ServerError("503", retry_after=1))
    link.time = 120.0
    assert link.wait_until == EPOCH + 160.0
    assert link.poll_delay() == 40.0
    assert link.state == LinkState(Link.LIMITED, "503", EPOCH + 160.0)


def test_an_answer_to_an_earlier_request_does_not_undo_a_rejection(link: Monitor) -> None:
    link.time = 101.0
    link.fail("a", Unauthorized("401"), started=100.0)
    assert not link.succeeded(100.5)
    assert link.poll_delay() is None
    link.fail("b", NotFound("404"), started=99.0)
    assert link.signed_out, "nor does a 404"
    assert link.succeeded(101.0)
    assert link.poll_delay() == 0.0


def test_a_403_is_about_the_account_until_any_job_brings_a_good_answer(link: Monitor) -> None:
    link.fail("a", Forbidden("403"))
    assert link.state == LinkState(Link.SIGNED_OUT, "403")
    link.succeeded(99.0)
    for job, status in zip("abc", (Link.UP, Link.UP, Link.SIGNED_OUT), strict=True):
        assert link.state.status is Link.UP, "even an answer to an earlier request counts"
        link.fail(job, Forbidden("403"))
        assert link.state.status is status


def test_subscribers_get_each_new_state_once_also_that_a_wait_ended(link: Monitor) -> None:
    seen: list[LinkState] = []
    link.subscribe(seen.append)
    link.fail("a", RateLimited("429", retry_after=5))
    link.note_retry_after(RateLimited("429", retry_after=2))
    link.update()
    assert seen == [LinkState(Link.LIMITED, "429", EPOCH + 105.0)]
    link.time = 105.0
    link.update()
    assert seen[1:] == [LinkState()]


def test_the_leaders_state_shows_as_long_as_our_own_requests_go_well(link: Monitor) -> None:
    seen: list[LinkState] = []
    link.subscribe(seen.append)
    down = LinkState(Link.DOWN, "refused", EPOCH + 111.0)
    link.leader.set(down)
    assert link.own_state == LinkState()
    link.sign_out("no token")
    link.leader.set(None)
    assert [state.status for state in seen] == [Link.DOWN, Link.SIGNED_OUT, Link.SIGNED_OUT]


def test_a_wait_from_another_process_applies_for_at_most_an_hour(link: Monitor) -> None:
    link.leader.set(LinkState())
    link.hold_until(EPOCH + 1e9)
    assert link.wait_until == EPOCH + 100.0 + MAX_RETRY_AFTER_SECONDS
    assert link.state == LinkState(Link.LIMITED, "", link.wait_until), "even if no process leads"
    link.hold_until(EPOCH + 130.0)
    assert link.state.until == link.wait_until


def test_two_processes_do_not_prolong_a_wait_in_turns(link: Monitor) -> None:
    link.hold_until(EPOCH + 130.0)
    seen: list[LinkState] = []
    link.own.subscribe(seen.append)
    link.hold_until(EPOCH + 130.01)
    assert seen == [], "its clocks were read at slightly different times"
    link.hold_until(EPOCH + 131.0)
    assert link.wait_until == EPOCH + 131.0
