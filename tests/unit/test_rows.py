"""What a row of the table says of a job."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from app.job import Job
from app.presentation.columns import KEYS, CellFacts, job_column
from app.presentation.glyphs import ASCII, UNICODE, Glyphs
from app.presentation.json_fields import job_object
from app.presentation.rows import is_stale, row_of
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.scripted_api import job_id
from widgets.model import Cell, Row, Tone

NOW = 1_763_906_400.0  # 2025-11-23 14:00:00 UTC
DAY = 86400.0
JOB = Job(
    job_id(1), "user", "project-and-more", "in_progress", NOW - 7300, NOW - 60, 42.9, "Drafting", "A book",
    None, "writer", None, "caller", True, False,
)  # fmt: skip
ENTRY = Watched(JOB.id, 0.0, JOB, NOW - 10)


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    zone = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    assert os.environ.get("TZ") == zone
    time.tzset()


def row(
    entry: Watched,
    *,
    interval: float | None = 5.0,
    marks: frozenset[str] = frozenset(),
    glyphs: Glyphs = UNICODE,
    unseen: frozenset[str] = frozenset(),
    columns: Sequence[str] = KEYS,
) -> Row:
    stale = is_stale(entry, lambda _: interval, NOW)
    facts = CellFacts(NOW, entry.id[:8], stale, entry.id in unseen, "status" in columns)
    return row_of(entry, facts, glyphs, columns, marked=entry.id in marks)


def become(status: str, **facts: object) -> Watched:
    return replace(ENTRY, job=replace(JOB, status=status, **facts))  # type: ignore[arg-type]


def test_every_column_finds_its_text() -> None:
    shown = row(replace(ENTRY, outlook=Outlook(NOW + 840, NOW, NOW)), marks=frozenset([JOB.id]))
    assert (shown.id, shown.marked, shown.fraction, shown.bar) == (JOB.id, True, 0.429, Tone.RUNNING)
    assert (shown.glyph, shown.sentence, shown.word) == (Cell("▸", Tone.RUNNING), None, None)
    assert {key: cell.text for key, cell in shown.cells.items()} == {
        "title": "A book",
        "status": "in progress",
        "progress": "42%",
        "stage": "Drafting",
        "eta": "~14m",
        "age": "",
        "id": JOB.id[:8],
        "project": "project-",
        "models": "writer caller",
        "created": "11:58",
        "elapsed": "2h",
        "byok": "yes",
        "starred": "",
    }
    assert set(shown.cells) == set(KEYS)


@pytest.mark.parametrize(
    ("entry", "glyph", "said", "word", "time", "tone"),
    [
        (become("failed", progress=64.0, error_message="no paper"), "✖", "failed at 64%: no paper", "failed", "13:59", Tone.ATTENTION),
        (become("moderated", progress=None, updated_at=NOW - DAY), "✖", "moderated", "moderated", "Nov 22", Tone.ATTENTION),
        (become("completed"), "✔", "completed in 2h", None, "13:59", Tone.SECONDARY),
        (become("cancelled"), "⊘", "cancelled at 42%", "cancelled", "13:59", Tone.SECONDARY),
        (become("queued"), "◦", "queued since 13:59", "queued", "", Tone.SECONDARY),
        (become("submitted"), "◦", "submitted at 13:59", "submitted", "", Tone.SECONDARY),
        (become("draft"), "◦", "draft since 11:58", "draft", "", Tone.SECONDARY),
        (become("on_hold"), "◦", "on_hold at 42%: Drafting", "on_hold", "", Tone.SECONDARY),
        (Watched(JOB.id, 0.0), "◦", "new", "new", "", Tone.SECONDARY),
        (Watched(JOB.id, 0.0).after_failure("no", NOW), "◦", "no data yet: no", "no data yet", "", Tone.SECONDARY),
    ],
)  # fmt: skip
def test_a_job_that_does_not_run_is_one_sentence(
    entry: Watched, glyph: str, said: str, word: str | None, time: str, tone: Tone
) -> None:
    shown = row(entry)
    assert shown.glyph.text == glyph
    assert shown.sentence == Cell(said, tone)
    assert (shown.word and shown.word.text) == word
    assert shown.cells["eta"].text == time
    assert row(entry, glyphs=ASCII).glyph.text.isascii()


def test_a_job_that_is_not_found_twice_needs_a_look_and_once_keeps_what_was_known() -> None:
    once = replace(ENTRY, misses=1, failure=Failure(NOW, "not there"))
    assert (row(once).glyph, row(once).sentence) == (Cell("?", Tone.RUNNING), None)
    assert row(once).cells["status"].text == "not found"
    assert row(once).cells["eta"] == Cell("at 13:59", Tone.STALLED)
    twice = row(replace(once, misses=2))
    assert twice.glyph == Cell("?", Tone.ATTENTION)
    assert twice.sentence == Cell("not found: not there", Tone.ATTENTION)


def test_what_needs_a_look_is_bold_and_what_is_done_is_quiet_once_it_was_seen() -> None:
    assert row(become("failed")).cells["title"] == Cell("A book", Tone.PLAIN, bold=True)
    assert row(become("completed")).cells["title"] == Cell("A book", Tone.SECONDARY)
    assert row(become("completed"), unseen=frozenset([JOB.id])).cells["title"] == Cell("A book")
    assert row(ENTRY).cells["title"] == Cell("A book")


@pytest.mark.parametrize(
    ("seconds", "interval", "stale"),
    [(14, 5.0, False), (15, 5.0, False), (16, 5.0, True), (600, 600.0, False), (600, None, False)],
)
def test_data_older_than_three_intervals_says_since_when(
    seconds: float, interval: float | None, stale: bool
) -> None:
    shown = row(replace(ENTRY, fetched_at=NOW - seconds, outlook=Outlook(NOW + 99)), interval=interval)
    said = f"at {time.strftime('%H:%M', time.gmtime(NOW - seconds))}"
    assert shown.cells["eta"] == (Cell(said, Tone.STALLED) if stale else Cell("~2m"))
    assert shown.bar is (Tone.SECONDARY if stale else Tone.RUNNING)
    assert shown.cells["stage"].tone is (Tone.SECONDARY if stale else Tone.PLAIN)


def test_a_failed_poll_says_so_at_once_and_a_finished_job_never() -> None:
    failed = replace(ENTRY, failure=Failure(NOW - 1, "no"))
    assert row(failed).cells["eta"].text == "at 13:59"
    done = replace(failed, job=replace(JOB, status="completed"), fetched_at=NOW - 9999)
    assert row(done).cells["eta"] == Cell("13:59", Tone.FAINT)


def test_what_is_not_known_is_empty() -> None:
    shown = row(become("in_progress", progress=None, title=None, stage=None))
    assert (shown.fraction, shown.cells["progress"].text, shown.cells["stage"].text) == (None, "", "")
    assert shown.cells["title"] == Cell(f"untitled {JOB.id[:8]}", Tone.SECONDARY)
    assert row(Watched(JOB.id, 0.0)).cells["title"].text == JOB.id[:8]
    none = row(become("in_progress", progress=0.0))
    assert (none.fraction, none.cells["progress"].text) == (0.0, "0%")


def test_the_last_minute_is_bold_in_the_running_color() -> None:
    assert row(replace(ENTRY, outlook=Outlook(NOW + 59))).cells["eta"] == Cell("<1m", Tone.RUNNING, bold=True)


@pytest.mark.parametrize(
    ("cancel", "status", "said"),
    [
        (Cancel(NOW, CancelStep.REFUSED, "too many requests"), "refused", "refused: too many requests"),
        (Cancel(NOW - 61, CancelStep.ACCEPTED), "accepted", "accepted, still in progress since 13:58"),
        (Cancel(NOW - 61, CancelStep.NO_ANSWER), "no answer", "no answer: still in progress"),
    ],
)
def test_the_outcome_of_a_cancel_is_shown_beside_the_bar(cancel: Cancel, status: str, said: str) -> None:
    shown = row(replace(ENTRY, cancel=cancel, outlook=Outlook(NOW + 99)))
    assert shown.sentence is None
    assert (shown.cells["status"].text, shown.cells["stage"].text) == (status, said)
    assert (shown.cells["progress"].text, shown.cells["eta"].text) == ("42%", "~2m")
    assert shown.word
    assert shown.word.text == status
    waiting = row(replace(become("queued"), cancel=cancel))
    assert waiting.sentence
    assert waiting.sentence.text == said.replace("in progress", "queued")


def test_a_job_that_is_being_cancelled_says_so_once() -> None:
    cancelling = replace(ENTRY, cancel=Cancel(NOW - 1, CancelStep.SENT))
    with_status, without = row(cancelling), row(cancelling, columns=("title", "progress", "stage"))
    assert (with_status.cells["status"].text, with_status.cells["stage"].text) == ("cancelling", "Drafting")
    assert without.cells["stage"].text == "cancelling"
    assert with_status.word
    assert with_status.word.text == "cancelling"
    waiting = row(replace(become("queued"), cancel=cancelling.cancel)).sentence
    assert waiting
    assert waiting.text == "cancelling"


def test_a_cancel_that_came_too_late_says_so() -> None:
    shown = row(replace(become("completed"), cancel=Cancel(NOW, CancelStep.FINISHED_FIRST)))
    assert shown.sentence
    assert shown.sentence.text == "finished first: completed in 2h"


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("generating_work", "generating work"),
        ("reading_214_papers", "reading 214 papers"),
        ("Reading a_b.pdf", "Reading a_b.pdf"),
        ("_internal", "_internal"),
        ("Drafting", "Drafting"),
    ],
)
def test_a_stage_in_snake_case_is_read_as_words(stage: str, words: str) -> None:
    assert row(become("in_progress", stage=stage)).cells["stage"].text == words
    unknown = row(become("paused", stage=stage)).sentence
    assert unknown
    assert unknown.text == f"paused at 42%: {words}"
    assert job_object(become("in_progress", stage=stage))["stage"] == stage


def test_a_stalled_job_shows_since_when_and_no_time_left() -> None:
    still = row(replace(ENTRY, outlook=Outlook(NOW + 99, stalled_since=NOW - 660)))
    assert still.cells["status"] == Cell("in progress", Tone.STALLED)
    assert still.cells["stage"] == Cell("no change since 13:49: Drafting", Tone.STALLED)
    assert (still.cells["eta"].text, still.bar, still.glyph.tone) == ("", Tone.STALLED, Tone.STALLED)
    assert still.word == Cell("stalled", Tone.STALLED)


def test_no_forecast_is_too_long_for_its_column() -> None:
    width = job_column("eta").width_in(40)
    texts = {row(replace(ENTRY, outlook=Outlook(NOW + 370.0 * n))).cells["eta"].text for n in range(2_000)}
    assert max(map(len, texts)) <= width
