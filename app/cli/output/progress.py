"""Shows the progress of jobs and downloads on standard error, if it is a terminal."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from app.cli.output.terminal import can_move_cursor, is_terminal, print_message
from app.presentation import durations
from app.presentation.columns import title_of
from app.presentation.glyphs import glyph
from app.presentation.sentences import percent_text, progress_words, status_words, time_text
from app.watch.polling.link import Link, LinkState
from app.watch.watched import Watched
from widgets.ascii import in_ascii
from widgets.fitting import fill
from widgets.progress_bar import progress_cells

_LONG_BAR_CELLS, _SHORT_BAR_CELLS = 22, 12
_LONG_BAR_FROM_CELLS, _BAR_FROM_CELLS = 90, 60
"""The terminal widths from which bars are long, and from which there is room for bars and stages at all."""

_STATUS_CELLS = 14


@contextmanager
def download_progress(size: int | None, *, ascii: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar for a download of `size` bytes; with `ascii`, only the numbers.

    Yields a function to call with the bytes in each chunk.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    console = Console(stderr=True, color_system=None)
    columns = [*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn()]
    if ascii:
        columns = [column for column in columns if not isinstance(column, BarColumn)]
    with Progress(*columns, console=console, disable=not can_show_bars(), transient=True) as progress:
        task = progress.add_task("Saving", total=size)
        yield lambda count: progress.advance(task, count)


class LinkReport:
    """Reports on standard error when the API goes down, and when it is up again."""

    def __init__(self) -> None:
        self._reported = Link.UP

    def show(self, link: LinkState) -> None:
        """Print a sentence if the state has changed."""
        if link.status in (self._reported, Link.SIGNED_OUT):
            return
        was_limited = self._reported is Link.LIMITED
        self._reported = link.status
        if link.status is not Link.UP:
            sentence = f"{link.reason}; still trying."
        else:  # a pause that the API asked for ends by itself, without an answer
            sentence = "Sending requests again." if was_limited else "The API answers again."
        with suppress(OSError):  # standard error is closed, but the command keeps waiting
            print_message(sentence)


def can_show_bars() -> bool:
    """Whether standard error is a terminal on which lines can be drawn again."""
    return is_terminal(sys.stderr) and can_move_cursor(os.environ)


@contextmanager
def job_bars(*, ascii: bool) -> Iterator[Callable[[Sequence[Watched], LinkState, float], None]]:
    """Show a line for each job on the terminal, and one about the API unless it is up; at the end, leave the latest state.

    Yields a function to call with each new state. The request budget limits how often that is.
    """
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True, color_system=None)
    display = Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)

    def show(entries: Sequence[Watched], link: LinkState, now: float) -> None:
        size = console.size
        if len(entries) >= size.height:  # the last lines are cut off until the end
            entries = sorted(entries, key=lambda entry: entry.finished)
        lines = [_job_line(entry, now, size.width) for entry in entries]
        if link.status is not Link.UP:
            retry = f", next try {durations.clock_time(link.until, now, seconds=True)}" if link.until else ""
            lines.insert(0, f"{link.status.value}: {link.reason}{retry}")
        text = Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
        if ascii:
            text = Text(in_ascii(text.plain), no_wrap=True, overflow="crop")
        with suppress(OSError):  # the terminal is gone, but the command keeps waiting
            display.start()
            display.update(text, refresh=True)

    try:
        yield show
    finally:
        with suppress(OSError):
            display.stop()


def _job_line(entry: Watched, now: float, width: int) -> str:
    status = fill(status_words(entry, now), _STATUS_CELLS)
    stage, left = ("", "") if entry.finished else (progress_words(entry, now), time_text(entry, now))
    bar, title = "", title_of(entry, entry.id)
    if width >= _BAR_FROM_CELLS:
        bar_cells = _LONG_BAR_CELLS if width >= _LONG_BAR_FROM_CELLS else _SHORT_BAR_CELLS
        fraction = entry.job.fraction if entry.job else None
        bar = "".join(progress_cells(fraction, bar_cells, edges=True)) + " "
        title = f"{stage}: {title}" if stage else title
    return f"{glyph(entry)} {status} {bar}{percent_text(entry):>4} {left:>7}  {title}"
