import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from standardwebhooks import Webhook

from care.errors import BadSignature, ChannelBusy, ChannelRefused, ChannelUnclear
from care.message import Visibility
from care.reply import Purpose, ReplyStage
from channels.http import (
    Client,
    derived_secret,
    is_public,
    is_strong,
    new_secret,
    public_address,
    refuse_private,
    retry_after_s,
    signed_headers,
    verify,
)
from channels.webhook import WebhookChannel
from tests.doubles import a_notice, a_reply, altered

SECRET = derived_secret("a deployment's secret", "webhook")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPLY = a_reply(
    id="rpl_1",
    message_id="msg_1",
    suggestion_id="sug_1",
    channel="webhook",
    recipient="ana",
    thread_key="t1",
    in_reply_to="1",
    text="Hello Ana — it left today 📦",
    stage=ReplyStage.INFLIGHT,
    approved_by="per_1",
    approved_at=NOW,
    not_before=NOW,
    idempotency_key="idem_1",
)

NOTICE = a_notice(
    NOW,
    team="care",
    contact="shift lead",
    due_at=NOW - timedelta(minutes=65),
    late=timedelta(minutes=65),
    answer_by=NOW + timedelta(minutes=30),
    labels={"intent": "delivery_problem"},
    link="https://care.example.org/cases/msg_1?view=all",
)


class Bridge(HTTPServer):
    """A real HTTP peer that answers what it is told and remembers what it got."""

    status = 200
    answer = b'{"id": "out-77"}'
    headers: dict[str, str]
    hangs_up = False

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.headers = {}
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Bridge

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({key.lower(): value for key, value in self.headers.items()}, body))
        if self.server.hangs_up:
            self.connection.close()
            return
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    server = Bridge()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def raw_server(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """The address of a server that reads a request and then does with the connection what it is told."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join(10)


RAW = WebhookChannel("webhook", is_public=False, secrets=[SECRET], url="http://127.0.0.1/", is_private_allowed=True)


def channel_to(bridge: Bridge, path: str = "/hook?team=care") -> WebhookChannel:
    url = f"http://127.0.0.1:{bridge.server_port}{path}"
    return WebhookChannel("webhook", is_public=False, secrets=[SECRET], url=url, is_private_allowed=True)


def test_a_reply_arrives_once_signed_so_that_the_reference_library_verifies_it(bridge: Bridge) -> None:
    receipt = channel_to(bridge).send(REPLY)

    [(headers, body)] = bridge.got
    Webhook(SECRET).verify(body, headers)
    assert receipt == "out-77"
    assert headers["webhook-id"] == "idem_1"
    assert json.loads(body)["data"]["text"] == REPLY.said.text


def test_a_bridge_is_told_who_can_read_each_half_of_a_pair(bridge: Bridge) -> None:
    channel = channel_to(bridge)
    channel.send(REPLY)
    channel.send(
        altered(
            REPLY,
            id="rpl_2",
            text="We wrote to you.",
            visibility=Visibility.PUBLIC,
            purpose=Purpose.POINTER,
            answer_id="rpl_1",
        )
    )

    told = [json.loads(body)["data"] for _, body in bridge.got]
    assert [(answer["visibility"], answer["purpose"], answer["answer_id"]) for answer in told] == [
        ("private", "answer", None),
        ("public", "pointer", "rpl_1"),
    ]


def test_a_notice_arrives_signed_with_an_id_that_stays_the_same(bridge: Bridge) -> None:
    channel_to(bridge).notify(NOTICE)

    [(headers, body)] = bridge.got
    Webhook(SECRET).verify(body, headers)
    told = json.loads(body)
    assert (headers["webhook-id"], told["type"]) == ("ntc_1", "case.climbed")
    assert told["data"] == {
        "notice_id": "ntc_1", "kind": "climb", "case_id": "", "message_id": "msg_1", "channel": "x",
        "labels": {"intent": "delivery_problem"},
        "team": "care", "step": "step 1", "contact": "shift lead", "to": "lead@example.org",
        "due_at": "2026-11-23T10:55:00.000Z", "late_s": 3900, "climbed_at": "2026-11-23T12:00:00.000Z",
        "answer_by": "2026-11-23T12:30:00.000Z", "url": "https://care.example.org/cases/msg_1?view=all",
    }  # fmt: skip


def test_without_an_id_in_the_answer_the_receipt_is_our_own_key(bridge: Bridge) -> None:
    bridge.answer = b"ok"

    assert channel_to(bridge).send(REPLY) == "idem_1"


def test_a_busy_bridge_is_tried_again_when_it_says(bridge: Bridge) -> None:
    bridge.status, bridge.headers = 429, {"retry-after": "17"}

    with pytest.raises(ChannelBusy) as caught:
        channel_to(bridge).send(REPLY)

    assert caught.value.retry_after_s == 17


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 410, 413, 422, 451])
def test_a_refusal_is_final_and_redirects_are_not_followed(bridge: Bridge, status: int) -> None:
    bridge.status, bridge.headers = status, {"location": "http://127.0.0.1:1/"}

    with pytest.raises(ChannelRefused):
        channel_to(bridge).send(REPLY)


@pytest.mark.parametrize("status", [303, 304, 408, 409, 499, 500, 501, 502, 503, 504, 507, 599])
def test_an_answer_by_which_it_may_have_been_taken_leaves_it_unclear(bridge: Bridge, status: int) -> None:
    bridge.status, bridge.headers = status, {"retry-after": "90"}

    with pytest.raises(ChannelUnclear) as caught:
        channel_to(bridge).send(REPLY)

    assert caught.value.retry_after_s == 90


@pytest.mark.parametrize("status", [425, 429])
def test_a_bridge_that_says_later_has_not_taken_it(bridge: Bridge, status: int) -> None:
    bridge.status = status

    with pytest.raises(ChannelBusy) as caught:
        channel_to(bridge).send(REPLY)

    assert caught.value.retry_after_s is None


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 2", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 200 OK\r\ncontent-le"])
def test_half_an_answer_and_one_that_is_no_http_leave_it_unclear(said: bytes) -> None:
    with raw_server(lambda connection: connection.sendall(said)) as url, pytest.raises(ChannelUnclear):
        replace(RAW, url=url).send(REPLY)


def test_a_bridge_that_trickles_is_left_when_the_deadline_for_all_of_it_is_over() -> None:
    is_left = threading.Event()

    def trickle(connection: socket.socket) -> None:
        with suppress(OSError):
            for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 10_000:
                connection.sendall(bytes([byte]))
                if is_left.wait(0.05):
                    return

    with raw_server(trickle) as url:
        with pytest.raises(ChannelUnclear, match="TimeoutError"):
            replace(RAW, url=url, timeout_s=0.3).send(REPLY)
        is_left.set()


def test_a_bridge_that_hangs_up_leaves_it_unclear(bridge: Bridge) -> None:
    bridge.hangs_up = True

    with pytest.raises(ChannelUnclear):
        channel_to(bridge).send(REPLY)


def test_nobody_listening_proves_that_nothing_was_sent() -> None:
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()
    channel = WebhookChannel("w", False, [SECRET], f"http://127.0.0.1:{port}/", is_private_allowed=True)

    with pytest.raises(ChannelBusy):
        channel.send(REPLY)


@pytest.mark.parametrize(
    "url",
    [
        "https:///nowhere",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://10.0.0.8/",
        "https://192.168.1.1:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://localhost/",
        "https://user:pass@127.0.0.1/",
        "https://224.0.0.1/",
        "https://[ff02::1]/",
        "https://240.0.0.1/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[64:ff9b:1::a00:8]/",
        "https://[2002:7f00:1::]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://[2001:0:53aa:64c:0:0:80ff:fffe]/",
        "https://[fec0::1]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[::7f00:1]/",
    ],
)
def test_a_target_that_is_not_public_is_refused_before_a_byte_goes_out(url: str) -> None:
    channel = WebhookChannel("w", False, [SECRET], url)

    with pytest.raises(ChannelRefused):
        channel.send(REPLY)


@pytest.mark.parametrize("url", ["http://example.com/", "ftp://example.com/", "example.com", ""])
def test_a_target_that_is_no_address_of_the_web_is_refused_before_there_is_a_channel(url: str) -> None:
    with pytest.raises(ValueError, match="starts with https://"):
        WebhookChannel("w", False, [SECRET], url)
    with pytest.raises(ChannelRefused):
        Client("w", url)


@pytest.mark.parametrize(
    "addresses", [("93.184.216.34", "10.0.0.7"), ("10.0.0.7", "93.184.216.34"), ("::1", "2606:4700::1")]
)
def test_a_name_with_one_address_inside_among_public_ones_is_refused(addresses: tuple[str, ...]) -> None:
    with pytest.raises(ChannelRefused, match="crm: the target is not a public address"):
        refuse_private(addresses, channel="crm")


def test_a_name_with_several_public_addresses_is_fine() -> None:
    refuse_private(("93.184.216.34", "2606:4700::1"), channel="crm")


def test_the_address_that_was_judged_is_the_address_connected_to() -> None:
    assert public_address("127.0.0.1", 80, channel="w", is_private_allowed=True) == "127.0.0.1"


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, None), ("5", 5), ("0", 1), ("1e9", 3600), ("nan", None), ("soon", None), ("-4", 1)]
)
def test_retry_after_is_bounded(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


def test_no_error_of_the_channel_quotes_the_reply(bridge: Bridge) -> None:
    for status in (400, 429, 500):
        bridge.status = status
        with pytest.raises((ChannelBusy, ChannelRefused, ChannelUnclear)) as caught:
            channel_to(bridge).send(REPLY)
        assert "Ana" not in str(caught.value)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_an_address_of_the_public_internet_is_one(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("secret", ["", "hello", "whsec_", "whsec_hello", "whsec_c2hvcnQ=", "whsec_" + "A" * 200])
def test_a_secret_that_can_be_guessed_is_none(secret: str) -> None:
    assert not is_strong(secret)


def test_secrets_that_we_make_are_strong_and_differ() -> None:
    assert is_strong(SECRET)
    assert is_strong(new_secret())
    assert new_secret() != new_secret()


def test_a_secret_made_from_the_deployments_key_is_the_same_in_every_version() -> None:
    """Bridges and endpoints have been given these: another way of making them would lock all of them out."""
    assert SECRET == "whsec_AMBBdFAi7ia8jZa5lbTofI+DKBqyHYNh+/zG3xuP7uM="
    endpoint = derived_secret("a deployment's secret", "webhook", kind="endpoint")
    assert endpoint == "whsec_5gksNumpxNScPSqDYPoiNr94jOFbzhqdRHqu4KBfcYw="


@pytest.mark.parametrize(("n_bytes", "is_enough"), [(23, False), (24, True), (64, True), (65, False)])
def test_a_signing_key_has_24_to_64_bytes_as_the_standard_has_it(n_bytes: int, is_enough: bool) -> None:
    key = base64.b64encode(b"k" * n_bytes).decode()

    assert is_strong(f"whsec_{key}") is is_enough
    assert not is_strong(key)


@pytest.mark.parametrize(("apart_s", "is_taken"), [(-290, True), (290, True), (-310, False), (310, False)])
def test_a_signature_holds_for_five_minutes_either_way(apart_s: int, is_taken: bool) -> None:
    headers = signed_headers(SECRET, id="evt_1", body=b"{}", at=datetime.now(UTC) + timedelta(seconds=apart_s))

    if is_taken:
        verify(headers, b"{}", secrets=[SECRET])
    else:
        with pytest.raises(BadSignature):
            verify(headers, b"{}", secrets=[SECRET])


def test_what_several_secrets_signed_is_taken_by_each_of_them_and_by_no_other() -> None:
    old, other = new_secret(), new_secret()
    headers = signed_headers(SECRET, old, id="evt_1", body=b"{}", at=datetime.now(UTC))

    assert headers["webhook-signature"].count("v1,") == 2
    assert headers["content-type"] == "application/json"
    for secret in (SECRET, old):
        verify(headers, b"{}", secrets=[other, secret])
    for wrong in ({**headers, "webhook-id": ""}, {**headers, "webhook-timestamp": "0"}):
        with pytest.raises(BadSignature):
            verify(wrong, b"{}", secrets=[SECRET, old])
    with pytest.raises(BadSignature):
        verify(headers, b"{}", secrets=[other])


def test_a_date_to_come_back_at_is_told_in_seconds() -> None:
    def at(seconds: float) -> float:
        told = retry_after_s(format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True))
        assert told is not None
        return told

    assert 85 <= at(90) <= 90
    assert at(-90) == 1
    assert at(90_000) == 3600
    # A date without a zone says nothing.
    assert retry_after_s("Mon, 23 Nov 2026 12:00:00 -0000") is None
