"""The generic payloads, field by field: what is read, what is left out, and what is refused with its place."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from care.errors import BadPayload
from care.escalation import NoticeKind
from care.message import Attachment, Author, Inbound, Origin, Visibility
from care.ports import Receipt
from channels.payload import (
    MAX_ATTACHMENTS,
    MAX_ID,
    MAX_MESSAGES,
    notice_as_json,
    notice_text,
    notice_title,
    parse_messages,
    parse_receipts,
    span,
)
from tests.doubles import a_notice

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
LEAST: dict[str, Any] = {
    "id": "178",
    "text": "hello",
    "author": {"handle": "ana"},
    "written_at": "2026-11-22T04:00:00Z",
}


def parsed(*, is_public: bool = False, **more: Any) -> Inbound:
    [message] = parse_messages(json.dumps({**LEAST, **more}).encode(), channel="x", is_public=is_public)
    return message


def problem(raw: object) -> str:
    with pytest.raises(BadPayload) as caught:
        parse_messages(json.dumps(raw).encode(), channel="x", is_public=True)
    return str(caught.value)


# messages ----------------------------------------------------------------------------------------------------------


def test_every_field_of_a_message_is_read() -> None:
    message = parsed(
        thread_id=17,
        author={"handle": "ana", "name": "Ana\r\nB\x07", "followers": 12},
        visibility="public",
        in_reply_to="90",
        subject="My\rlamp",
        is_sample=True,
        attachments=[{"name": "crack.jpg", "media_type": "image/jpeg", "size": 48211, "alt": "a leg"}],
    )

    assert message == Inbound(
        origin=Origin(channel="x", outside_id="178", thread_key="17", written_at=AT),
        author=Author(handle="ana", name="Ana\nB", followers=12),
        text="hello",
        visibility=Visibility.PUBLIC,
        in_reply_to="90",
        subject="My\nlamp",
        attachments=(Attachment("crack.jpg", "image/jpeg", 48211, "a leg"),),
        answers=None,
        is_sample=True,
    )


def test_what_is_not_said_is_what_the_channel_is() -> None:
    message = parsed()

    assert message.origin.thread_key == "178"
    assert message.visibility is Visibility.PRIVATE
    assert parsed(is_public=True).visibility is Visibility.PUBLIC
    assert (message.author.name, message.author.followers, message.subject, message.in_reply_to) == (None,) * 4
    assert (message.answers, message.is_sample, message.attachments) == (None, False, ())


def test_a_message_without_a_time_was_written_now() -> None:
    before = datetime.now(UTC)

    assert before <= parsed(written_at=None).origin.written_at <= datetime.now(UTC)


def test_whom_an_answer_of_ours_is_for_is_read_only_where_it_is_from_us() -> None:
    assert parsed(from_us=True, answers="ana").answers == "ana"
    assert parsed(from_us=False, answers="ana").answers is None
    assert parsed(from_us="true", answers="ana").answers is None
    assert parsed(is_sample=1).is_sample is False
    assert problem({**LEAST, "from_us": True}).startswith("message/answers: ")


@pytest.mark.parametrize(
    ("said", "kept"),
    [(0, 0), (2**31 - 1, 2**31 - 1), (2**31, None), (-1, None), (True, None), ("12", None), (1.5, None), (None, None)],
)
def test_followers_are_a_whole_number_or_not_known(said: object, kept: int | None) -> None:
    assert parsed(author={"handle": "ana", "followers": said}).author.followers == kept


def test_what_is_too_long_is_cut_where_it_only_tells_more() -> None:
    message = parsed(author={"handle": "ana", "name": "n" * 201}, subject="s" * 501, in_reply_to="r" * (MAX_ID + 1))

    assert (message.author.name, message.subject) == ("n" * 200, "s" * 500)
    assert message.in_reply_to == "r" * MAX_ID
    assert parsed(author={"handle": "ana", "name": 5}, subject=5, in_reply_to=5).author.name is None


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({**LEAST, "id": "i" * (MAX_ID + 1)}, "message/id: expected 1 to 256 printable characters."),
        ({**LEAST, "id": True}, "message/id: "),
        ({**LEAST, "id": "a\nb"}, "message/id: "),
        ({**LEAST, "author": {}}, "message/author/handle: "),
        ({**LEAST, "author": None}, "message/author: expected an object with a handle."),
        ({**LEAST, "thread_id": ""}, "message/thread_id: "),
        ({**LEAST, "visibility": "all"}, "message/visibility: public or private."),
        ({**LEAST, "text": None}, "message/text: expected a string."),
        ({**LEAST, "written_at": "soon"}, "message/written_at: expected a time like 2026-11-22T04:00:00Z."),
        ({**LEAST, "attachments": {}}, "message/attachments: expected a list of objects."),
        ({**LEAST, "attachments": [1]}, "message/attachments: expected a list of objects."),
        ({"messages": [LEAST, 5]}, "messages/1: expected an object."),
        ({"messages": [LEAST] * (MAX_MESSAGES + 1)}, "Expected a message, or at most 1000 of them"),
        ([LEAST], "Expected a message, or at most 1000 of them"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(raw: object, place: str) -> None:
    assert problem(raw).startswith(place)


def test_a_list_may_be_as_long_as_is_said_and_keep_its_order() -> None:
    raw = json.dumps({"messages": [{**LEAST, "id": n} for n in range(MAX_MESSAGES)]}).encode()

    messages = parse_messages(raw, channel="x", is_public=False)

    assert [message.origin.outside_id for message in messages] == [str(n) for n in range(MAX_MESSAGES)]
    assert parsed(id="i" * MAX_ID).origin.outside_id == "i" * MAX_ID


# attachments -------------------------------------------------------------------------------------------------------


def test_a_file_that_comes_with_a_message_counts_as_what_is_really_there() -> None:
    [file] = parsed(attachments=[{"name": "a.txt", "size": 9_999, "content_base64": "aGVs\nbG8h"}]).attachments

    assert file.content is not None
    assert (file.content(), file.size_bytes, file.media_type) == (b"hello!", 6, "application/octet-stream")


def test_a_file_that_is_no_base64_is_refused_when_it_is_read() -> None:
    [file] = parsed(attachments=[{"content_base64": "a%b="}]).attachments

    assert file.content is not None
    with pytest.raises(ValueError, match="base64"):
        file.content()


def test_of_a_file_only_what_is_said_as_it_should_be_is_kept() -> None:
    files = [{"name": 5, "media_type": "t" * 101, "size": -1, "alt": "a" * 2001}] + [{}] * MAX_ATTACHMENTS

    first, *rest = parsed(attachments=files).attachments

    assert first == Attachment("", "t" * 100, None, "a" * 2000)
    assert rest == [Attachment("", "application/octet-stream", None, "")] * (MAX_ATTACHMENTS - 1)
    assert parsed(attachments=[{"size": True}]).attachments[0].size_bytes is None


# receipts ----------------------------------------------------------------------------------------------------------


def receipts(raw: object) -> list[Receipt]:
    return parse_receipts(json.dumps(raw).encode())


def test_a_receipt_is_read_alone_and_in_a_list() -> None:
    alone = {"reply_id": "rpl_1", "id": 7, "status": "failed", "detail": "d" * 201}

    assert receipts(alone) == [Receipt("rpl_1", "7", False, "d" * 200)]
    assert receipts({"receipts": [alone, {"id": "x", "status": "delivered", "detail": 5}]})[1] == Receipt(
        None, "x", True, None
    )


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({"receipts": [{"reply_id": "r", "status": "lost"}]}, "receipts/0/status: delivered or failed."),
        (
            {"receipts": [{"id": "x", "status": "failed"}, {"status": "failed"}]},
            "receipts/1: name the reply by reply_id",
        ),
        ({"reply_id": "", "status": "failed"}, "receipt/reply_id: "),
        ({"id": "", "status": "failed"}, "receipt/id: "),
        ({"receipts": [{"id": "x", "status": "failed"}] * (MAX_MESSAGES + 1)}, "Expected a receipt, or a list"),
        ({"receipts": {}}, "Expected a receipt, or a list"),
        ([], "Expected a receipt, or a list"),
    ],
)
def test_what_is_wrong_with_a_receipt_is_named_by_its_place(raw: object, place: str) -> None:
    with pytest.raises(BadPayload) as caught:
        receipts(raw)

    assert str(caught.value).startswith(place)


# notices -----------------------------------------------------------------------------------------------------------

NOTICE = a_notice(
    AT,
    team="",
    contact="shift lead",
    due_at=AT - timedelta(minutes=65),
    late=timedelta(minutes=65),
    answer_by=AT + timedelta(minutes=30),
    labels={"intent": "delivery_problem", "urgency": "high"},
    link="https://care.example.org/cases/msg_1",
)


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=60), "1 h 0 min"),
        (timedelta(days=1, minutes=5), "24 h 5 min"),
    ],
)
def test_how_late_it_is_is_said_in_hours_and_minutes(late: timedelta, said: str) -> None:
    assert span(late) == said


def test_a_contact_reads_what_waits_for_whom_and_until_when() -> None:
    text = notice_text(NOTICE)

    assert "About      intent delivery problem, urgency high\n" in text
    assert "Team       none yet\n" in text
    assert "Was due    2026-11-22 02:55 UTC, 1 h 5 min of staffed time ago\n" in text
    assert "Answer by  2026-11-22 04:30 UTC\n\nhttps://care.example.org/cases/msg_1\n\n" in text
    assert notice_title(NOTICE) == f"A message on {NOTICE.about.channel} climbed to you: 1 h 5 min late"
    assert notice_text(replace(NOTICE, labels={})).count("About      not sure yet\n") == 1


def test_a_bridge_is_told_the_same_in_numbers() -> None:
    told = notice_as_json(NOTICE)

    assert told["late_s"] == 3900
    assert told["due_at"] == "2026-11-22T02:55:00.000Z"
    assert told["answer_by"] == "2026-11-22T04:30:00.000Z"
    assert (told["kind"], told["contact"], told["url"]) == ("climb", "shift lead", NOTICE.link)


def test_the_owner_of_an_endpoint_reads_which_one_and_since_when_it_fails() -> None:
    off = replace(NOTICE, about=replace(NOTICE.about, kind=NoticeKind.ENDPOINT_OFF))

    assert notice_title(off) == "A webhook endpoint was switched off"
    assert "Failing    since 2026-11-22 02:55 UTC\n" in notice_text(off)
    assert "Message" not in notice_text(off)
