"""What a row of the table says of a job."""

from dataclasses import replace

import pytest

from app.job import Job
from app.presentation.columns import COLUMNS
from app.presentation.glyphs import ASCII, UNICODE, Glyphs
from app.presentation.ordering import ShortIds
from app.presentation.rows import RowMaker
from app.watch.watched import Cancel, CancelStep, Failure, Outlook, Watched
from tests.scripted_api import job_id
from widgets.model import Row, Tone

NOW = 1_000_000.0
JOB = Job(
    job_id(1), "user", "project-and-more", "in_progress", NOW - 7300, NOW - 10, 42.9, "Drafting", "A book",
    None, "writer", None, "caller", True, False,
)  # fmt: skip
ENTRY = Watched(JOB.id, 0.0, JOB, NOW - 10)


def row(
    entry: Watched,
    *,
    interval: float | None = 5.0,
    marks: frozenset[str] = frozenset(),
    signs: Glyphs = UNICODE,
) -> Row:
    return RowMaker(signs, ShortIds([entry.id]), marks, lambda _: interval).row(entry, NOW)


def test_every_column_finds_its_text() -> None:
    shown = row(replace(ENTRY, outlook=Outlook(NOW + 840, NOW, NOW)), marks=frozenset([JOB.id]))
    assert (shown.id, shown.tone, shown.marked, shown.dim, shown.fraction) == (
        JOB.id,
        Tone.RUNNING,
        True,
        False,
        0.429,
    )
    assert {key: shown.texts[key] for key in shown.texts if key not in ("created",)} == {
        "mark": "●",
        "sign": "▶",
        "status": "▶ in progress",
        "title": "A book",
        "progress": "42%",
        "stage": "Drafting",
        "eta": "~14m",
        "age": "",
        "id": JOB.id[:8],
        "project": "project-",
        "models": "writer caller",
        "elapsed": "2h",
        "byok": "yes",
        "starred": "",
    }
    assert set(shown.texts) == {item.column.key for item in COLUMNS} | {"sign"}  # which narrow panes show


@pytest.mark.parametrize(
    ("seconds", "interval", "said"),
    [(14, 5.0, ""), (15, 5.0, ""), (16, 5.0, "15s"), (600, 5.0, "10m"), (600, 600.0, ""), (600, None, "")],
)
def test_an_age_is_told_once_it_is_more_than_three_intervals(
    seconds: float, interval: float, said: str
) -> None:
    shown = row(replace(ENTRY, fetched_at=NOW - seconds), interval=interval)
    assert shown.texts["age"] == said
    assert shown.dim is bool(said)


def test_a_failure_tells_the_age_at_once_and_a_finished_job_has_none() -> None:
    failed = replace(ENTRY, failure=Failure(NOW - 1, "no"))
    assert row(failed).texts["age"] == "10s"
    done = replace(failed, job=replace(JOB, status="completed"), fetched_at=NOW - 9999)
    assert (row(done).texts["age"], row(done).dim) == ("", True)


def test_what_is_not_known_is_empty_and_the_id_stands_for_a_title() -> None:
    shown = row(Watched(JOB.id, 0.0))
    assert (shown.fraction, shown.texts["progress"], shown.texts["title"]) == (None, "", JOB.id[:8])
    assert (shown.texts["status"], shown.dim) == ("○ new", False)
    unanswered = row(Watched(JOB.id, 0.0).after_failure("no", NOW))
    assert (unanswered.texts["status"], unanswered.texts["age"], unanswered.dim) == (
        "○ no data yet",
        "",
        True,
    )
    unknown = row(replace(ENTRY, job=replace(JOB, progress=None, title=None)))
    assert (unknown.fraction, unknown.texts["progress"], unknown.texts["title"]) == (None, "", JOB.id[:8])
    none = row(replace(ENTRY, job=replace(JOB, progress=0.0)))
    assert (none.fraction, none.texts["progress"]) == (0.0, "0%")


@pytest.mark.parametrize(
    ("status", "said", "tone"),
    [
        ("draft", "○ draft", Tone.WAITING),
        ("submitted", "○ submitted", Tone.WAITING),
        ("queued", "○ queued", Tone.WAITING),
        ("completed", "✔ completed", Tone.DONE),
        ("failed", "✖ failed", Tone.ATTENTION),
        ("moderated", "✖ moderated", Tone.ATTENTION),
        ("cancelled", "⊘ cancelled", Tone.DONE),
        ("on_hold", "○ on_hold", Tone.WAITING),
    ],
)
def test_a_status_is_a_sign_and_a_word(status: str, said: str, tone: Tone) -> None:
    shown = row(replace(ENTRY, job=replace(JOB, status=status)))
    assert (shown.texts["status"], shown.tone) == (said, tone)
    plain = row(replace(ENTRY, job=replace(JOB, status=status)), signs=ASCII).texts["status"]
    assert plain.isascii()
    assert plain[2:] == said[2:]


def test_what_became_of_a_cancel_stands_in_place_of_the_status() -> None:
    refused = replace(ENTRY, cancel=Cancel(NOW, CancelStep.REFUSED, "too many requests"))
    assert row(refused).texts["status"] == "▶ refused: too many requests"
    accepted = replace(ENTRY, cancel=Cancel(NOW - 61, CancelStep.ACCEPTED))
    assert row(accepted).texts["status"] == "▶ accepted, still in progress 1m"


def test_a_job_that_stands_still_says_so_but_not_over_a_cancel() -> None:
    still = replace(ENTRY, outlook=Outlook(stalled_since=NOW - 660))
    assert row(still).texts["status"].endswith("no change 11m")
    assert row(still).tone is Tone.STALE
    assert row(still).texts["eta"] == ""
    refused = replace(still, cancel=Cancel(NOW, CancelStep.REFUSED, "sign in"))
    assert row(refused).texts["status"].endswith("refused: sign in")


def test_a_job_that_is_not_found_keeps_what_was_known() -> None:
    missing = replace(ENTRY, misses=1, failure=Failure(NOW, "not there"))
    assert (row(missing).texts["status"], row(missing).tone) == ("? not found", Tone.RUNNING)
    assert row(replace(missing, misses=2)).tone is Tone.ATTENTION
    assert row(missing).texts["progress"] == "42%"


def test_no_forecast_is_too_long_for_its_column() -> None:
    width = next(item.column.width for item in COLUMNS if item.column.key == "eta")
    texts = {row(replace(ENTRY, outlook=Outlook(NOW + 37.0 * n))).texts["eta"] for n in range(20_000)}
    assert max(map(len, texts)) <= width
