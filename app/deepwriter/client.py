"""The API client. Each request ends with one answer or one error, within one deadline.

It follows no redirects, keeps no cookies, reads no netrc file, never repeats a POST, and requests no compression. It uses
httpx's transport directly, since httpx's client would need all of that switched off.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from app import __version__
from app.deepwriter.auth.credential import Credential
from app.deepwriter.base_url import is_safe_link, origin_of
from app.deepwriter.error_mapping import response_error, retry_after
from app.deepwriter.errors import (
    NOT_SIGNED_IN,
    ApiError,
    BadAnswer,
    NotFound,
    NotOffered,
    NotSignedIn,
    Rejected,
    TooLarge,
    Unreachable,
)
from app.deepwriter.lean_httpx import httpx
from app.deepwriter.payloads import (
    read_document_url,
    read_job,
    read_job_list,
    read_message,
    read_reason,
)
from app.deepwriter.progress_unit import ProgressReader
from app.deepwriter.server_clock import ServerClock
from app.deepwriter.transport import Answer, Transport
from app.job import Job, ListedJob

_TIMEOUT_SECONDS = 10.0
_MAX_PAGES = 50
_ACCEPTED_STATUSES = {"GET": (200,), "POST": (200, 201, 202)}

T = TypeVar("T")


class Client:
    """A client of the job API. Implements `app.watch.api.Api`.

    Every request is sent at once; the caller limits how many are in flight. Creating a client reads certificates, which
    takes tens of milliseconds, and needs no event loop, so it can be done in a thread. Use it in one event loop only.

    Args:
        base_url: A base URL from `parse_base_url`.
        credential: Authenticates the requests. Without one, each raises `NotSignedIn` with the `signed_out_reason`.
        timeout: Seconds that a request may take in total: connecting, sending and reading the whole answer.
        now: The wall clock, in seconds since the epoch. The jobs' times are converted to it.
    """

    def __init__(
        self,
        base_url: str,
        credential: Credential | None,
        *,
        timeout: float = _TIMEOUT_SECONDS,
        signed_out_reason: str = NOT_SIGNED_IN,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.progress = ProgressReader()
        self.on_pause: Callable[[float], None] = lambda seconds: None
        self._base_url = base_url
        self._credential = credential
        self._signed_out_reason = signed_out_reason
        self.server_clock = ServerClock()
        self._transport: Transport | None = None
        self._setup_error = ""
        try:
            self._transport = Transport(base_url, timeout=timeout, now=now)
        except Unreachable as error:
            self._setup_error = str(error)

    def use(self, credential: Credential | None) -> None:
        """Authenticate all further requests with this credential. Requests in flight keep theirs."""
        self._credential = credential

    async def fetch(self, job_id: str) -> Job:
        """Get a job's state, with its times converted to this machine's clock."""
        job = await self._get_status(job_id, lambda answer: read_job(answer.body, job_id, self.progress))
        return self.server_clock.to_local(job)

    async def fetch_document_url(self, job_id: str) -> str | None:
        """Get the link to a finished job's document. It opens without signing in, so it is a secret.

        Returns only a link that `is_safe_link` accepts; None if the job has no document.
        """
        link = await self._get_status(job_id, lambda answer: read_document_url(answer.body, job_id))
        return link if link and is_safe_link(link, self._base_url) else None

    async def cancel(self, job_id: str) -> str:
        """Ask the API to cancel a job, with one request; returns the API's message, if any.

        After `Unreachable`, `ServerError` or `BadAnswer` the job may have been cancelled anyway, so fetch it.
        """
        body = {"jobId": job_id}
        url = f"{self._base_url}/cancelJob"
        return await self._request("POST", url, lambda answer: read_message(answer.body), json=body)

    async def list_jobs(self) -> Sequence[ListedJob]:
        """Get the user's own jobs, in the API's order, each once.

        Requests `/fetchDocuments`, and if the API does not offer that, `/jobs`; raises `NotOffered` if it offers neither.
        Follows up to 50 pages on the same origin.
        """
        for path in ("/fetchDocuments", "/jobs"):
            try:
                return await self._list(path)
            except ApiError as error:
                if not _means_no_list(error):
                    raise
        raise NotOffered("this DeepWriter API offers no list of jobs; add IDs with a")

    async def aclose(self) -> None:
        """Close all connections."""
        if self._transport is not None:
            await self._transport.aclose()

    async def _get_status(self, job_id: str, read: Callable[[Answer], T]) -> T:
        return await self._request(
            "GET", f"{self._base_url}/getJobStatus?{urlencode({'jobId': job_id})}", read
        )

    async def _list(self, path: str) -> Sequence[ListedJob]:
        url = self._base_url + path
        jobs: dict[str, ListedJob] = {}
        for _ in range(_MAX_PAGES):
            try:
                page, link = await self._request("GET", url, lambda answer: read_job_list(answer.body))
            except ApiError as error:
                if jobs and _means_no_list(error):  # the link leads elsewhere
                    break
                raise
            known = len(jobs)
            for job in page:
                jobs.setdefault(job.id, self.server_clock.to_local(job))
            try:
                url = str(httpx.URL(url).join(link))
            except (httpx.InvalidURL, ValueError):
                break
            # Another origin must not get the token.
            if not link or len(jobs) == known or origin_of(url) != origin_of(self._base_url):
                break
        return tuple(jobs.values())

    async def _request(
        self,
        method: str,
        url: str,
        read: Callable[[Answer], T],
        *,
        json: Mapping[str, str] | None = None,
    ) -> T:
        """Send one request, and read its answer with `read`. Raises `ApiError` if there is no usable answer."""
        credential = self._credential
        if credential is None:
            raise NotSignedIn(self._signed_out_reason)
        if self._transport is None:
            raise Unreachable(self._setup_error)
        request = httpx.Request(
            method,
            url,
            headers=[
                credential.header,
                ("User-Agent", f"dwtop/{__version__}"),
                ("Accept", "application/json"),
                ("Accept-Encoding", "identity"),
            ],
            json=json,
        )
        answer = await self._transport.send(request)
        answer.body = credential.secret.hide_in_body(answer.body)
        wait = retry_after(answer.headers)
        try:
            if answer.status not in _ACCEPTED_STATUSES[method]:
                reason = None if answer.body_error else read_reason(answer.body)
                if reason is not None:  # a proxy's own answer has the proxy's time
                    self.server_clock.note(answer.headers, answer.sent_at, answer.received_at)
                raise response_error(answer.status, answer.headers, reason, base_url=self._base_url)
            if answer.body_error:
                raise answer.body_error
            result = read(answer)
        except ApiError as error:
            error.retry_after = wait
            raise
        self.server_clock.note(answer.headers, answer.sent_at, answer.received_at)
        if wait:
            self.on_pause(wait)
        return result


def _means_no_list(error: ApiError) -> bool:
    """Whether an answer shows that there is no list at its address."""
    if error.retry_after is not None or isinstance(error, TooLarge):
        return False
    return isinstance(error, NotFound | BadAnswer) or (
        isinstance(error, Rejected) and error.status_code == 405
    )
