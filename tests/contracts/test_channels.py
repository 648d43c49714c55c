"""What every channel promises (`care.ports.Channel`)."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from care.errors import BadPayload, BadSignature
from care.ports import Channel
from channels.http import derived_secret, signed_headers
from channels.rehearsal import RehearsalChannel
from wiring.channel_kinds import KINDS, REHEARSAL, open_channel

PAYLOADS = Path(__file__).resolve().parents[2] / "fixtures" / "payloads"
SECRET = derived_secret("a deployment's secret", "contract")
OLD_SECRET = derived_secret("last year's secret", "contract")


def now() -> datetime:
    """Asked anew each time: a whole test run is longer than a signature lives."""
    return datetime.now(UTC)


def rehearsal() -> Channel:
    return RehearsalChannel("rehearsal", is_public=True, secrets=[SECRET, OLD_SECRET])


def opened(kind: str) -> Channel:
    """A channel of a kind, set up by the `settings.toml` beside its payload."""
    if kind == REHEARSAL:
        return rehearsal()
    options = tomllib.loads((PAYLOADS / kind / "settings.toml").read_text("utf-8"))
    return open_channel(kind, options, name=kind, is_public=False, secrets=[SECRET, OLD_SECRET])


@pytest.fixture(params=[REHEARSAL, *KINDS])
def recorded(request: pytest.FixtureRequest) -> tuple[Channel, bytes]:
    [payload] = (PAYLOADS / request.param).glob("message.*")
    return opened(request.param), payload.read_bytes()


def test_every_recorded_payload_belongs_to_a_kind_of_channel_and_every_kind_has_one() -> None:
    assert {path.name for path in PAYLOADS.iterdir()} == {REHEARSAL, *KINDS}


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_a_signed_payload_is_verified_with_any_secret_in_use(recorded: tuple[Channel, bytes], secret: str) -> None:
    channel, raw = recorded

    channel.verify(signed_headers(secret, id="evt_1", body=raw, at=now()), raw)


@pytest.mark.parametrize(
    "change",
    [
        lambda headers, raw: ({}, raw),
        lambda headers, raw: (headers, raw + b" "),
        lambda headers, raw: ({**headers, "webhook-id": "evt_2"}, raw),
        lambda headers, raw: ({**headers, "webhook-signature": ""}, raw),
        lambda headers, raw: ({**headers, "webhook-signature": "v1"}, raw),
        lambda headers, raw: ({**headers, "webhook-signature": "v1,%%%"}, raw),
        lambda headers, raw: ({**headers, "webhook-signature": "v2," + headers["webhook-signature"][3:]}, raw),
        lambda headers, raw: ({**headers, "webhook-signature": "v1," + "A" * 10_000}, raw),
        lambda headers, raw: ({**headers, "webhook-timestamp": "nan"}, raw),
        lambda headers, raw: ({**headers, "webhook-timestamp": "9" * 20}, raw),
        lambda headers, raw: (signed_headers(SECRET, id="e", body=raw, at=now() - timedelta(seconds=320)), raw),
        lambda headers, raw: (signed_headers(SECRET, id="e", body=raw, at=now() + timedelta(seconds=320)), raw),
        lambda headers, raw: (signed_headers(derived_secret("x", "other"), id="e", body=raw, at=now()), raw),
        lambda headers, raw: (headers, b"\xff\xfe" + raw),
    ],
)
def test_a_payload_that_is_not_ours_is_refused_in_one_sentence(
    recorded: tuple[Channel, bytes],
    change: Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]],
) -> None:
    channel, raw = recorded
    headers, body = change(signed_headers(SECRET, id="evt_1", body=raw, at=now()), raw)

    with pytest.raises(BadSignature, match=r"^The request is not signed with this channel's secret\.$"):
        channel.verify(headers, body)


def test_a_payload_that_is_not_utf8_is_verified_by_its_bytes(recorded: tuple[Channel, bytes]) -> None:
    channel, _ = recorded
    raw = "Größe".encode("latin-1")

    channel.verify(signed_headers(SECRET, id="evt_1", body=raw, at=now()), raw)
    with pytest.raises(BadSignature):
        channel.verify(signed_headers(SECRET, id="evt_1", body=raw, at=now()), "Größe".encode())


def test_a_secret_that_signs_nothing_does_not_hide_one_that_does() -> None:
    channel = RehearsalChannel("rehearsal", is_public=True, secrets=["whsec_", "hello", SECRET])

    channel.verify(signed_headers(SECRET, id="evt_1", body=b"{}", at=now()), b"{}")


def test_what_we_sign_is_what_the_library_of_the_standard_signs() -> None:
    at = now()
    headers = signed_headers(SECRET, id="evt_1", body=b'{"a": 1}', at=at)

    assert headers["webhook-signature"] == Webhook(SECRET).sign("evt_1", at, '{"a": 1}')


def test_a_recorded_payload_becomes_messages_with_everything_an_answer_needs(recorded: tuple[Channel, bytes]) -> None:
    channel, raw = recorded

    messages = channel.parse(raw)

    assert messages
    for message in messages:
        assert message.origin.channel == channel.name
        assert message.origin.outside_id
        assert message.origin.thread_key
        assert message.author.handle
        assert message.text
        assert message.origin.written_at.utcoffset() == timedelta(0)
        assert message.text not in repr(message)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b'{"id": 1}',
        b'{"id": NaN, "text": "a", "author": {"handle": "h"}}',
        b'{"id": "1", "text": 5, "author": {"handle": "h"}}',
        b'{"id": "1", "text": "a", "author": "h"}',
        b'{"id": "", "text": "a", "author": {"handle": "h"}}',
        b'{"id": "1", "text": "a", "author": {"handle": "h"}, "visibility": "secret"}',
        b'{"id": "1", "text": "a", "author": {"handle": "h"}, "written_at": "tomorrow"}',
        b'{"id": "1", "text": "a", "author": {"handle": "h"}, "written_at": "2026-01-01T00:00:00"}',
        b'{"messages": 3}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_a_payload_we_cannot_read_is_refused_without_being_echoed(recorded: tuple[Channel, bytes], raw: bytes) -> None:
    channel, _ = recorded

    with pytest.raises(BadPayload) as caught:
        channel.parse(raw)

    assert "tomorrow" not in str(caught.value)
    assert "secret" not in str(caught.value)


@given(raw=st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for kind in (REHEARSAL, *KINDS):
        channel = opened(kind)
        for read in (channel.parse, channel.parse_receipts):
            try:
                read(raw)
            except BadPayload:
                pass


@given(text=st.text(alphabet=st.characters(codec=None), max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_reaches_us_with_lone_surrogates_or_control_characters(text: str) -> None:
    import json

    raw = json.dumps({"id": "1", "text": text, "author": {"handle": "h"}}).encode()

    [message] = rehearsal().parse(raw)

    message.text.encode("utf-8")
    assert not any(ord(character) < 32 and character not in "\t\n" for character in message.text)


def test_receipts_name_a_reply_and_what_became_of_it(recorded: tuple[Channel, bytes]) -> None:
    channel, _ = recorded

    [delivered, failed] = channel.parse_receipts(
        b'{"receipts": [{"reply_id": "rpl_1", "status": "delivered"},'
        b' {"id": "x9", "status": "failed", "detail": "gone"}]}'
    )

    assert (delivered.reply_id, delivered.is_delivered) == ("rpl_1", True)
    assert (failed.outside_id, failed.is_delivered, failed.detail) == ("x9", False, "gone")
