"""Jobs in the command palette: find one by its title, stage or ID, and go to it."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from app.dashboard.jobs_screen import JobsScreen

_MOST = 50  # jobs that are offered at once


class JobCommands(Provider):
    """Offers the jobs of the list."""

    async def discover(self) -> Hits:
        """The jobs that are shown, before anything is typed."""
        jobs = self._jobs
        if jobs is not None:
            for job_id in jobs.table.ids[:_MOST]:
                yield DiscoveryHit(
                    Content(jobs.board.title(job_id)), partial(jobs.go_to, job_id), help=self._help(job_id)
                )

    async def search(self, query: str) -> Hits:
        """The jobs that a text may mean."""
        jobs = self._jobs
        if jobs is None:
            return
        matcher = self.matcher(query)
        found = 0
        for job_id in jobs.table.ids:
            text = f"{jobs.board.title(job_id)} {jobs.board.short_ids.of(job_id)}"
            score = matcher.match(text)
            if score > 0 and found < _MOST:
                found += 1
                # Not by the matcher's own highlight: it reads the text as markup.
                yield Hit(
                    score, Content(text), partial(jobs.go_to, job_id), text=text, help=self._help(job_id)
                )

    @property
    def _jobs(self) -> JobsScreen | None:
        return self.screen if isinstance(self.screen, JobsScreen) else None

    def _help(self, job_id: str) -> str:
        entry = self._jobs.board[job_id] if self._jobs else None
        return escape(entry.label) if entry else ""
