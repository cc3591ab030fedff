"""What a row of the table says of a job."""

import time
from collections.abc import Collection
from dataclasses import replace

import pytest

from app.job import Job
from app.presentation.columns import COLUMNS, CellFacts
from app.presentation.json_fields import job_object
from app.presentation.rows import is_stale, row_of
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.jobs import become
from tests.scripted_api import job_id
from widgets.ascii import in_ascii
from widgets.model import Cell, Row, Tone

NOW = 1_763_899_200.0  # 2025-11-23 14:00:00 in the time zone of these tests
DAY = 86400.0
JOB = Job(
    job_id(1), "user", "project-and-more", "in_progress", NOW - 7300, NOW - 60, 42.9, "Drafting", "A book",
    None, "writer", None, "caller", True, False,
)  # fmt: skip
ENTRY = Watched(JOB.id, 0.0, JOB, NOW - 10)


pytestmark = pytest.mark.usefixtures("two_hours_ahead")


def row(
    entry: Watched,
    *,
    interval: float | None = 5.0,
    marks: frozenset[str] = frozenset(),
    unseen: frozenset[str] = frozenset(),
    columns: Collection[str] = COLUMNS,
) -> Row:
    stale = is_stale(entry, lambda _: interval, NOW)
    facts = CellFacts(NOW, entry.id[:8], columns, stale, entry.id in unseen)
    return row_of(entry, facts, marked=entry.id in marks)


FAILURE = Failure(NOW - 1, "no")
MISSING = replace(ENTRY, misses=1, failure=Failure(NOW, "not there"))
STALLED = replace(ENTRY, outlook=Outlook(NOW + 99, stalled_since=NOW - 660))
REFUSED = Cancel(NOW, CancelStep.REFUSED, "too many requests")
ACCEPTED = Cancel(NOW - 61, CancelStep.ACCEPTED)
NO_ANSWER = Cancel(NOW - 61, CancelStep.NO_ANSWER)
SENT = Cancel(NOW - 1, CancelStep.SENT)


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
    assert set(shown.cells) == set(COLUMNS)


@pytest.mark.parametrize(
    ("entry", "glyph", "said", "word", "time", "tone"),
    [
        (become(ENTRY, "failed", progress=64.0, error_message="no paper"), "✖", "failed at 64%: no paper", "failed", "13:59", Tone.ATTENTION),
        (become(ENTRY, "moderated", progress=None, updated_at=NOW - DAY), "✖", "moderated", "moderated", "Nov 22", Tone.ATTENTION),
        (become(ENTRY, "completed"), "✔", "completed in 2h", None, "13:59", Tone.SECONDARY),
        (become(ENTRY, "cancelled"), "⊘", "cancelled at 42%", "cancelled", "13:59", Tone.SECONDARY),
        (become(ENTRY, "queued"), "◦", "queued since 13:59", "queued", "", Tone.SECONDARY),
        (become(ENTRY, "submitted"), "◦", "submitted at 13:59", "submitted", "", Tone.SECONDARY),
        (become(ENTRY, "draft"), "◦", "draft since 11:58", "draft", "", Tone.SECONDARY),
        (become(ENTRY, "on_hold"), "◦", "on_hold at 42%: Drafting", "on_hold", "", Tone.SECONDARY),
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
    assert in_ascii(shown.glyph.text).isascii()


@pytest.mark.parametrize(
    ("entry", "column", "cell"),
    [
        (become(ENTRY, "failed"), "title", Cell("A book", Tone.PLAIN, bold=True)),
        (become(ENTRY, "completed"), "title", Cell("A book", Tone.SECONDARY)),
        (ENTRY, "title", Cell("A book")),
        (become(ENTRY, "in_progress", title=None), "title", Cell(f"untitled {JOB.id[:8]}", Tone.SECONDARY)),
        (Watched(JOB.id, 0.0), "title", Cell(JOB.id[:8], Tone.SECONDARY)),
        (become(ENTRY, "in_progress", progress=None), "progress", Cell("")),
        (become(ENTRY, "in_progress", progress=0.0), "progress", Cell("0%")),
        (become(ENTRY, "in_progress", stage=None), "stage", Cell("")),
        (become(ENTRY, "in_progress", stage="generating_work"), "stage", Cell("generating work")),
        (become(ENTRY, "in_progress", stage="reading_214_papers"), "stage", Cell("reading 214 papers")),
        (become(ENTRY, "in_progress", stage="Reading a_b.pdf"), "stage", Cell("Reading a_b.pdf")),
        (become(ENTRY, "in_progress", stage="_internal"), "stage", Cell("_internal")),
        (replace(ENTRY, outlook=Outlook(NOW + 59)), "eta", Cell("<1m", Tone.RUNNING, bold=True)),
        (replace(ENTRY, failure=FAILURE), "eta", Cell("at 13:59", Tone.STALLED)),
        (become(ENTRY, "completed", failure=FAILURE, fetched_at=0.0), "eta", Cell("13:59", Tone.FAINT)),
        (MISSING, "status", Cell("not found", Tone.SECONDARY)),
        (MISSING, "eta", Cell("at 13:59", Tone.STALLED)),
        (STALLED, "status", Cell("in progress", Tone.STALLED)),
        (STALLED, "stage", Cell("no change since 13:49: Drafting", Tone.STALLED)),
        (STALLED, "eta", Cell("")),
    ],
)
def test_a_cell_of_a_row(entry: Watched, column: str, cell: Cell) -> None:
    assert row(entry).cells[column] == cell


def test_what_is_done_is_quiet_once_it_was_seen() -> None:
    shown = row(become(ENTRY, "completed"), unseen=frozenset([JOB.id]))
    assert shown.cells["title"] == Cell("A book")


def test_the_sign_and_the_bar_have_the_colour_of_what_needs_a_look() -> None:
    assert (row(MISSING).glyph, row(MISSING).sentence) == (Cell("?", Tone.RUNNING), None)
    twice = row(replace(MISSING, misses=2))
    assert twice.glyph == Cell("?", Tone.ATTENTION)
    assert twice.sentence == Cell("not found: not there", Tone.ATTENTION)
    stalled = row(STALLED)
    assert (stalled.bar, stalled.glyph.tone) == (Tone.STALLED, Tone.STALLED)
    assert stalled.word == Cell("stalled", Tone.STALLED)
    assert row(become(ENTRY, "in_progress", progress=None)).fraction is None
    assert row(become(ENTRY, "in_progress", progress=0.0)).fraction == 0.0


@pytest.mark.parametrize(
    ("seconds", "interval", "stale"),
    [(14, 5.0, False), (15, 5.0, False), (16, 5.0, True), (600, 600.0, False), (600, None, False)],
)
def test_data_older_than_three_intervals_is_stale(
    seconds: float, interval: float | None, stale: bool
) -> None:
    shown = row(replace(ENTRY, fetched_at=NOW - seconds, outlook=Outlook(NOW + 99)), interval=interval)
    said = f"at {time.strftime('%H:%M', time.localtime(NOW - seconds))}"
    assert shown.cells["eta"] == (Cell(said, Tone.STALLED) if stale else Cell("~2m"))
    assert shown.bar is (Tone.SECONDARY if stale else Tone.RUNNING)
    assert shown.cells["stage"].tone is (Tone.SECONDARY if stale else Tone.PLAIN)


def test_data_of_another_day_is_dated_in_the_room_of_a_time() -> None:
    assert row(replace(ENTRY, fetched_at=NOW - 2 * DAY)).cells["eta"] == Cell("Nov 21", Tone.STALLED)


@pytest.mark.parametrize(
    ("cancel", "status", "said"),
    [
        (REFUSED, "refused", "refused: too many requests"),
        (ACCEPTED, "accepted", "accepted, still in progress since 13:58"),
        (NO_ANSWER, "no answer", "no answer: still in progress"),
        (SENT, "cancelling", "Drafting"),
    ],
)
def test_the_outcome_of_a_cancel_is_shown_beside_the_bar(cancel: Cancel, status: str, said: str) -> None:
    shown = row(replace(ENTRY, cancel=cancel, outlook=Outlook(NOW + 99)))
    assert shown.sentence is None
    assert (shown.cells["status"].text, shown.cells["stage"].text) == (status, said)
    assert shown.word
    assert shown.word.text == status
    if cancel is not SENT:
        assert (shown.cells["progress"].text, shown.cells["eta"].text) == ("42%", "~2m")
    assert row(replace(ENTRY, cancel=cancel), columns=("eta",)).cells["eta"] == shown.word


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (become(ENTRY, "queued", cancel=REFUSED), "refused: too many requests"),
        (become(ENTRY, "queued", cancel=ACCEPTED), "accepted, still queued since 13:58"),
        (become(ENTRY, "queued", cancel=ACCEPTED, fetched_at=NOW - 62), "accepted, state unknown"),
        (become(ENTRY, "queued", cancel=NO_ANSWER), "no answer: still queued"),
        (become(ENTRY, "queued", cancel=SENT), "cancelling"),
        (become(ENTRY, "completed", cancel=Cancel(NOW, CancelStep.FINISHED_FIRST)), "finished first: completed in 2h"),
        (become(ENTRY, "paused", stage="generating_work"), "paused at 42%: generating work"),
    ],
)  # fmt: skip
def test_the_sentence_of_a_job_that_does_not_run(entry: Watched, said: str) -> None:
    sentence = row(entry).sentence
    assert sentence
    assert sentence.text == said


def test_without_a_status_the_stage_says_that_a_job_is_being_cancelled() -> None:
    shown = row(replace(ENTRY, cancel=SENT), columns=("title", "progress", "stage"))
    assert shown.cells["stage"].text == "cancelling"


def test_json_has_a_stage_as_the_api_sends_it() -> None:
    assert job_object(become(ENTRY, "in_progress", stage="generating_work"))["stage"] == "generating_work"


def test_no_forecast_is_too_long_for_its_column() -> None:
    width = COLUMNS["eta"].column.width_in(40)
    texts = {row(replace(ENTRY, outlook=Outlook(NOW + 370.0 * n))).cells["eta"].text for n in range(2_000)}
    assert max(map(len, texts)) <= width
