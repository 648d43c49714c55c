"""The generic payloads: what a bridge posts to `/inbox/{channel}`, its receipts, and what a contact is told.

    {"messages": [{"id": "178...", "thread_id": "178...", "text": "...", "written_at": "2026-11-22T04:00:00Z",
                   "author": {"handle": "ana", "name": "Ana", "followers": 12},
                   "visibility": "public", "in_reply_to": null,
                   "attachments": [{"name": "crack.jpg", "media_type": "image/jpeg", "size": 48211, "alt": "a leg",
                                    "content_base64": "/9j/4AAQ..."}]}]}

What somebody of ours wrote on the network itself says whom it answers: `"from_us": true, "answers": "ana"`.
`"is_sample": true` marks a sample: no figure counts it, and no live channel answers it.
A single message may stand without the list. Unknown keys are ignored: networks add fields.
"""

import base64
import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from care.errors import BadPayload
from care.escalation import Notice, NoticeKind
from care.masking import mask, masked_handle
from care.message import Attachment, Author, Inbound, Origin, Visibility
from care.ports import Receipt, Redactor
from care.times import moment_of, rfc_3339

MAX_MESSAGES = 1000
MAX_ID = 256
MAX_ATTACHMENTS = 50


def read_json(raw: bytes) -> Any:
    """Parse JSON strictly.

    Raises BadPayload for bytes that are not UTF-8 (a byte order mark is fine), broken JSON, a key named twice, and
    numbers that are not finite.
    """
    try:
        return json.loads(
            raw.decode("utf-8-sig"), parse_constant=_finite, parse_float=_finite, object_pairs_hook=_each_key_once
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadPayload("The body is not JSON in UTF-8, or names a key twice.") from error


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("not a number of JSON")
    return number


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise ValueError("a key is named twice")
    return keys


def parse_messages(raw: bytes, *, channel: str, is_public: bool) -> list[Inbound]:
    """Read the generic payload. Raises BadPayload naming the field that is wrong, never its value."""
    body = read_json(raw)
    if isinstance(body, dict) and "messages" not in body:
        return [_message(body, "message", channel=channel, is_public=is_public)]
    items = body["messages"] if isinstance(body, dict) else None
    if not isinstance(items, list) or len(items) > MAX_MESSAGES:
        raise BadPayload(f"Expected a message, or at most {MAX_MESSAGES} of them in a list called messages.")
    return [_message(item, f"messages/{n}", channel=channel, is_public=is_public) for n, item in enumerate(items)]


def _message(item: Any, where: str, *, channel: str, is_public: bool) -> Inbound:
    if not isinstance(item, dict):
        raise BadPayload(f"{where}: expected an object.")
    author = item.get("author")
    if not isinstance(author, dict):
        raise BadPayload(f"{where}/author: expected an object with a handle.")
    outside_id = _id(item, "id", where)
    visibility = item.get("visibility", Visibility.PUBLIC if is_public else Visibility.PRIVATE)
    if visibility not in tuple(Visibility):
        raise BadPayload(f"{where}/visibility: public or private.")
    text = item.get("text")
    if not isinstance(text, str):
        raise BadPayload(f"{where}/text: expected a string.")
    name, followers, reply_to = author.get("name"), author.get("followers"), item.get("in_reply_to")
    return Inbound(
        origin=Origin(
            channel=channel,
            outside_id=outside_id,
            thread_key=_id(item, "thread_id", where, default=outside_id),
            written_at=_moment(item.get("written_at"), f"{where}/written_at"),
        ),
        author=Author(
            handle=tidy_text(_id(author, "handle", f"{where}/author")),
            name=tidy_text(name)[:200] if isinstance(name, str) else None,
            followers=_count(followers, below=2**31),
        ),
        text=tidy_text(text),
        visibility=Visibility(visibility),
        in_reply_to=reply_to[:MAX_ID] if isinstance(reply_to, str) else None,
        subject=tidy_text(item["subject"])[:500] if isinstance(item.get("subject"), str) else None,
        attachments=_attachments(item.get("attachments", []), f"{where}/attachments"),
        answers=tidy_text(_id(item, "answers", where)) if item.get("from_us") is True else None,
        is_sample=item.get("is_sample") is True,
    )


def _attachments(items: Any, where: str) -> tuple[Attachment, ...]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadPayload(f"{where}: expected a list of objects.")
    return tuple(_attachment(item) for item in items[:MAX_ATTACHMENTS])


def _attachment(item: Mapping[str, Any]) -> Attachment:
    """What is not told of a picture or file is left open: that one came is what counts.

    `content_base64`, the file itself, is optional, and read only where files are kept.
    """
    said = {
        name: tidy_text(item[name])[:2000] for name in ("name", "media_type", "alt") if isinstance(item.get(name), str)
    }
    size, content = item.get("size"), None
    if isinstance(encoded := item.get("content_base64"), str):
        # What is really there counts, not what is said of it.
        size, content = len(encoded) * 3 // 4, partial(_decoded, encoded)
    return Attachment(
        name=said.get("name", ""),
        media_type=said.get("media_type", "application/octet-stream")[:100],
        size_bytes=_count(size, below=2**53),
        alt=said.get("alt", ""),
        content=content,
    )


def _count(value: Any, *, below: int) -> int | None:
    """A whole number as it was said; None for what is none, `true` among them."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < below else None


def _decoded(encoded: str) -> bytes:
    """Raises ValueError for what is not base64; line ends in it are fine. Source: RFC 4648 section 4."""
    return base64.b64decode("".join(encoded.split()), validate=True)


def _id(item: Mapping[str, Any], key: str, where: str, *, default: str | None = None) -> str:
    value = item.get(key, default)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID or not value.isprintable():
        raise BadPayload(f"{where}/{key}: expected 1 to {MAX_ID} printable characters.")
    return value


def _moment(value: Any, where: str) -> datetime:
    if value is None:
        return datetime.now(UTC)
    try:
        return moment_of(value)
    except ValueError as error:
        raise BadPayload(f"{where}: expected a time like 2026-11-22T04:00:00Z.") from error


_DROPPED = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


def tidy_text(text: str) -> str:
    """The text without what no store keeps: lone surrogates become U+FFFD, control characters go, lines end in LF."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED)


def split(raw: bytes) -> list[bytes]:
    """Each message or receipt of a payload by itself, as it was sent; what follows a broken one is one piece.

    The whole where there is no list, or one that is too long.
    """
    try:
        pieces = list(_listed(raw.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        return [raw]
    return [piece.encode() for piece in pieces] if 0 < len(pieces) <= MAX_MESSAGES else [raw]


def _listed(text: str) -> Iterator[str]:
    """The items of the lists `messages` and `receipts` of an object. Raises ValueError for what is no object."""
    at = _mark(text, 0, "{")
    while True:
        key, at = _DECODER.raw_decode(text, _blank(text, at))
        at = _blank(text, _mark(text, at, ":"))
        if key in ("messages", "receipts") and text[at : at + 1] == "[":
            at = _blank(text, at + 1)
            while text[at : at + 1] != "]":
                try:
                    end = _DECODER.raw_decode(text, at)[1]
                except ValueError:
                    yield text[at:]
                    return
                yield text[at:end]
                end = _blank(text, end)
                if text[end : end + 1] not in ("]", ","):
                    if rest := text[end:].strip():
                        yield rest
                    return
                at = _blank(text, end + 1) if text[end] == "," else end
            at += 1
        else:
            at = _DECODER.raw_decode(text, at)[1]
        at = _blank(text, at)
        if text[at : at + 1] != ",":
            return
        at += 1


_DECODER = json.JSONDecoder()


def _blank(text: str, at: int) -> int:
    """Where the next sign is that is no blank of JSON."""
    while text[at : at + 1] in (" ", "\t", "\n", "\r") and at < len(text):
        at += 1
    return at


def _mark(text: str, at: int, sign: str) -> int:
    at = _blank(text, at)
    if text[at : at + 1] != sign:
        raise ValueError("not an object of JSON")
    return at + 1


NAMES = frozenset({"id", "thread_id", "handle", "in_reply_to", "answers", "reply_id"})
"""Keys under which a network's own names stand: masked only where they are no names, as an author's handle is."""

FORMS = frozenset({"status", "visibility", "written_at", "media_type", "size", "followers", "from_us", "is_sample"})
"""Keys under which no words of a customer belong: short ones stay as they are."""
LONGEST_FORM = 40


def masked(raw: bytes, redactor: Redactor) -> str:
    """A payload as text in which nothing sensitive is left, to be kept and read again; without its files.

    Raises ValueError for what is nested too deep to be checked.
    """
    try:
        body = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError):
        return mask(tidy_text(_as_text(raw)), redactor=redactor).text
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return json.dumps(_masked(body, "", redactor, depth=0), ensure_ascii=False)


def _masked(value: Any, key: str, redactor: Redactor, *, depth: int) -> Any:
    if depth > 20:
        raise ValueError("nested too deep")
    if isinstance(value, dict):
        return {
            masked_handle(name, redactor=redactor): _masked(below, name, redactor, depth=depth + 1)
            for name, below in value.items()
            if name != "content_base64"
        }
    if isinstance(value, list):
        return [_masked(below, key, redactor, depth=depth + 1) for below in value]
    if value is None or isinstance(value, bool):
        return value
    text = tidy_text(value if isinstance(value, str) else json.dumps(value))
    if key in NAMES:
        safe = masked_handle(text, redactor=redactor)
    elif key in FORMS and len(text) <= LONGEST_FORM and not _LONG_NUMBER.search(text):
        safe = text
    else:
        safe = mask(text, redactor=redactor).text
    return value if safe == text and not isinstance(value, str) else safe


_LONG_NUMBER = re.compile(r"(?:\d[ -]?){13}")


def _as_text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def parse_receipts(raw: bytes) -> list[Receipt]:
    """Read `{"receipts": [{"reply_id": "rpl_...", "id": "...", "status": "delivered"}]}`, or one without the list."""
    body = read_json(raw)
    if isinstance(body, dict) and "receipts" not in body:
        return [_receipt(body, "receipt")]
    items = body["receipts"] if isinstance(body, dict) else None
    if not isinstance(items, list) or len(items) > MAX_MESSAGES:
        raise BadPayload("Expected a receipt, or a list of them called receipts.")
    return [_receipt(item, f"receipts/{n}") for n, item in enumerate(items)]


def _receipt(item: Any, where: str) -> Receipt:
    if not isinstance(item, dict) or item.get("status") not in ("delivered", "failed"):
        raise BadPayload(f"{where}/status: delivered or failed.")
    reply_id = _id(item, "reply_id", where) if item.get("reply_id") is not None else None
    outside_id = _id(item, "id", where) if item.get("id") is not None else None
    if reply_id is None and outside_id is None:
        raise BadPayload(f"{where}: name the reply by reply_id or id.")
    detail = item.get("detail")
    return Receipt(
        reply_id=reply_id,
        outside_id=outside_id,
        is_delivered=item["status"] == "delivered",
        detail=tidy_text(detail)[:200] if isinstance(detail, str) else None,
    )


TEST_TEXT = "This is a test message of tactful: the channel works. Nobody has to answer it."
"""What goes out when a channel is tried before it is switched on."""


def notice_as_json(notice: Notice) -> dict[str, object]:
    """What a contact is told, for a bridge: ids, labels and the clock."""
    return {
        "notice_id": notice.id,
        "kind": str(notice.about.kind),
        "case_id": notice.about.case_id,
        "message_id": notice.about.message_id,
        "channel": notice.about.channel,
        "labels": dict(notice.labels),
        "team": notice.about.team,
        "step": notice.step,
        "contact": notice.contact,
        "to": notice.recipient,
        "due_at": rfc_3339(notice.clock.due_at),
        "late_s": round(notice.clock.late.total_seconds()),
        "climbed_at": rfc_3339(notice.clock.at),
        "answer_by": rfc_3339(notice.clock.answer_by),
        "url": notice.link,
    }


def notice_title(notice: Notice) -> str:
    """The same in one line."""
    if notice.about.kind is NoticeKind.ENDPOINT_OFF:
        return "A webhook endpoint was switched off"
    if notice.about.kind is NoticeKind.SURGE:
        return f"{_SURGES[notice.step]} on {notice.about.channel}"
    if notice.about.kind is NoticeKind.CRISIS:
        return f"{_CRISES[notice.step]} on {notice.about.channel}"
    return f"A message on {notice.about.channel} climbed to you: {span(notice.clock.late)} late"


def notice_text(notice: Notice) -> str:
    """The same, for people."""
    about = ", ".join(f"{task} {label.replace('_', ' ')}" for task, label in notice.labels.items())
    lines = {"Message": notice.about.message_id, "Channel": notice.about.channel, "About": about or "not sure yet"}
    if notice.about.kind is NoticeKind.ENDPOINT_OFF:
        lines = {"Endpoint": notice.about.subject_id, "Failing": f"since {_clock(notice.clock.due_at)}"}
    if notice.about.kind is NoticeKind.SURGE:
        lines = {"What": _SURGES[notice.step], "Channel": notice.about.channel, "Since": _clock(notice.clock.due_at)}
    if notice.about.kind is NoticeKind.CRISIS:
        lines = {"What": _CRISES[notice.step], "Channel": notice.about.channel, "Since": _clock(notice.clock.at)}
    if notice.about.kind is NoticeKind.CLIMB:
        lines |= {
            "Team": notice.about.team or "none yet",
            "Was due": f"{_clock(notice.clock.due_at)}, {span(notice.clock.late)} of staffed time ago",
            "Climbed": f"{notice.step}, to the {notice.contact}",
        }
    lines["Answer by"] = _clock(notice.clock.answer_by)
    told = "\n".join(f"{name:<11}{value}" for name, value in lines.items())
    why, how = _WHY[notice.about.kind]
    return f"{why}\n\n{told}\n\n{notice.link}\n\n{how}\n"


_WHY = {
    NoticeKind.CLIMB: (
        "A message waits past its internal target and has climbed to you.",
        "What the customer wrote stands only there. Nobody reads answers to this mail.",
    ),
    NoticeKind.HAND_OVER: (
        "A matter was handed to you. The customer waits for what you say.",
        "The link needs no login and takes one answer; do not pass it on. Nobody reads answers to this mail.",
    ),
    NoticeKind.MENTION: (
        "A colleague named you in a note on a case.",
        "The note stands only there. Nobody reads answers to this mail.",
    ),
    NoticeKind.ENDPOINT_OFF: (
        "A webhook endpoint of yours took nothing any more and was switched off.",
        "Switch it on again once it answers; what it missed can be sent again. Nobody reads answers to this mail.",
    ),
    NoticeKind.SURGE: (
        "What comes in is far from what this half hour of the week usually brings.",
        "What carries it and how much it is stands at the top of the console. Nobody reads answers to this mail.",
    ),
    NoticeKind.CRISIS: (
        "A supervisor or administrator declared it in the console.",
        "What is said to customers, and who approved it, stands there. Nobody reads answers to this mail.",
    ),
}
"""Why somebody is told, and what to do about it."""

_SURGES = {"arrivals": "Far more messages than usual", "negative": "Far more negative messages than usual"}
"""By the step of a notice of a surge, which is its kind."""

_CRISES = {"crisis": "A crisis began", "drill": "DRILL: a crisis is practised"}
"""By the step of a notice of a crisis."""


def span(late: timedelta) -> str:
    """`1 h 5 min`."""
    hours, minutes = divmod(late // timedelta(minutes=1), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else "less than a minute"


def _clock(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
