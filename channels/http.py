"""What HTTP channels share: signatures in, one careful client out, foreign errors in our words."""

import base64
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import token_bytes
from urllib.parse import urlsplit

import httpx2

from care.errors import BadSignature, ChannelBusy, ChannelRefused, ChannelUnclear

CONNECT_TIMEOUT_S = 3.0
TOTAL_TIMEOUT_S = 10.0
TOLERANCE_S = 300.0
"""How far a signature's time may be from now. Source: Standard Webhooks 1.0, as its libraries have it."""
RETRY_AFTER_S = 30.0
MAX_RETRY_AFTER_S = 3600.0


def derived_secret(secret_key: str, name: str, *, kind: str = "channel") -> str:
    """A channel's or an endpoint's own signing secret, `whsec_...`, made from the deployment's secret key.

    So that an inbox is never open: a channel without a configured secret still has one.
    Source: Standard Webhooks 1.0, 24 to 64 bytes of key.
    """
    key = hmac.new(secret_key.encode(), f"{kind}:{name}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(key).decode()


LEAST_KEY, LONGEST_KEY = 24, 64
"""Bytes of a signing key. Source: Standard Webhooks 1.0."""


def new_secret() -> str:
    """A signing secret nobody chose."""
    return "whsec_" + base64.b64encode(token_bytes(32)).decode()


def is_strong(secret: str) -> bool:
    """Whether a signing secret has the shape and the length of one that can be trusted."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return secret.startswith("whsec_") and LEAST_KEY <= len(key) <= LONGEST_KEY


def verify(headers: Mapping[str, str], raw: bytes, *, secrets: Sequence[str]) -> None:
    """Raise BadSignature unless the bytes are signed with one of our secrets in the last five minutes.

    The signature is over the bytes as they came: a mail need not be UTF-8. Several secrets are for rotation. The
    message is the same for every failure. Source: Standard Webhooks 1.0, whose library reads only text.
    """
    id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = [one.partition(",")[2] for one in headers.get("webhook-signature", "").split(" ") if one.startswith("v1,")]
    # Every pair is compared, so that the time it takes does not tell which was nearly right.
    fits = [_is_signed(one, secret, id=id, stamp=stamp, body=raw) for one in given for secret in secrets]
    if not (id and _is_recent(stamp) and any(fits)):
        raise BadSignature("The request is not signed with this channel's secret.")


def _is_recent(stamp: str) -> bool:
    try:
        return abs(datetime.now(UTC).timestamp() - float(stamp)) <= TOLERANCE_S
    except (ValueError, OverflowError):
        return False


def _is_signed(given: str, secret: str, *, id: str, stamp: str, body: bytes) -> bool:
    try:
        expected = _signature(secret, id=id, stamp=stamp, body=body)
        return hmac.compare_digest(base64.b64decode(given, validate=True), expected)
    except ValueError:
        # A signature that is no base64, a header that cannot be text, a secret that signs nothing.
        return False


def _signature(secret: str, *, id: str, stamp: str, body: bytes) -> bytes:
    """HMAC-SHA256 of id, time and body. Raises ValueError for a secret that is no base64, or empty."""
    key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    if not key:
        raise ValueError("an empty secret signs nothing")
    return hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()


def signed_headers(
    *secrets: str, id: str, body: bytes, at: datetime, content_type: str = "application/json"
) -> dict[str, str]:
    """Standard Webhooks headers for a body of ours; with several secrets a signature by each."""
    stamp = str(int(at.timestamp()))
    signatures = (base64.b64encode(_signature(one, id=id, stamp=stamp, body=body)).decode() for one in secrets)
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
        "content-type": content_type,
    }


def public_address(host: str, port: int, *, channel: str, is_private_allowed: bool) -> str:
    """Resolve a host once and return the address to connect to.

    Unless private targets are allowed, every answer must be a public address: a name that resolves to a public and a
    private one is refused, and the connection goes to the very address that was judged.
    Raises ChannelBusy when the name does not resolve, ChannelRefused for a target that is not public.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ChannelBusy(channel, retry_after_s=RETRY_AFTER_S) from error
    addresses = [str(answer[4][0]).split("%")[0] for answer in answers]
    if not is_private_allowed and not all(is_public(address) for address in addresses):
        raise ChannelRefused(channel, f"{channel}: the target is not a public address; allow it in the settings")
    return addresses[0]


_NOT_PUBLIC = tuple(
    ipaddress.ip_network(one)
    # Addresses that lead to an IPv4 address inside: compatible, translated, 6to4, Teredo; and site-local ones.
    # Source: RFC 4291 section 2.5.5.1, RFC 6052, RFC 8215, RFC 3056, RFC 4380, RFC 3879.
    for one in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10")
)


def is_public(address: str) -> bool:
    """Whether an address is one host on the public internet, and no way round to one inside."""
    known = ipaddress.ip_address(address)
    if not known.is_global or known.is_multicast or known.is_reserved:
        return False
    return all(known.version != network.version or known not in network for network in _NOT_PUBLIC)


class Client:
    """Posts one body to one address: resolved once, no redirects, deadlines on everything.

    is_idempotent: the receiver takes one id once, so that what is unclear may be sent again: it counts as busy.
    Raises ChannelBusy, ChannelRefused or ChannelUnclear by the rule of `care.ports.Channel.send`.
    """

    def __init__(
        self,
        channel: str,
        url: str,
        *,
        is_private_allowed: bool = False,
        is_idempotent: bool = False,
        timeout_s: float = TOTAL_TIMEOUT_S,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ChannelRefused(channel, f"{channel}: the target must be a whole http(s) address")
        if parts.scheme == "http" and not is_private_allowed:
            raise ChannelRefused(channel, f"{channel}: the target must be https")
        self._channel = channel
        self._parts = parts
        self._is_private_allowed = is_private_allowed
        self._is_idempotent = is_idempotent
        self._timeout_s = timeout_s

    def post(self, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        """The answer of a receiver that took it."""
        return self._judge(self.exchange(body, headers))

    def address(self) -> str:
        """What the host resolves to now."""
        assert self._parts.hostname is not None
        return public_address(
            self._parts.hostname, self._port, channel=self._channel, is_private_allowed=self._is_private_allowed
        )

    @property
    def _port(self) -> int:
        return self._parts.port or (443 if self._parts.scheme == "https" else 80)

    def exchange(self, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        """The answer, whatever it says."""
        parts, address, port = self._parts, self.address(), self._port
        host = f"[{address}]" if ":" in address else address
        url = f"{parts.scheme}://{host}:{port}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        timeout = httpx2.Timeout(self._timeout_s, connect=CONNECT_TIMEOUT_S)
        try:
            with httpx2.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client:
                response = client.post(
                    url,
                    content=body,
                    headers={**headers, "host": parts.netloc.rpartition("@")[2]},
                    extensions={"sni_hostname": parts.hostname},
                )
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise ChannelBusy(self._channel, retry_after_s=RETRY_AFTER_S) from error
        except httpx2.HTTPError as error:
            if self._is_idempotent:
                raise ChannelBusy(self._channel, retry_after_s=RETRY_AFTER_S) from error
            raise ChannelUnclear(
                self._channel, f"{self._channel}: no answer after sending ({type(error).__name__})"
            ) from error
        return response

    def _judge(self, response: httpx2.Response) -> httpx2.Response:
        status = response.status_code
        if 200 <= status < 300:
            return response
        if status == 429 or (status >= 500 and self._is_idempotent):
            raise ChannelBusy(self._channel, retry_after_s=retry_after_s(response.headers.get("retry-after")))
        if 300 <= status < 500:
            raise ChannelRefused(self._channel, f"{self._channel} answered {status}")
        raise ChannelUnclear(self._channel, f"{self._channel} answered {status}; it may have taken the reply")


def retry_after_s(header: str | None) -> float:
    """Seconds of a Retry-After header, a number or a date, between 1 second and an hour."""
    if header is None:
        return RETRY_AFTER_S
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return RETRY_AFTER_S
    return min(max(seconds, 1.0), MAX_RETRY_AFTER_S) if seconds == seconds else RETRY_AFTER_S
