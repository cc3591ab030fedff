"""Single requests to a simulated API, without dwtop's own client."""

from collections.abc import Mapping
from typing import Any

import httpx

from app.simulator.server import SimulatorServer

TOKEN = "a-token"
SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}


def request(
    server: SimulatorServer, method: str, path: str, headers: Mapping[str, str] = SIGNED_IN, **options: Any
) -> httpx.Response:
    """Send one request on a connection of its own."""
    return httpx.request(method, f"http://127.0.0.1:{server.port}{path}", headers=dict(headers), **options)


def get_status(
    server: SimulatorServer, job_id: str, headers: Mapping[str, str] = SIGNED_IN
) -> httpx.Response:
    """Ask for the status of a job."""
    return request(server, "GET", f"/api/getJobStatus?jobId={job_id}", headers)


def cancel(server: SimulatorServer, job_id: str, headers: Mapping[str, str] = SIGNED_IN) -> httpx.Response:
    """Cancel a job."""
    return request(server, "POST", "/api/cancelJob", headers, json={"jobId": job_id})
