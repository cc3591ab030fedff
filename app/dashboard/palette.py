"""Jobs in the command palette: find one by its title or ID, and go to it."""

import asyncio
from functools import partial
from heapq import nlargest

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from app.dashboard.main_screen import MainScreen

_MOST = 50  # jobs that are offered at once

_AT_ONCE = 25  # jobs that are looked at before keys have their turn


class JobCommands(Provider):
    """Offers the jobs of the list."""

    async def discover(self) -> Hits:
        """The jobs that are shown, before anything is typed."""
        jobs = self._jobs
        if jobs is not None:
            for job_id in jobs.table.ids[:_MOST]:
                yield DiscoveryHit(
                    Content(jobs.board.title(job_id)),
                    partial(jobs.view_actions.show, job_id),
                    help=self._help(job_id),
                )

    async def search(self, query: str) -> Hits:
        """The jobs that a text most likely means."""
        jobs = self._jobs
        if jobs is None:
            return
        matcher = self.matcher(query)
        found = []
        for place, job_id in enumerate(jobs.table.ids):
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if job_id not in jobs.board:  # it went meanwhile
                continue
            title = jobs.board.title(job_id)
            text = f"{title} {jobs.board.short_ids.of(job_id)}"
            # A title or ID that is spelled out counts for more than a longer text that holds the same.
            texts = [text, title, job_id[: len(query)]] if job_id.startswith(query.lower()) else [text, title]
            if (score := max(map(matcher.match, texts))) > 0:
                found.append((score, job_id, text))
        for score, job_id, text in nlargest(_MOST, found, key=lambda hit: hit[0]):
            # Not by the matcher's own highlight: it reads the text as markup.
            yield Hit(
                score,
                Content(text),
                partial(jobs.view_actions.show, job_id),
                text=text,
                help=self._help(job_id),
            )

    @property
    def _jobs(self) -> MainScreen | None:
        return self.screen if isinstance(self.screen, MainScreen) else None

    def _help(self, job_id: str) -> str:
        jobs = self._jobs
        return escape(jobs.board[job_id].label) if jobs and job_id in jobs.board else ""
