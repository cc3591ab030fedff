"""Tokens that carry claims."""

import base64
import json


def jwt(claims: object) -> str:
    """A JWT with these claims and a worthless signature."""
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256"}, claims))
    encoded = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    return ".".join([*encoded, "c2lnbmF0dXJl"])
