"""The frozen values that dialogs show."""

from typing import NamedTuple

from widgets.model import KeyHelp, Tone


class HelpSection(NamedTuple):
    """A titled group of keys."""

    title: str
    keys: tuple[KeyHelp, ...]


class CancelLine(NamedTuple):
    """A job in the cancel dialog."""

    id: str
    title: str
    short_id: str
    status: str
    stage: str = ""
    percent: str = ""
    cancellable: bool = True  # if not, because it has ended, it is greyed out and not cancelled
    glyph: str = ""
    tone: Tone = Tone.PLAIN
    fraction: float | None = None  # its progress, 0.0 to 1.0; None for unknown
    times: str = ""  # when it was created, and how long it will take


class CancelQuestion(NamedTuple):
    """The content of the cancel dialog, updated while it is open."""

    lines: tuple[CancelLine, ...]  # always the jobs with which it opened, in the table's order
    hidden: int = 0  # the number of jobs to be cancelled that the filter hides
    note: str = ""  # such as `state last known 9 min ago`
    marked: int = 0  # the number of marked jobs, if some of them are left out

    @property
    def number(self) -> int:
        """How many jobs would be cancelled now."""
        return sum(line.cancellable for line in self.lines)


class AddPreview(NamedTuple):
    """What a text would add to the watch list."""

    new: tuple[str, ...] = ()  # job IDs in order, each once
    known: tuple[str, ...] = ()  # job IDs that are already watched
    repeated: int = 0  # the number of IDs that occur more than once
    unusable: tuple[str, ...] = ()  # lines without a job ID
    text: str = ""  # the text without tokens, to be shown
    token: bool = False  # whether the text contained a token


class ListedJobLine(NamedTuple):
    """One of the user's own jobs, as the API lists it."""

    id: str
    title: str
    status: str
    created: str = ""
    known: bool = False  # whether it is already watched
    chosen: bool = False  # whether it is chosen when the dialog opens
    tone: Tone = Tone.PLAIN

    @property
    def searched(self) -> str:
        """The text that a filter searches, in lower case."""
        return f"{self.title} {self.status} {self.id}".casefold()
