"""How the console says things: labels, actions, times and texts as people read them. Pure, no I/O."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.console.tricks import tricks_in, without_turns
from care.classification import Evidence
from care.decision import Action, Decision
from care.message import Attachment, Message
from care.reply import ReplyStage
from care.sensitive import Handling, SensitiveSpan

ACTIONS: dict[Action, str] = {
    Action.ANSWER_PUBLIC: "Answer in public",
    Action.ANSWER_PRIVATE: "Answer in private",
    Action.TAKE_OFFLINE: "Take it offline",
    Action.DEFLECT: "Point to self-service",
    Action.PHONE_OR_EMAIL: "Move to phone or e-mail",
    Action.IGNORE: "No answer needed",
    Action.ESCALATE: "Escalate",
}

STAGES: dict[ReplyStage, str] = {
    ReplyStage.PENDING: "Waiting to go out",
    ReplyStage.HELD: "Held back",
    ReplyStage.CLAIMED: "Going out",
    ReplyStage.INFLIGHT: "Going out",
    ReplyStage.SENT: "Sent",
    ReplyStage.DELIVERED: "Delivered",
    ReplyStage.FAILED: "Not sent: the channel refused it",
    ReplyStage.UNKNOWN: "Unclear: it may or may not have gone out",
    ReplyStage.WITHDRAWN: "Taken back",
}

REASONS: tuple[tuple[str, str], ...] = (
    ("wrong_intent", "Wrong intent"),
    ("wrong_tone", "Wrong tone"),
    ("missing_facts", "Missing facts"),
    ("policy", "Against policy"),
    ("other", "Other"),
)
"""Why a person says no; the keys 1 to 5 in this order."""

_LAST_DIGITS = re.compile(r"\d{2,4}(?=\D{0,2}\Z)")


def words(label: str) -> str:
    """`billing_problem` as a person says it: "billing problem"."""
    return label.replace("_", " ").replace(".", ": ").strip()


KINDS = {
    "iban": "IBAN", "us_ssn": "US SSN", "us_itin": "US ITIN", "ip_address": "IP address", "api_key": "API key",
    "jwt": "JWT",
}  # fmt: skip
"""Kinds of sensitive values that people do not write as their name reads."""


def kind(category: str) -> str:
    """`payment_card` as a person says it: "payment card"; "IBAN" stays in capitals."""
    return KINDS.get(category, words(category))


NEARLY_SURE = 0.995
"""From here on a percentage would be rounded up to 100."""


def share(score: float) -> str:
    """A probability as a percentage; never "100 %" or "0 %", because nothing read out of words is certain."""
    if score >= NEARLY_SURE:
        return "over 99 %"
    return "under 1 %" if score < 0.005 else f"{round(score * 100)} %"


CHANNELS = {"x": "X", "email": "E-mail", "sms": "SMS", "whatsapp": "WhatsApp"}


def channel(name: str) -> str:
    """A channel's name as people write it."""
    return CHANNELS.get(name, capital(words(name)))


def capital(text: str) -> str:
    """The first letter as a capital, the others as they are."""
    return text[:1].upper() + text[1:]


IN_PAIR = "Answer in private, say so in public"
ASKING = "Ask in public for a private message"
"""What answering in private means where the customer wrote in public: on a channel that can, and on any other."""


def decision_sentence(
    decision: Decision, labels: Sequence[str], *, is_public: bool = False, can_point: bool = False
) -> str:
    """One sentence for what to do: action, what it is about, how they feel. labels: in words already.

    is_public: the customer wrote in public. can_point: a private answer to that can go out from here.
    """
    action = ACTIONS[decision.action]
    if is_public and decision.action is Action.ANSWER_PRIVATE:
        action = IN_PAIR if can_point else ASKING
    if decision.team and decision.action is Action.ESCALATE:
        action = f"Escalate to {words(decision.team)}"
    return " · ".join([action, *labels])


@dataclass(frozen=True, slots=True)
class DueLabel:
    """Time left in words, and how pressing: ok, soon or late."""

    words: str
    level: str
    at: datetime


def due(at: datetime, now: datetime) -> DueLabel:
    minutes = round((at - now).total_seconds() / 60)
    if minutes < 0:
        return DueLabel(f"overdue by {_span(-minutes)}", "late", at)
    return DueLabel(f"due in {_span(minutes)}", "soon" if minutes <= 30 else "ok", at)


def ago(at: datetime, now: datetime) -> str:
    minutes = round((now - at).total_seconds() / 60)
    return "just now" if minutes < 1 else f"{_span(minutes)} ago"


def hour(at: datetime, now: datetime, zone: str) -> str:
    """ "17:15 today", "09:00 tomorrow", "14:00 on Friday 6 March", on the clock of this zone."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = {today: "today", today + timedelta(days=1): "tomorrow"}
    day = days.get(local.date(), f"on {local:%A} {local.day} {local:%B}")
    return f"{local:%H:%M} {day} ({zone})"


def attached(files: Sequence[Attachment]) -> list[str]:
    """What came and is not kept, a line a reason: "2 photos and 1 file, not kept: crack.jpg, box.jpg, bill.pdf", or
    "1 photo, not kept: the store is full (crack.jpg)".
    """
    by_reason: dict[str, list[Attachment]] = {}
    for file in files:
        if file.stored_as is None:
            by_reason.setdefault(file.problem, []).append(file)
    return [_not_kept(several, why) for why, several in by_reason.items()]


def _not_kept(files: Sequence[Attachment], why: str) -> str:
    counts: dict[str, int] = {}
    for file in files:
        counts[kind_of_file(file)] = counts.get(kind_of_file(file), 0) + 1
    said = " and ".join(f"{n} {kind}{'s' if n != 1 else ''}" for kind, n in counts.items())
    names = ", ".join(file.name for file in files if file.name)
    if why:
        return f"{said}, not kept: {why}{f' ({names})' if names else ''}"
    return f"{said}, not kept{f': {names}' if names else ''}"


def kind_of_file(file: Attachment) -> str:
    """ "photo", "video", "sound file" or "file"."""
    return KINDS_OF_FILE.get(file.media_type.partition("/")[0], "file")


def size(n_bytes: int | None) -> str:
    """ "48 KB", "3.2 MB"; empty where nobody knows."""
    if n_bytes is None:
        return ""
    return f"{max(1, round(n_bytes / 1024))} KB" if n_bytes < 1_048_576 else f"{n_bytes / 1_048_576:.1f} MB"


KINDS_OF_FILE = {"image": "photo", "video": "video", "audio": "sound file"}


def _span(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
    return f"{minutes // 1440} days"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a message.

    kind: plain, masked (a solid block), why (words that carried a label) or trick (a sign that deceives).
    """

    text: str
    kind: str = "plain"
    note: str = ""


def segments(message: Message, evidence: Sequence[tuple[str, Evidence]] = ()) -> list[Segment]:
    """The masked text in pieces: hidden values as blocks that name their kind, deciding words marked.

    Spans count in the text as received; the text we hold has replacements of other lengths, so they are shifted.
    """
    text = message.text
    marks: list[tuple[int, int, str, str]] = []
    for start, end, span in _places(text, message.masking.spans):
        marks.append((start, end, "masked", _block(span)))
    for label, carrier in evidence:
        start, end = max(0, carrier.start), min(len(text), carrier.end)
        if start < end and not any(start < stop and begin < end for begin, stop, _, _ in marks):
            marks.append((start, end, "why", label))
    for start, end, trick in tricks_in(text):
        if not any(start < stop and begin < end for begin, stop, kind, _ in marks if kind == "masked"):
            marks = [mark for mark in marks if mark[2] == "masked" or not (start < mark[1] and mark[0] < end)]
            marks.append((start, end, "trick", trick))
    return _cut(text, marks)


def marked(text: str) -> list[Segment]:
    """A text in pieces: signs that deceive whoever reads it stand alone."""
    return _cut(text, [(start, end, "trick", trick) for start, end, trick in tricks_in(text)])


def _cut(text: str, marks: Sequence[tuple[int, int, str, str]]) -> list[Segment]:
    pieces, at = [], 0
    for start, end, kind, note in sorted(marks):
        if start > at:
            pieces.append(Segment(text[at:start]))
        if start < at:
            continue
        pieces.append(Segment(_shown(kind, note, text[start:end]), kind, note))
        at = end
    if at < len(text):
        pieces.append(Segment(text[at:]))
    return pieces


def _shown(kind: str, note: str, text: str) -> str:
    if kind == "masked":
        return note
    # A sign that turns text or cannot be seen is not shown itself: a mark stands in its place.
    return without_turns(text) if kind == "trick" else text


def _places(text: str, spans: Sequence[SensitiveSpan]) -> list[tuple[int, int, SensitiveSpan]]:
    shift, places = 0, []
    for span in sorted(spans, key=lambda masked: masked.start):
        if span.handling is Handling.ALLOW:
            continue
        start = span.start + shift
        end = start + len(span.replacement)
        if text[start:end] != span.replacement:
            start = text.find(span.replacement) if span.replacement else -1
            end = start + len(span.replacement)
        shift += len(span.replacement) - (span.end - span.start)
        if start >= 0:
            places.append((start, end, span))
    return places


def _block(span: SensitiveSpan) -> str:
    name = capital(kind(span.category))
    last = _LAST_DIGITS.search(span.replacement)
    return f"{name} ··· {last.group()}" if last else f"{name} hidden"


def kinds_found(message: Message) -> str:
    """ "2 values hidden: payment card, security code" for the band above a message."""
    hidden = [span for span in message.masking.spans if span.handling is not Handling.ALLOW]
    if not hidden:
        return "Something sensitive stood in the subject"
    kinds = list(dict.fromkeys(kind(span.category) for span in hidden))
    return f"{len(hidden)} value{'s' if len(hidden) != 1 else ''} hidden: {', '.join(kinds)}"
