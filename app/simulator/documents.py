"""Finished documents: small PDFs behind signed links that expire, as an object store would serve them."""

import hashlib
import hmac
import secrets
import time
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.simulator.lifecycle import World

_LINK_LIFETIME_SECONDS = 3600


class Documents:
    """Creates and serves the document links of one server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._key = secrets.token_bytes(32)
        self.origin = ""
        """Scheme, host and port of the links; set once the port is known."""

    def link(self, job_id: str, lifetime_seconds: int = _LINK_LIFETIME_SECONDS) -> str:
        """Create a link to the document of a job. It opens without a token."""
        expires = int(time.time()) + lifetime_seconds
        query = urlencode({"expires": expires, "signature": self._signature(job_id, str(expires))})
        return f"{self.origin}/documents/{job_id}.pdf?{query}"

    async def serve(self, request: Request) -> Response:
        """GET /documents/UUID.pdf with a signature: the PDF, or an error if the link is invalid or has expired."""
        job_id = request.path_params["job_id"]
        expires = request.query_params.get("expires", "")
        signature = request.query_params.get("signature", "")
        if not hmac.compare_digest(signature.encode(), self._signature(job_id, expires).encode()):
            return _error("SignatureDoesNotMatch", 403)
        if time.time() >= int(expires):
            return _error("Request has expired", 403)
        job = self._world.job(job_id)
        if job is None:
            return _error("NoSuchKey", 404)
        return Response(pdf(job.get("title") or "Untitled"), media_type="application/pdf")

    def _signature(self, job_id: str, expires: str) -> str:
        return hmac.new(self._key, f"{job_id} {expires}".encode(), hashlib.sha256).hexdigest()


def pdf(title: str) -> bytes:
    """A PDF of one page that shows a title; characters outside Latin-1 become question marks."""
    line = title.translate({ord("\\"): r"\\", ord("("): r"\(", ord(")"): r"\)"})
    text = f"BT /F1 18 Tf 56 770 Td ({line}) Tj ET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    file = bytearray(b"%PDF-1.4\n")
    table = b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(file)
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    count = len(objects) + 1
    return bytes(file) + b"xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        count,
        table,
        count,
        len(file),
    )


def _error(reason: str, code: int) -> Response:
    return Response(f"<Error><Message>{reason}</Message></Error>\n", code, media_type="application/xml")
