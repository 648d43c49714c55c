"""What HTTP channels share: signatures in, one careful client out, foreign errors in our words."""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import token_bytes
from urllib.parse import urlsplit

import httpx2

from care.errors import BadSignature, ChannelBusy, ChannelRefused, ChannelUnclear
from care.failpoints import Point, is_armed, reach

CONNECT_TIMEOUT_S = 3.0
TOTAL_TIMEOUT_S = 10.0
TOLERANCE_S = 300.0
"""How far a signature's time may be from now. Source: Standard Webhooks 1.0, as its libraries have it."""
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
    given = [
        signature.partition(",")[2]
        for signature in headers.get("webhook-signature", "").split(" ")
        if signature.startswith("v1,")
    ]
    # Every pair is compared, so that the time it takes does not tell which was nearly right.
    fits = [_is_signed(signature, secret, id=id, stamp=stamp, body=raw) for signature in given for secret in secrets]
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
    signatures = (base64.b64encode(_signature(secret, id=id, stamp=stamp, body=body)).decode() for secret in secrets)
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        "content-type": content_type,
    }


def public_address(host: str, port: int, *, channel: str, is_private_allowed: bool) -> str:
    """Resolve a host once and return the address to connect to.

    Unless private targets are allowed, every answer must be a public address, and the connection goes to the very
    address that was judged.
    Raises ChannelBusy when the name does not resolve, ChannelRefused for a target that is not public.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ChannelBusy(channel) from error
    addresses = [str(answer[4][0]).split("%")[0] for answer in answers]
    if not is_private_allowed:
        refuse_private(addresses, channel=channel)
    return addresses[0]


def refuse_private(addresses: Sequence[str], *, channel: str) -> None:
    """Raise ChannelRefused for what a name resolves to, unless all of it is public: one address inside is enough."""
    if not all(is_public(address) for address in addresses):
        raise ChannelRefused(channel, f"{channel}: the target is not a public address; allow it in the settings")


_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    # Addresses that lead to an IPv4 address inside: compatible, translated, 6to4, Teredo; and site-local ones.
    # Source: RFC 4291 section 2.5.5.1, RFC 6052, RFC 8215, RFC 3056, RFC 4380, RFC 3879.
    for network in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10")
)


def is_public(address: str) -> bool:
    """Whether an address is one host on the public internet, and no way round to one inside."""
    known = ipaddress.ip_address(address)
    if not known.is_global or known.is_multicast or known.is_reserved:
        return False
    return all(known.version != network.version or known not in network for network in _NOT_PUBLIC)


NOT_TAKEN_YET = frozenset({425, 429})
"""Answers that say: not taken, come back. Source: RFC 8470 section 5.2, RFC 6585 section 4."""

MAYBE_TAKEN = frozenset({303, 304, 408, 409, 499})
"""Answers by which it may have been taken: "see the result there", "I waited for the rest", "I have that one already",
"the client went away". Source: RFC 9110 sections 15.4.4, 15.4.5, 15.5.9, 15.5.10."""


class Client:
    """Posts one body to one address: resolved once, no redirects, one deadline for connecting, sending and answering.

    Raises ChannelBusy, ChannelRefused or ChannelUnclear by the rule of `care.ports.Channel.send`:

    | it answers | so it was |
    |---|---|
    | 2xx, whatever the body says | taken |
    | 425, 429, nothing at all before a byte went out | not taken, to be tried again |
    | 303, 304, 408, 409, 499, 5xx, 1xx; no answer, half of one, or none that is HTTP | nobody knows |
    | any other 3xx or 4xx | refused for good |
    """

    def __init__(
        self, channel: str, url: str, *, is_private_allowed: bool = False, timeout_s: float = TOTAL_TIMEOUT_S
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ChannelRefused(channel, f"{channel}: the target must be a whole http(s) address")
        if parts.scheme == "http" and not is_private_allowed:
            raise ChannelRefused(channel, f"{channel}: the target must be https")
        self._channel = channel
        self._parts = parts
        self._is_private_allowed = is_private_allowed
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
        began = time.monotonic()
        address = self.address()
        left_s = self._timeout_s - (time.monotonic() - began)
        if left_s <= 0:
            raise ChannelBusy(self._channel)
        try:
            return asyncio.run(self._exchange(address, body, headers, deadline_s=left_s))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise ChannelBusy(self._channel) from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise ChannelUnclear(
                self._channel, f"{self._channel}: no answer after sending ({type(error).__name__})"
            ) from error

    async def _exchange(
        self, address: str, body: bytes, headers: Mapping[str, str], *, deadline_s: float
    ) -> httpx2.Response:
        parts = self._parts
        host = f"[{address}]" if ":" in address else address
        url = f"{parts.scheme}://{host}:{self._port}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        timeout = httpx2.Timeout(deadline_s, connect=min(CONNECT_TIMEOUT_S, deadline_s))
        # A limit for each read alone lets a receiver that trickles hold us for ever.
        async with asyncio.timeout(deadline_s):
            async with httpx2.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False) as client:
                response = await client.post(
                    url,
                    content=_in_halves(body) if is_armed(Point.CHANNEL_HALF_WRITTEN) else body,
                    headers={**headers, "host": parts.netloc.rpartition("@")[2], "content-length": str(len(body))},
                    extensions={"sni_hostname": parts.hostname},
                )
        reach(Point.CHANNEL_ANSWERED)
        return response

    def _judge(self, response: httpx2.Response) -> httpx2.Response:
        status, after_s = response.status_code, retry_after_s(response.headers.get("retry-after"))
        if 200 <= status < 300:
            return response
        if status in NOT_TAKEN_YET:
            raise ChannelBusy(self._channel, retry_after_s=after_s)
        if 300 <= status < 500 and status not in MAYBE_TAKEN:
            raise ChannelRefused(self._channel, f"{self._channel} answered {status}")
        problem = f"{self._channel} answered {status}; it may have taken the reply"
        raise ChannelUnclear(self._channel, problem, retry_after_s=after_s)


async def _in_halves(body: bytes) -> AsyncIterator[bytes]:
    """A body of which one half is on its way when a test ends this process."""
    yield body[: len(body) // 2]
    await asyncio.sleep(0.05)
    reach(Point.CHANNEL_HALF_WRITTEN)
    yield body[len(body) // 2 :]


def retry_after_s(header: str | None) -> float | None:
    """Seconds of a Retry-After header, a number or a date, between 1 second and an hour; None where it says nothing."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 1.0), MAX_RETRY_AFTER_S) if seconds == seconds else None
