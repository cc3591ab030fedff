"""The jobs that the bench uses in databases, in answers and in the naive program."""

import random
import sqlite3
from pathlib import Path
from uuid import UUID

from app.job import Job, Status
from app.watch.events import Event, EventKind
from app.watch.history import Sample
from app.watch.watched import Watched

NOW = 1_763_906_400.0
"""When the jobs of databases were answered last, in seconds since the epoch."""

STAGES = ("Outlining", "Researching", "Writing sections", "Reviewing")
_DAY = 86_400.0


def job_id(number: int) -> str:
    return str(UUID(int=random.Random(number).getrandbits(128), version=4))


def title(number: int) -> str:
    return f"Report {number:05d} on a subject"


def entry(number: int, status: str) -> Watched:
    """A job as an earlier run may have left it."""
    chance = random.Random(number)
    progress = 100.0 if status == Status.COMPLETED else round(chance.random() * 90, 1)
    job = Job(
        job_id(number),
        job_id(-1),
        job_id(-2 - number // 50),
        status,
        NOW - 3600 - number,
        NOW - 60,
        progress,
        chance.choice(STAGES),
        title(number),
        "the model gave up" if status == Status.FAILED else None,
        "claude-opus",
        "claude-opus",
        "claude-sonnet",
        False,
        False,
    )
    return Watched(job.id, NOW - 7200 + number * 0.01, job, NOW - 60)


def mixed(number: int) -> str:
    """The status of a job by its number. Most are finished, as in an old list."""
    if number % 10 < 8:
        return Status.COMPLETED
    return (Status.IN_PROGRESS, Status.QUEUED, Status.FAILED)[number % 3]


def add_history(path: Path, days: int, samples_a_job: int) -> None:
    """Give every job in a database a history over a number of days, and a few events."""
    connection = sqlite3.connect(path)
    chance = random.Random(0)
    with connection:
        for key, progress, origin in connection.execute("SELECT key, progress, origin FROM job").fetchall():
            began = NOW - chance.random() * days * _DAY
            history = [
                Sample(
                    began + place * 37.0,
                    Status.IN_PROGRESS,
                    round((progress or 0.0) * place / samples_a_job, 1),
                    STAGES[place * len(STAGES) // samples_a_job],
                )
                for place in range(samples_a_job)
            ]
            connection.executemany(
                "INSERT INTO sample (job, at, status, progress, stage) VALUES (?, ?, ?, ?, ?)",
                [(key, *sample) for sample in history],
            )
            events = [
                Event(began, EventKind.STATUS, "queued → in progress", before="queued", after="in_progress"),
                Event(began + samples_a_job * 37.0, EventKind.STATUS, "in progress → completed"),
            ]
            connection.executemany(
                "INSERT INTO event (origin, job, at, kind, text) VALUES (?, ?, ?, ?, ?)",
                [(origin, key, event.at, event.kind.value, event.text) for event in events],
            )
    connection.close()
