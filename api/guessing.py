"""Who guesses passwords is slowed down, and nobody else is.

Wrong tries count by account and place together: a stranger at another address delays nobody but themselves, however
often they try. A browser in which somebody has signed in before is a place of its own, so that even who shares an
address with a stranger gets in.
"""

import ipaddress
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from fastapi import Request, Response

from api.depends import Network, Parts

FREE_TRIES = 5
FIRST_S, LONGEST_S = 1.0, 900.0
"""After the free tries each further one waits twice as long as the last, from the first to the longest wait."""

FORGOTTEN_S = 86_400.0
MAX_NAMES = 10_000
_DEVICE_S = 365 * 86_400


class Tries:
    """Wrong tries by name, and how long each name has to wait. Kept in this process only; safe from several threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, name: str) -> float:
        """Count one try, as a wrong one until it is forgotten. Returns how long to wait instead, 0 for not at all.

        Counted before the password is looked at: of many tries at once no more get through than one after another.
        """
        with self._lock:
            now = self._clock()
            n, until = self._seen.get(name, (0, now))
            if now < until:
                return until - now
            n = 1 if now - until > FORGOTTEN_S else n + 1
            over = n - FREE_TRIES
            wait_s = min(FIRST_S * 2.0 ** min(over, 32), LONGEST_S) if over >= 0 else 0.0
            self._seen[name] = n, now + wait_s
            self._seen.move_to_end(name)
            if len(self._seen) > MAX_NAMES:
                self._seen.popitem(last=False)
        return 0.0

    def forget(self, name: str) -> None:
        with self._lock:
            self._seen.pop(name, None)


# places --------------------------------------------------------------------------------------------------------------


def place_of(request: Request, parts: Parts, account: str) -> str:
    """Where a try for this account comes from: a browser that we know for it, else an address."""
    nonce, _, token = request.cookies.get(_device_cookie(parts), "").partition(".")
    links = parts.journey.links
    if links is not None and token and links.is_good(_device(account, nonce), token):
        return f"device {nonce}"
    return f"address {address_of(request, parts.proxies)}"


def know_device(response: Response, parts: Parts, account: str) -> None:
    """Remember that somebody signed in to this account in this browser. It opens nothing by itself."""
    if parts.journey.links is None:
        return
    nonce = secrets.token_urlsafe(12)
    value = f"{nonce}.{parts.journey.links.token(_device(account, nonce))}"
    response.set_cookie(
        _device_cookie(parts), value, max_age=_DEVICE_S, path="/", httponly=True, samesite="lax", secure=parts.is_https
    )


def _device(account: str, nonce: str) -> str:
    return f"device\n{account}\n{nonce}"


def _device_cookie(parts: Parts) -> str:
    return "__Host-tactful_device" if parts.is_https else "tactful_device"


def address_of(request: Request, proxies: Sequence[Network]) -> str:
    """The address of who asks: what stands in front of us is believed only where the settings name it.

    Of an IPv6 address the network: one household or server has all the rest of it.
    """
    address = request.client.host if request.client else "?"
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    # From the last hop to the first, as long as we know who wrote it down.
    for told in reversed(forwarded):
        if not _is_in(address, proxies) or not _is_address(told.strip()):
            break
        address = told.strip()
    if not _is_address(address):
        return address
    known = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
