"""The frozen values that the details show."""

from typing import NamedTuple

from widgets.model import EventLine, Tone


class PlotPoint(NamedTuple):
    """A point of the progress plot: seconds on any common scale, and a fraction from 0.0 to 1.0."""

    at: float
    fraction: float


class StageSpan(NamedTuple):
    """A stage in the timeline, with its times in seconds on the plot's scale."""

    name: str  # or the status, while there was no stage
    start: float
    end: float  # if it is not over, the last time at which the job was seen in it
    length: str  # in words, such as `4m 10s`
    running: bool = False
    tone: Tone = Tone.PLAIN


class Field(NamedTuple):
    """A named fact."""

    label: str
    value: str
    tone: Tone = Tone.PLAIN


class ProgressCurve(NamedTuple):
    """A job's progress over time, with the times of its axis in words."""

    points: tuple[PlotPoint, ...] = ()  # oldest first; the last one is the current or final state
    finish: float | None = None  # when 100 % is expected; None without a forecast
    start_label: str = ""
    now_label: str = ""  # shown with a forecast
    end_label: str = ""


class Detail(NamedTuple):
    """The details of a job."""

    id: str
    title: str
    short_id: str
    status: str  # with its glyph; or the outcome of a cancel
    since: str = ""  # when it got that status, with a blank before it
    tone: Tone = Tone.PLAIN
    running: bool = False
    errors: tuple[tuple[str, Tone], ...] = ()  # why it failed, and why it could not be refreshed, in full
    fraction: float | None = None  # its progress, 0.0 to 1.0; None for unknown
    percent: str = ""
    stage: str = ""  # or a note that nothing changes
    stage_tone: Tone = Tone.PLAIN
    left: str = ""  # the time left
    done: str = ""  # when it will be done
    curve: ProgressCurve = ProgressCurve()
    spans: tuple[StageSpan, ...] = ()  # oldest first
    fields: tuple[Field, ...] = ()  # other facts that have a value, in reading order
    events: tuple[EventLine, ...] = ()  # newest first
