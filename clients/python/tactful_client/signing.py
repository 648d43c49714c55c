"""Whether a webhook is tactful's own. Source: Standard Webhooks 1.0."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

TOLERANCE_S = 300


class SignatureError(Exception):
    """A webhook that this secret did not sign, or not in the last five minutes."""


def verify(body: bytes, headers: Mapping[str, str], secret: str) -> dict[str, Any]:
    """The event in a webhook's body, once its signature is found right. body: the bytes as they came.

    Raises SignatureError; answer the webhook with 401 then.
    """
    given = {name.lower(): value for name, value in headers.items()}
    id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp)) > TOLERANCE_S:
        raise SignatureError("The timestamp is missing, or not of the last five minutes.")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    fits = b"v1," + base64.b64encode(hmac.digest(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256))
    signatures = given.get("webhook-signature", "").encode().split(b" ")
    if not any(hmac.compare_digest(fits, signature) for signature in signatures):
        raise SignatureError("The signature does not fit the secret and the body as it came.")
    event: dict[str, Any] = json.loads(body)
    return event
