import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from standardwebhooks import Webhook

from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear
from care.message import Visibility
from care.reply import Purpose, Reply, ReplyStage
from channels.http import derived_secret, is_public, is_strong, new_secret, public_address, retry_after_s
from channels.webhook import WebhookChannel
from tests.doubles import a_notice

SECRET = derived_secret("a deployment's secret", "webhook")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPLY = Reply(
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


def channel_to(bridge: Bridge, path: str = "/hook?team=care") -> WebhookChannel:
    url = f"http://127.0.0.1:{bridge.server_port}{path}"
    return WebhookChannel("webhook", is_public=False, secrets=[SECRET], url=url, is_private_allowed=True)


def test_a_reply_arrives_once_signed_so_that_the_reference_library_verifies_it(bridge: Bridge) -> None:
    receipt = channel_to(bridge).send(REPLY)

    [(headers, body)] = bridge.got
    Webhook(SECRET).verify(body, headers)
    assert receipt == "out-77"
    assert headers["webhook-id"] == "idem_1"
    assert json.loads(body)["data"]["text"] == REPLY.text


def test_a_bridge_is_told_who_can_read_each_half_of_a_pair(bridge: Bridge) -> None:
    channel = channel_to(bridge)
    channel.send(REPLY)
    channel.send(
        replace(
            REPLY,
            id="rpl_2",
            text="We wrote to you.",
            visibility=Visibility.PUBLIC,
            purpose=Purpose.POINTER,
            answer_id="rpl_1",
        )
    )

    told = [json.loads(body)["data"] for _, body in bridge.got]
    assert [(one["visibility"], one["purpose"], one["answer_id"]) for one in told] == [
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


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 422])
def test_a_refusal_is_final_and_redirects_are_not_followed(bridge: Bridge, status: int) -> None:
    bridge.status, bridge.headers = status, {"location": "http://127.0.0.1:1/"}

    with pytest.raises(ChannelRefused):
        channel_to(bridge).send(REPLY)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_after_a_server_error_nobody_knows_whether_it_was_taken(bridge: Bridge, status: int) -> None:
    bridge.status = status

    with pytest.raises(ChannelUnclear):
        channel_to(bridge).send(REPLY)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_receiver_that_takes_one_id_once_is_tried_again_when_it_says(bridge: Bridge, status: int) -> None:
    bridge.status, bridge.headers = status, {"retry-after": "90"}

    with pytest.raises(ChannelBusy) as caught:
        replace(channel_to(bridge), is_idempotent=True).send(REPLY)

    assert caught.value.retry_after_s == 90


def test_a_receiver_that_takes_one_id_once_and_hangs_up_is_tried_again(bridge: Bridge) -> None:
    bridge.hangs_up = True

    with pytest.raises(ChannelBusy):
        replace(channel_to(bridge), is_idempotent=True).send(REPLY)


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
        "http://example.com/",
        "ftp://example.com/",
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


def test_the_address_that_was_judged_is_the_address_connected_to() -> None:
    assert public_address("127.0.0.1", 80, channel="w", is_private_allowed=True) == "127.0.0.1"


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 30), ("5", 5), ("0", 1), ("1e9", 3600), ("nan", 30), ("soon", 30), ("-4", 1)]
)
def test_retry_after_is_bounded(header: str | None, seconds: float) -> None:
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
