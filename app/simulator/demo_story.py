"""The scenarios of the demo: fourteen jobs, with a change every few seconds for ten minutes.

Times are in simulated seconds from the start of the demo, negative before it.
"""

import math
import random
from typing import Any, NamedTuple

from app.simulator.catalogue import BOOK, BRIEF, KINDS, MODELS, PAPER, REPORT, REVIEW
from app.simulator.scenarios import HOUR, MINUTE, Account, Scenario, Step, cut, stage_steps

PAUSES = ((65.0, 71.0), (560.0, 566.0))
"""The periods in which the API asks all clients to wait: start and end of each."""

_MODELS = {
    BRIEF: ("ponder-3", "quill-4-turbo", "switch-1-mini"),
    REPORT: ("ponder-3-large", "quill-4", "switch-1"),
    PAPER: ("ponder-3-large", "quill-4-turbo", "switch-1"),
    REVIEW: ("abacus-2-pro", "quill-4", "switch-1"),
    BOOK: ("ponder-3-large", "longhand-2", "switch-1"),
}
"""The reasoning, writing and function model of each kind. A forecast learns from jobs with the same models."""

_FINISHED = {
    BRIEF: (8, 130.0, 230.0),
    REPORT: (6, 1000.0, 1500.0),
    PAPER: (6, 1500.0, 2600.0),
    REVIEW: (5, 3000.0, 4200.0),
    BOOK: (4, 5.6 * HOUR, 6.4 * HOUR),
}
"""For each kind, the number of jobs that finished before the demo, and their shortest and longest running time."""


class DemoStory(NamedTuple):
    """The scenarios of the demo."""

    jobs: tuple[Scenario, ...]  # the watch list; the first one is selected at the start
    finished: tuple[Scenario, ...]  # earlier jobs of the same kinds, from which forecasts learn


def demo_story() -> DemoStory:
    """Create the scenarios, which are the same every time."""
    builder = _Builder()
    job = builder.job
    long_book = "The Salt Roads: a history of trade, taxes and smuggling from Hallstatt to the Sahara"
    long_review = "Literature review: sleep and shift work, with a meta-analysis"
    upload = "Upload 'appendix-b.pdf' could not be read: the file is encrypted."
    flagged = "A source document was flagged by the content policy: personal data."
    timeout = "The research tool timed out after 3 attempts while collecting sources."
    jobs = (
        # Chapter 8 begins after 53 % of the time of a book.
        job(long_book, BOOK, starts=95 - 0.53 * 6 * HOUR, lasts=6 * HOUR),
        job("Press release: the new tram line opens", BRIEF, ends=8, lasts=140, queued=95),
        job("Summary of the harbour hearing", BRIEF, ends=110, lasts=135, queued=40),
        job("Quarterly report: battery recycling in Europe", REPORT, ends=42, lasts=20 * MINUTE, queued=340),
        job("Annual report of the Lindholm Foundation", REPORT, ends=50, lasts=840, queued=700, failed=(64, upload)),
        job("Post-quantum signatures for firmware", PAPER, ends=80, lasts=480, queued=190, moderated=(22, flagged)),
        builder.stalled(long_review, since=-38 * MINUTE, until=25),
        job("Memo to the board: heat pumps for Hall C", BRIEF, starts=15, lasts=185, queued=240),
        job("Product announcement, spring update", BRIEF, starts=120, lasts=200, queued=310),
        job("FAQ for the water meter exchange", BRIEF, starts=240, lasts=200, draft_minutes=26, submitted=34, queued=80),
        job("Two-page brief on school meals", BRIEF, starts=400, lasts=200, draft_minutes=71, submitted=280, queued=40),
        job("Night Trains: Europe in Couchettes", BOOK, starts=3080, lasts=6 * HOUR, draft_minutes=300, submitted=480, queued=2560),
        job("東京の水道 老朽化と更新計画", PAPER, ends=-25 * MINUTE, lasts=40 * MINUTE),
        job("The state of rural broadband", REPORT, ends=-90, lasts=20 * MINUTE, failed=(27, timeout)),
    )  # fmt: skip
    return DemoStory(jobs, tuple(builder.finished()))


class _Builder:
    def __init__(self) -> None:
        self._rng = random.Random("demo")  # noqa: S311 - repeatable, not secret
        self._account = Account(self._rng)

    def job(
        self,
        title: str,
        kind: str,
        *,
        lasts: float,  # how long the work takes, or would take if the job did not fail
        starts: float | None = None,
        ends: float | None = None,
        failed: tuple[float, str] | None = None,  # the percentage, and why
        moderated: tuple[float, str] | None = None,  # the percentage, and why
        draft_minutes: float = 0.0,  # how long before the demo the draft was made
        submitted: float | None = None,  # when the draft is submitted; None for a job that never was a draft
        queued: float = 150.0,  # how long the job waits in the queue
    ) -> Scenario:
        """Build one job, from either the start or the end of its work."""
        work = stage_steps(KINDS[kind], lasts, self._rng, variation=0.0)
        if kind == BRIEF:  # takes minutes, so progress changes every second
            work = [step._replace(tick=1.0) for step in work]
        outcome = "failed" if failed else "moderated" if moderated else "completed"
        percent, error = failed or moderated or (100.0, None)
        if outcome != "completed":
            work = cut(work, percent)
        if starts is None:
            assert ends is not None
            starts = ends - math.fsum(step.seconds for step in work)
        waits = {"queued": queued}
        if submitted is not None:
            waits |= {"submitted": starts - queued - submitted, "draft": submitted + draft_minutes * MINUTE}
        return self._scenario(title, kind, work, outcome, starts=starts, error=error, **waits)

    def stalled(self, title: str, *, since: float, until: float) -> Scenario:
        """Build a review that makes no progress between `since` and `until`."""
        work = stage_steps(KINDS[REVIEW], HOUR, self._rng, variation=0.0)
        number = next(n for n, step in enumerate(work) if step.start == step.end)
        starts = since - math.fsum(step.seconds for step in work[:number])
        still, after = work[number], work[number + 1]
        assert after.start is not None
        work[number] = still._replace(seconds=until - since)
        work[number + 1] = after._replace(start=after.start + 1.5, tick=10.0)
        return self._scenario(title, REVIEW, work, "completed", starts=starts, queued=150.0)

    def finished(self) -> list[Scenario]:
        """Build the jobs of all kinds that completed before the demo."""
        scenarios = []
        for name, (count, shortest, longest) in _FINISHED.items():
            for number in range(count):
                kind, lasts = KINDS[name], self._rng.uniform(shortest, longest)
                work = stage_steps(kind, lasts, self._rng, variation=0.25)
                starts = -lasts - (number + 1) * 7 * HOUR
                title = kind.titles[number % len(kind.titles)]
                queued = self._rng.uniform(40, 700)
                scenarios.append(self._scenario(title, name, work, "completed", starts=starts, queued=queued))
        return scenarios

    def _scenario(self, title: str, kind: str, work: list[Step], outcome: str, **times: Any) -> Scenario:
        fields: dict[str, Any] = dict(zip(MODELS, _MODELS[kind], strict=True))
        fields |= {"is_byok": False, "is_starred": kind == BOOK}
        return self._account.scenario(title, work, outcome, **times, **fields)
