"""The conclusions drawn from single answers."""

import random

import pytest

from app.deepwriter.errors import (
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
from app.watch.polling.link import Link, LinkMonitor


@pytest.fixture
def connection() -> LinkMonitor:
    return LinkMonitor(random.Random(1))


def fail(connection: LinkMonitor, job: str, error: ApiError, now: float = 100.0, jobs: int = 9) -> bool:
    return connection.failed(job, error, now, now, jobs)


def test_three_different_jobs_or_all_there_are_bring_it_down(connection: LinkMonitor) -> None:
    for job in "aab":
        fail(connection, job, Unreachable("refused"))
        assert connection.state(100.0).link is Link.UP
    fail(connection, "c", BadAnswer("no JSON"))
    assert connection.state(100.0).reason == "no JSON"
    other = LinkMonitor(random.Random(1))
    fail(other, "a", Unreachable("refused"), jobs=1)
    assert other.down


@pytest.mark.parametrize("useful", [NotFound("404"), Rejected("418", 418)])
def test_any_answer_of_use_shows_that_it_is_up(connection: LinkMonitor, useful: ApiError) -> None:
    for job in "ab":
        fail(connection, job, ServerError("500", 500))
    fail(connection, "c", useful)
    for job, link in zip("def", (Link.UP, Link.UP, Link.DOWN), strict=True):
        fail(connection, job, ServerError("500", 500))
        assert connection.state(100.0).link is link
    assert fail(connection, "a", useful), "which ends the time without answers"


def test_only_the_end_of_a_time_without_answers_is_one(connection: LinkMonitor) -> None:
    assert not fail(connection, "a", NotFound("404")), "it was up all along"
    for job in "abcd":
        assert not fail(connection, job, Unreachable("refused"))
    assert connection.down
    assert fail(connection, "a", RateLimited("429"))
    assert not fail(connection, "a", Unauthorized("401"))
    assert not fail(connection, "b", Unauthorized("401"))
    assert connection.signed_out
    assert fail(connection, "a", NotFound("404")), "which only those get who are let in"


def test_the_first_probe_counts_from_the_latest_start_not_from_the_failure(connection: LinkMonitor) -> None:
    connection.started(100.0)
    connection.failed("a", Unreachable("no answer"), 100.0, 110.0, 1)
    allowed = connection.poll_allowed_at(110.0)
    assert allowed is not None
    assert 110.2 <= allowed <= 112.8


def test_the_longer_wait_holds_and_only_the_servers_own_binds_a_person(connection: LinkMonitor) -> None:
    fail(connection, "a", RateLimited("429"))
    assert connection.retry_after_until(101.0) is None
    assert 110 <= (connection.poll_allowed_at(101.0) or 0) <= 113
    fail(connection, "a", RateLimited("429", retry_after=5))
    assert connection.retry_after_until(101.0) == 105.0
    assert connection.retry_after_until(105.0) is None
    assert 110 <= (connection.poll_allowed_at(105.0) or 0) <= 113
    fail(connection, "a", ServerError("503", 503, retry_after=60))
    fail(connection, "b", ServerError("503", 503, retry_after=1))
    assert connection.retry_after_until(120.0) == connection.poll_allowed_at(120.0) == 160.0
    state = connection.state(120.0)
    assert (state.link, state.reason, state.until) == (Link.LIMITED, "503", 160.0)


def test_an_answer_that_was_under_way_does_not_undo_a_refusal(connection: LinkMonitor) -> None:
    connection.failed("a", Unauthorized("401"), 100.0, 101.0, 9)
    assert not connection.answered(100.5)
    assert connection.poll_allowed_at(102.0) is None
    connection.failed("b", NotFound("404"), 99.0, 102.0, 9)
    assert connection.signed_out, "nor does a 404"
    assert connection.answered(101.0)
    assert connection.poll_allowed_at(102.0) == 102.0


def test_a_refusal_of_the_old_token_says_nothing_about_the_new_one(connection: LinkMonitor) -> None:
    fail(connection, "a", Unauthorized("401"), 100.0)
    connection.signed_in(110.0)
    connection.failed("b", Unauthorized("401"), 109.0, 112.0, 9)
    assert connection.state(112.0).link is Link.UP
    connection.failed("b", Unauthorized("401"), 111.0, 112.0, 9)
    assert connection.state(112.0).link is Link.SIGNED_OUT


def test_a_403_is_about_the_account_until_any_job_is_answered_well(connection: LinkMonitor) -> None:
    fail(connection, "a", Forbidden("403"))
    assert connection.state(100.0).link is Link.SIGNED_OUT
    connection.answered(99.0)
    for job, link in zip("abc", (Link.UP, Link.UP, Link.SIGNED_OUT), strict=True):
        assert connection.state(100.0).link is Link.UP, "even a request that was under way shows it"
        fail(connection, job, Forbidden("403"))
        assert connection.state(100.0).link is link
