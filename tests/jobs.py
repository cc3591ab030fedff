"""Entries of the watch list, as a test wants them."""

from dataclasses import fields, replace
from typing import Any

from app.watch.watched import Watched
from tests.scripted_api import job, job_id

_OF_THE_ENTRY = {field.name for field in fields(Watched)}


def watched(
    number: int = 1, status: str = "in_progress", progress: float | None = 40.0, **facts: Any
) -> Watched:
    """An entry whose number is in its ID, with facts of the entry or of its job."""
    name = job_id(number)
    return become(Watched(name, 0.0, job(name, status, progress), 10.0), status, **facts)


def become(entry: Watched, status: str, **facts: Any) -> Watched:
    """The entry once its job has another status, with facts of the entry or of its job."""
    assert entry.job
    of_the_job = {name: facts.pop(name) for name in facts.keys() - _OF_THE_ENTRY}
    return replace(entry, job=replace(entry.job, status=status, **of_the_job), **facts)
