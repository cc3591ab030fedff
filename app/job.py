"""A DeepWriter job and what its status means."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from app.percent import whole_percent


class Group(StrEnum):
    """The group that a job is counted in."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    ATTENTION = "attention"


class Cadence(StrEnum):
    """How often a job in a given status is polled."""

    FAST = "fast"
    MEDIUM = "medium"
    SLOW = "slow"
    NEVER = "never"


class StatusFacts(NamedTuple):
    """What a status means to dwtop. `label` is the text shown for it."""

    label: str
    cadence: Cadence
    group: Group
    cancellable: bool = False

    @property
    def finished(self) -> bool:
        """Whether the status is final."""
        return self.cadence is Cadence.NEVER


class Status(StrEnum):
    """The statuses that the API documents."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    MODERATED = "moderated"
    CANCELLED = "cancelled"


# Plain strings compare faster than enum members, which matters when 10,000 jobs are sorted.
_COMPLETED = Status.COMPLETED.value

_FACTS: dict[str, StatusFacts] = {
    Status.DRAFT.value: StatusFacts("draft", Cadence.SLOW, Group.WAITING),
    Status.SUBMITTED.value: StatusFacts("submitted", Cadence.MEDIUM, Group.WAITING),
    Status.QUEUED.value: StatusFacts("queued", Cadence.MEDIUM, Group.WAITING, cancellable=True),
    Status.IN_PROGRESS.value: StatusFacts("in progress", Cadence.FAST, Group.RUNNING, cancellable=True),
    Status.COMPLETED.value: StatusFacts("completed", Cadence.NEVER, Group.DONE),
    Status.FAILED.value: StatusFacts("failed", Cadence.NEVER, Group.ATTENTION),
    Status.MODERATED.value: StatusFacts("moderated", Cadence.NEVER, Group.ATTENTION),
    Status.CANCELLED.value: StatusFacts("cancelled", Cadence.NEVER, Group.DONE),
}


def status_facts(status: str) -> StatusFacts:
    """What a status means. One that the API does not document is shown as received and polled slowly."""
    return _FACTS.get(status) or StatusFacts(status, Cadence.SLOW, Group.WAITING)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the API described it. All text is safe to show; times are in seconds since the epoch (UTC)."""

    id: str  # a UUID in its canonical spelling: 36 characters in lower case
    user_id: str
    project_id: str
    status: str  # a value of `Status`, or any other word that the API sent
    created_at: float
    updated_at: float
    progress: float | None = None  # 0 to 100; None if the API sent none
    stage: str | None = None
    title: str | None = None
    error_message: str | None = None
    writing_model: str | None = None
    reasoning_model: str | None = None
    function_model: str | None = None
    is_byok: bool | None = None  # whether it runs on the user's own model keys
    is_starred: bool | None = None

    @property
    def facts(self) -> StatusFacts:
        """What the job's status means."""
        return status_facts(self.status)

    @property
    def percent_done(self) -> float | None:
        """The progress, 0.0 to 100.0; None if unknown. A completed job is at 100, whatever progress the API sent."""
        if self.status == _COMPLETED:
            return 100.0
        progress = self.progress
        if progress is None:
            return None
        return 0.0 if progress < 0.0 else 100.0 if progress > 100.0 else progress

    @property
    def fraction(self) -> float | None:
        """`percent_done` as a fraction from 0.0 to 1.0."""
        done = self.percent_done
        return None if done is None else done / 100.0

    @property
    def percent(self) -> int | None:
        """`percent_done` as the whole percent that is shown."""
        done = self.percent_done
        return None if done is None else whole_percent(done)


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job in the API's list of the user's jobs, with the attributes of `Job` that the list contains."""

    id: str
    status: str
    title: str | None = None
    created_at: float | None = None


_HEX = "[0-9a-fA-F]"
# Compiled on first use, since most starts never use it. A percent-encoded character may come before an ID, as in %2F.
_UUID_IN_TEXT = (
    rf"(?:(?<!{_HEX})|(?<=%{_HEX}{{2}}))"
    rf"(?:{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}|{_HEX}{{32}})(?!{_HEX})"
)

_UUID_CHARACTERS = frozenset("0123456789abcdefABCDEF-{}urn:id")
"""The characters in all spellings of a UUID; `int`, which `UUID` calls, accepts others, such as + and _."""


def parse_job_id(text: str) -> str | None:
    """The canonical spelling of a job ID; None if the text is not one.

    Accepts every common spelling of a UUID: with or without hyphens, in any case, in braces, with `urn:uuid:`.
    """
    spelling = text.strip()
    try:
        return str(UUID(spelling)) if _UUID_CHARACTERS.issuperset(spelling) else None
    except ValueError:
        return None


def find_job_ids(text: str) -> Iterator[str]:
    """All job IDs in a text in their canonical spelling, in order and including repetitions."""
    for match in re.finditer(_UUID_IN_TEXT, text):
        yield str(UUID(match.group()))


def matching_ids(text: str, job_ids: Iterable[str]) -> list[str]:
    """The job IDs that a text may mean: the one it spells out, or else all that begin with it."""
    if (full := parse_job_id(text)) is not None:
        return [job_id for job_id in job_ids if job_id == full]
    prefix = text.strip().lower()
    return [job_id for job_id in job_ids if prefix and job_id.startswith(prefix)]
