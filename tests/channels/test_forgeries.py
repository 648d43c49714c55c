"""Ten thousand forgeries of signed requests: not one is taken, at no door that checks a signature."""

import base64
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from care.errors import BadSignature
from channels import http

N = 10_000
BODY = b'{"messages": [{"id": "m1", "thread_id": "t1", "text": "Where is my order?", "author": {"handle": "kim"}}]}'
OURS, OTHERS = http.new_secret(), http.new_secret()
SIGNATURE = "webhook-signature"

Signed = tuple[dict[str, str], bytes]
Forge = Callable[[random.Random, dict[str, str], bytes], Signed]


def signed(secret: str = OURS, *, at: datetime | None = None, id: str = "evt_1", body: bytes = BODY) -> dict[str, str]:
    return http.signed_headers(secret, id=id, body=body, at=at or datetime.now(UTC))


def a_bit_of_the_body(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    at = random.randrange(len(body))
    return headers, body[:at] + bytes([body[at] ^ 1 << random.randrange(8)]) + body[at + 1 :]


def a_bit_of_the_signature(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    raw = bytearray(base64.b64decode(headers[SIGNATURE].removeprefix("v1,")))
    raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    return {**headers, SIGNATURE: f"v1,{base64.b64encode(bytes(raw)).decode()}"}, body


def cut_or_longer(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    at = random.randrange(len(body))
    return headers, random.choice((body[:at], body + b" ", b"\n" + body, body + body, body.replace(b" ", b"", 1)))


def another_secret(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    return signed(random.choice((OTHERS, http.new_secret()))), body


def another_time(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    apart = random.choice((-1, 1)) * random.uniform(302, 1e6)
    return signed(at=datetime.now(UTC) + timedelta(seconds=apart)), body


def a_time_that_was_not_signed(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    moved = str(int(headers["webhook-timestamp"]) + random.choice((-1, 1)) * random.randrange(1, 299))
    odd = random.choice((moved, f" {moved}", "-1", "", "1e9", "9" * 20, f"{moved}.0", f"{moved}000", "now", "١٢٣"))
    return {**headers, "webhook-timestamp": odd}, body


def another_id(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    return {**headers, "webhook-id": random.choice(("", "evt_2", "evt_1.", "EVT_1", "evt_1 ", "é"))}, body


def without_a_header(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    gone = random.choice(("webhook-id", "webhook-timestamp", SIGNATURE))
    return {name: value for name, value in headers.items() if name != gone}, body


def an_odd_signature(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    bare = headers[SIGNATURE].removeprefix("v1,")
    odd = ("", bare, f"v2,{bare}", f"v1a,{bare}", f"V1,{bare}", f"sha256={bare}", f"v1,{bare[:-1]}", "v1,", "v1, ",
           f"v1,{bare.swapcase()}", f"v1,{bare}x", "v1," + "A" * 10_000, f"v1,{bare[::-1]}", "v1,=")  # fmt: skip
    return {**headers, SIGNATURE: random.choice(odd)}, body


def parts_of_two_requests(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    other = signed(id="evt_2", body=b"{}")
    taken = random.choice(("webhook-id", SIGNATURE))
    return {**headers, taken: other[taken]}, body


def many_wrong_ones(random: random.Random, headers: dict[str, str], body: bytes) -> Signed:
    others = [signed(http.new_secret())[SIGNATURE] for _ in range(random.randrange(1, 6))]
    return {**headers, SIGNATURE: " ".join(others)}, body


FORGERIES: tuple[Forge, ...] = (
    a_bit_of_the_body, a_bit_of_the_signature, cut_or_longer, another_secret, another_time, a_time_that_was_not_signed,
    another_id, without_a_header, an_odd_signature, parts_of_two_requests, many_wrong_ones,
)  # fmt: skip


def is_taken(headers: dict[str, str], body: bytes) -> bool:
    try:
        http.verify(headers, body, secrets=[OURS])
    except BadSignature:
        return False
    return True


def test_ten_thousand_forgeries_are_refused_and_what_is_ours_is_taken() -> None:
    chance = random.Random(15)
    taken = []
    for n in range(N):
        forge = FORGERIES[n % len(FORGERIES)]
        headers, body = forge(chance, signed(), BODY)
        if is_taken(headers, body):
            taken.append((forge.__name__, headers))

    assert taken == []
    assert is_taken(signed(), BODY)
    assert is_taken(signed(OTHERS) | {SIGNATURE: f"{signed(OTHERS)[SIGNATURE]} {signed()[SIGNATURE]}"}, BODY)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_no_refusal_says_what_was_wrong(forge: Forge) -> None:
    headers, body = forge(random.Random(1), signed(), BODY)

    with pytest.raises(BadSignature) as refused:
        http.verify(headers, body, secrets=[OURS])

    assert OURS not in str(refused.value)
