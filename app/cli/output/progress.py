"""How jobs come along, on the standard error of a person who waits for them: a line each, drawn in place."""

import asyncio
import os
from collections.abc import Sequence
from typing import TextIO

from app.cli.encoding import moves_cursor
from app.cli.output.tables import fit, on_terminal
from app.presentation import durations
from app.presentation.glyphs import glyphs
from app.watch.forecast.texts import about
from app.watch.polling.link import Link, LinkState
from app.watch.watched import Watched
from widgets.progress_bar import progress_cells

_SETTLE = 0.1  # seconds for which changes are gathered before they are drawn
_WIDE = 90  # cells; from here on bars are long
_LONG_BAR, _SHORT_BAR = 20, 10
_WORD = 14
_UP, _CLEAR_LINE, _CLEAR_BELOW = "\x1b[{}A", "\x1b[2K", "\x1b[J"


class Progress:
    """Draws bars where there is a terminal; elsewhere it says only when the API is out of reach, and when it is back."""

    def __init__(self, stream: TextIO | None, *, plain: bool, quiet: bool, bars: bool = True) -> None:
        """Nothing is drawn before `show`.

        Args:
            stream: The standard error; None where there is none.
            plain: Whether to draw with ASCII alone.
            quiet: Whether to draw and say nothing at all.
            bars: Whether to draw at all.
        """
        self._bars = bars
        self._stream = None if quiet else stream
        self._plain = plain
        self._height = 0
        self._newest: tuple[Sequence[Watched], LinkState, float] | None = None
        self._drawing: asyncio.TimerHandle | None = None
        self._said = Link.UP

    @property
    def live(self) -> bool:
        """Whether it draws bars."""
        return self._bars and on_terminal(self._stream) and moves_cursor(os.environ)

    def show(self, entries: Sequence[Watched], link: LinkState, now: float) -> None:
        """Show this soon, together with whatever else changes until then. Called in a running event loop.

        Args:
            entries: The jobs, in order.
            link: The state of the connection.
            now: Seconds since the epoch.
        """
        if self._stream is None:
            return
        if not self.live:
            self._say(link)
            return
        self._newest = entries, link, now
        if self._drawing is None:
            self._drawing = asyncio.get_running_loop().call_later(_SETTLE, self._draw)

    def close(self) -> None:
        """Leave the last state standing."""
        if self._drawing:
            self._drawing.cancel()
            self._draw()

    def _say(self, link: LinkState) -> None:
        if link.status is self._said or link.status is Link.SIGNED_OUT:
            return
        self._said = link.status
        sentence = f"{link.reason}; still trying." if link.status is not Link.UP else "The API answers again."
        self._write(f"dwtop: {sentence}\n")

    def _draw(self) -> None:
        self._drawing = None
        if self._newest is None or self._stream is None:
            return
        size = _size(self._stream)
        bar = _LONG_BAR if size.columns >= _WIDE else _SHORT_BAR
        lines = self._lines(*self._newest, size.lines - 1, bar)
        shown = [fit(line, size.columns - 1, plain=self._plain).rstrip() for line in lines]
        up = _UP.format(self._height) if self._height else ""
        body = "".join(f"{_CLEAR_LINE}{line}\n" for line in shown)
        self._write(f"\r{up}{body}{_CLEAR_BELOW}")
        self._height = len(shown)

    def _write(self, text: str) -> None:
        try:
            if self._stream:
                self._stream.write(text)
                self._stream.flush()
        except OSError:  # whoever looked at it has had enough; the jobs are waited for all the same
            self._stream = None

    def _lines(
        self, entries: Sequence[Watched], link: LinkState, now: float, room: int, width: int
    ) -> list[str]:
        notes = []
        if link.status is not Link.UP:
            until = f", next try {durations.clock_time(link.until, now, seconds=True)}" if link.until else ""
            notes.append(f"{link.status.value}: {link.reason}{until}")
        if len(entries) + len(notes) > room:
            order = sorted(entries, key=lambda entry: entry.finished)
            kept = max(1, room - len(notes) - 1)
            notes.insert(0, f"and {durations.jobs(len(entries) - kept)} more")
            entries = order[:kept]
        return [self._line(entry, now, width) for entry in entries] + notes

    def _line(self, entry: Watched, now: float, width: int) -> str:
        job = entry.job
        done, track = progress_cells(job.fraction if job else None, width, ascii=self._plain)
        bar = f"{done}{track}" if self._plain else f"▕{done}{track}▏"
        percent = f"{job.percent}%" if job and job.percent is not None else ""
        sign = glyphs(plain=self._plain).entry(entry)
        word = fit(entry.status_text(now), _WORD, plain=self._plain)
        stage = f"{job.stage}: " if job and job.stage and not entry.finished else ""
        title = (job.title if job else None) or entry.id
        finish = entry.outlook.finish if entry.outlook else None
        eta = about(finish - now) if finish is not None and finish > now else ""
        return f"{sign} {word} {bar} {percent:>4} {eta:>7}  {stage}{title}"


def _size(stream: TextIO) -> os.terminal_size:
    """The size of the terminal that a stream goes to; it is asked itself, since another may stand in for it."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except OSError:
        size = os.terminal_size((0, 0))
    return size if size.columns and size.lines else os.terminal_size((80, 24))
