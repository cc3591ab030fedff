"""Shows the progress of jobs and downloads on standard error, if it is a terminal."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from app.cli.output.terminal import can_move_cursor, is_terminal, print_message
from app.presentation import durations
from app.presentation.glyphs import glyphs
from app.presentation.sentences import stage_words, status_words
from app.watch.forecast.texts import about
from app.watch.polling.link import Link, LinkState
from app.watch.watched import Watched
from widgets.ascii import in_ascii
from widgets.fitting import fill
from widgets.progress_bar import progress_cells

if TYPE_CHECKING:
    from rich.text import Text

_REDRAW_DELAY_SECONDS = 0.1
"""How long changes are collected before they are drawn."""

_WIDE_CELLS = 90
"""Bars are long on terminals at least this wide."""

_LONG_BAR_CELLS, _SHORT_BAR_CELLS = 20, 10
_STATUS_CELLS = 14


@contextmanager
def download_progress(size: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar for a download of `size` bytes; yields a function to call with the bytes in each chunk."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

    console = Console(stderr=True)
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
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


class JobBars:
    """Draws a line for each job on the terminal, and one about the API while it is down."""

    def __init__(self, *, ascii: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        self._ascii = ascii
        self._entries: Sequence[Watched] = ()
        self._link = LinkState()
        self._now = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._console = Console(stderr=True, color_system=None)
        self._display = Live(
            console=self._console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            get_renderable=self._render,
        )

    def show(self, entries: Sequence[Watched], link: LinkState, now: float) -> None:
        """Draw a new state soon, together with changes that follow shortly. Call in a running event loop."""
        self._entries, self._link, self._now = entries, link, now
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_REDRAW_DELAY_SECONDS, self._draw)

    def close(self) -> None:
        """Draw the latest state, and leave it on the terminal."""
        if self._timer:
            self._timer.cancel()
            self._draw()
        with suppress(OSError):
            self._display.stop()

    def _draw(self) -> None:
        self._timer = None
        with suppress(OSError):  # the terminal is gone, but the command keeps waiting
            self._display.start()
            self._display.refresh()

    def _render(self) -> "Text":
        from rich.text import Text

        size = self._console.size
        bar_cells = _LONG_BAR_CELLS if size.width >= _WIDE_CELLS else _SHORT_BAR_CELLS
        lines = self._lines(size.height - 1, bar_cells)
        text = "\n".join(fill(line, size.width - 1).rstrip() for line in lines)
        return Text(in_ascii(text) if self._ascii else text)

    def _lines(self, height: int, bar_cells: int) -> list[str]:
        entries, notes = self._entries, []
        if self._link.status is not Link.UP:
            until = self._link.until
            retry = f", next try {durations.clock_time(until, self._now, seconds=True)}" if until else ""
            notes.append(f"{self._link.status.value}: {self._link.reason}{retry}")
        if len(entries) + len(notes) > height:
            kept = max(1, height - len(notes) - 1)
            notes.insert(0, f"and {durations.jobs(len(entries) - kept)} more")
            entries = sorted(entries, key=lambda entry: entry.finished)[:kept]
        return [self._line(entry, bar_cells) for entry in entries] + notes

    def _line(self, entry: Watched, bar_cells: int) -> str:
        job = entry.job
        done, track = progress_cells(job.fraction if job else None, bar_cells)
        percent = f"{job.percent}%" if job and job.percent is not None else ""
        symbol = glyphs(plain=self._ascii).entry(entry)
        status = fill(status_words(entry, self._now), _STATUS_CELLS)
        stage = f"{stage_words(job.stage)}: " if job and job.stage and not entry.finished else ""
        title = (job.title if job else None) or entry.id
        finish = entry.outlook.finish if entry.outlook else None
        eta = about(finish - self._now) if finish is not None and finish > self._now else ""
        return f"{symbol} {status} ▕{done}{track}▏ {percent:>4} {eta:>7}  {stage}{title}"
