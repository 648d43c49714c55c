"""The JSON shapes: what comes in (pydantic, unknown keys refused) and how care values go out."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from care.access import Person
from care.case import Case
from care.case_file import CaseFile
from care.customer import Customer, IdentityMove
from care.decision import Action, Decision
from care.escalation import Climbed, Notice
from care.handover import HandOver
from care.learning import PlayCount, PlayFlag
from care.message import Attachment, Message, Turn
from care.note import Note
from care.offline import OfflineState, OfflineTask
from care.promise import Promise
from care.reply import Draft, RejectReason, Reply, Suggestion, ToneReport
from care.signing import LONGEST
from care.times import in_utc
from care.trail import Event
from care.wire import classification_as_json

TEXT_MAX = 20_000
Text = Annotated[str, StringConstraints(max_length=TEXT_MAX)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Share = Annotated[float, Field(ge=0.5, lt=1)]
Labels = Annotated[dict[Label, Label], Field(max_length=8)]


def _as_rfc_3339(value: object) -> object:
    # Pydantic takes a number, and one in a text, for seconds since 1970.
    if not isinstance(value, str) or not _DATE.match(value):
        raise PydanticCustomError("datetime_parsing", "not a time")
    return value


_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_as_rfc_3339), AfterValidator(in_utc)]
"""A time as RFC 3339 has it, with its offset."""


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# in ------------------------------------------------------------------------------------------------------------


class ClassifyOptions(Shape):
    top_k: int = Field(default=3, ge=1, le=50)
    explain: bool = False
    precision: Share | dict[Label, Share] | None = None


class ClassifyItem(Shape):
    id: Name | None = None
    text: Text
    subject: Text | None = None


class ClassifyIn(Shape):
    """One text, or up to 256 inputs. subject: of a mail, read as the first line."""

    text: Text | None = None
    subject: Text | None = None
    inputs: list[ClassifyItem] | None = Field(default=None, min_length=1, max_length=256)
    tasks: list[Label] | None = Field(default=None, max_length=32)
    options: ClassifyOptions = ClassifyOptions()


class AuthorIn(Shape):
    handle: Name
    name: Name | None = None
    followers: int | None = Field(default=None, ge=0, le=10**10)


class MessageIn(Shape):
    """A message handed in by a service. `id` and `thread` are the sender's own; the same id twice is kept once."""

    id: Name
    thread: Name | None = None
    author: AuthorIn
    text: Text
    visibility: Literal["public", "private"] = "private"
    written_at: Moment | None = None
    in_reply_to: Name | None = None


class ApproveIn(Shape):
    """`promise`: the hour that the text quotes, confirmed; one that the draft itself quotes needs no confirmation.
    `is_no_promise`: what reads like an hour is no promise. `pointer`: what is said in public; the text then goes in
    private, and the pointer once it has gone.
    """

    text: Text
    draft: int = Field(default=0, ge=0, le=2)
    labels: Labels = {}
    promise: Moment | None = None
    is_no_promise: bool = False
    pointer: Text | None = None


class RejectIn(Shape):
    reason: Annotated[RejectReason, Field(strict=False)]
    note: Annotated[str, StringConstraints(max_length=1000)] | None = None
    labels: Labels = {}


class AnswerIn(Shape):
    """A person's own words. `promise`: the hour they quote, confirmed. `is_no_promise`: what reads like an hour is no
    promise. `turn`: of the case, as the person had read it; a newer one refuses the words. `key`: the same one twice
    is one reply. `pointer`: what is said in public; the text then goes in private, and the pointer once it has gone.
    """

    text: Text
    promise: Moment | None = None
    is_no_promise: bool = False
    turn: int | None = Field(default=None, ge=0)
    key: Name | None = None
    pointer: Text | None = None


class ClosingIn(Shape):
    """A person's own words that close a matter where it began: in public, and only there."""

    text: Text
    promise: Moment | None = None
    is_no_promise: bool = False
    turn: int | None = Field(default=None, ge=0)
    key: Name | None = None


class AnswerTextIn(Shape):
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class NoteIn(Shape):
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class AssignIn(Shape):
    to: Name | None


class HandOverIn(Shape):
    """`to`: a team or contact of the playbook that can be reached."""

    to: Label
    reason: Annotated[str, StringConstraints(max_length=1000)] = ""


class ResolveIn(Shape):
    ask: bool = True


class JoinIn(Shape):
    channel: Name
    handle: Name
    evidence: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class RelabelIn(Shape):
    labels: Labels = Field(min_length=1)


class DecisionIn(Shape):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    action: Annotated[Action, Field(strict=False)] | None = None
    team: Label | None = None


class OfflineIn(Shape):
    state: Annotated[OfflineState, Field(strict=False)]
    waiver: Annotated[str, StringConstraints(max_length=1000)] | None = None


class ToneIn(Shape):
    text: Text
    channel: Name = "webhook"


class SignatureIn(Shape):
    """How a person signs where a channel signs, such as `AB` or `Anna`; empty: not at all."""

    signs_as: Annotated[str, StringConstraints(max_length=LONGEST, pattern=r"^[^\x00-\x1f\x7f]*$")]


class SignInIn(Shape):
    email: Annotated[str, StringConstraints(max_length=320)]
    password: Annotated[str, StringConstraints(max_length=1024)]


# out -----------------------------------------------------------------------------------------------------------

Json = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def a_list(data: Sequence[Any], *, next_cursor: str | None = None) -> Json:
    return {"object": "list", "data": list(data), "has_more": next_cursor is not None, "next_cursor": next_cursor}


def message_as_json(message: Message) -> Json:
    return {
        "id": message.id,
        "object": "message",
        "channel": message.channel,
        "outside_id": message.outside_id,
        "thread_id": message.thread_id,
        "case_id": message.case_id,
        "turn": message.turn,
        "author": {
            "handle": message.author.handle,
            "name": message.author.name,
            "followers": message.author.followers,
        },
        "subject": message.subject,
        "text": message.text,
        "visibility": str(message.visibility),
        "written_at": moment(message.written_at),
        "received_at": moment(message.received_at),
        "automatic": message.automatic,
        "attachments": attachments_as_json(message.attachments),
        "sensitive": {
            "flagged": message.handling != "allow",
            "action": str(message.handling),
            "spans": [
                {"start": s.start, "end": s.end, "category": s.category, "score": s.score, "handling": str(s.handling)}
                for s in message.spans
            ],
        },
    }


def attachments_as_json(files: Sequence[Attachment]) -> list[Json]:
    return [
        {
            "id": a.id,
            "name": a.name,
            "media_type": a.media_type,
            "size": a.size_bytes,
            "alt": a.alt,
            "is_kept": a.stored_as is not None,
            "problem": a.problem or None,
        }
        for a in files
    ]


def turn_as_json(turn: Turn) -> Json:
    """One utterance of a thread, with what came with it. `id`: of the message, reply or native answer that it is."""
    return {
        "id": turn.id,
        "object": "turn",
        "by": "customer" if turn.by_customer else "us",
        "customer": turn.customer or None,
        "author": turn.author or None,
        "at": moment(turn.at),
        "subject": turn.subject,
        "text": turn.text,
        "visibility": str(turn.visibility) if turn.visibility else None,
        "automatic": turn.automatic,
        "attachments": attachments_as_json(turn.attachments),
    }


def decision_as_json(decision: Decision) -> Json:
    return {
        "action": str(decision.action),
        "team": decision.team,
        "kind": decision.kind,
        "priority": {
            "total": decision.priority.total,
            "addends": [{"name": a.name, "points": a.points} for a in decision.priority.addends],
        },
        "due_at": moment(decision.due_at),
        "promised_at": moment(decision.promised_at),
        "reasons": list(decision.reasons),
    }


def tone_as_json(report: ToneReport) -> Json:
    return {
        "verdict": str(report.verdict),
        "score": report.score,
        "findings": [
            {"rule": f.rule, "start": f.start, "end": f.end, "message": f.message, "fix": f.fix}
            for f in report.findings
        ],
    }


def draft_as_json(draft: Draft) -> Json:
    return {
        "play": draft.play,
        "title": draft.title,
        "text": draft.text,
        "private_text": draft.private_text or None,
        "missing": list(draft.missing),
        "tone": tone_as_json(draft.tone),
        "score": draft.score,
        "offline": draft.is_offline,
        "promised_at": moment(draft.promised_at),
        "handed_to": draft.handed_to or None,
    }


def suggestion_as_json(suggestion: Suggestion) -> Json:
    return {
        "id": suggestion.id,
        "object": "suggestion",
        "message_id": suggestion.message_id,
        "case_id": suggestion.case_id,
        "turn": suggestion.turn,
        "state": str(suggestion.state),
        "version": suggestion.version,
        "decision": decision_as_json(suggestion.decision),
        "drafts": [draft_as_json(draft) for draft in suggestion.drafts],
        "asks": suggestion.asks,
        "playbook": suggestion.playbook,
        "created_at": moment(suggestion.created_at),
        "decided_by": suggestion.decided_by,
        "decided_at": moment(suggestion.decided_at),
        "reject_reason": suggestion.reject_reason,
    }


def reply_as_json(reply: Reply) -> Json:
    return {
        "id": reply.id,
        "object": "reply",
        "message_id": reply.message_id,
        "case_id": reply.case_id,
        "turn": reply.turn,
        "suggestion_id": reply.suggestion_id,
        "channel": reply.channel,
        "text": reply.text,
        "typed": reply.words,
        "answer_id": reply.answer_id,
        "purpose": str(reply.purpose),
        "visibility": str(reply.visibility),
        "is_rehearsal": reply.is_rehearsal,
        "stage": str(reply.stage),
        "play": reply.play,
        "is_edited": reply.is_edited,
        "approved_by": reply.approved_by,
        "approved_at": moment(reply.approved_at),
        "not_before": moment(reply.not_before),
        "attempt": reply.attempt,
        "sent_at": moment(reply.sent_at),
        "receipt": reply.receipt,
        "problem": reply.problem,
    }


def act_as_json(reply: Reply, pointer: Reply | None) -> Json:
    """What one yes of a person made: the reply, and where it goes in private the public pointer to it."""
    return {**reply_as_json(reply), "pointer": reply_as_json(pointer) if pointer else None}


def person_as_json(person: Person) -> Json:
    """A colleague, as colleagues know them: without their address."""
    return {
        "id": person.id,
        "object": "person",
        "name": person.name,
        "role": str(person.role),
        "signs_as": person.signs_as,
        "is_active": person.is_active,
    }


def offline_as_json(task: OfflineTask) -> Json:
    return {
        "id": task.id,
        "object": "offline_task",
        "thread_id": task.thread_id,
        "case_id": task.case_id,
        "message_id": task.message_id,
        "categories": list(task.categories),
        "state": str(task.state),
        "is_open": task.is_open,
        "owner": task.owner,
        "due_at": moment(task.due_at),
        "created_at": moment(task.created_at),
        "changed_by": task.changed_by,
        "changed_at": moment(task.changed_at),
        "waiver": task.waiver,
    }


def play_count_as_json(line: PlayCount) -> Json:
    return {
        "play": line.play_id,
        "shown": line.n_shown,
        "accepted": line.n_accepted,
        "edited": line.n_edited,
        "rejected": line.n_rejected,
        "edits": dict(line.edits),
        "kept": round(line.share_kept, 3),
    }


def play_flag_as_json(flag: PlayFlag) -> Json:
    """`change`: what people keep writing in its place, before and after."""
    before, after = flag.change or (None, None)
    return {
        "play": flag.play,
        "kind": flag.kind,
        "what": flag.what,
        "owner": flag.owner,
        "change": None if flag.change is None else {"before": before, "after": after},
    }


def climbed_as_json(climbed: Climbed) -> Json:
    """`notice`: what became of telling the contact; null where the playbook has no address of theirs."""
    return {
        "step": climbed.step,
        "contact": climbed.contact,
        "at": moment(climbed.at),
        "notice": notice_as_json(climbed.notice) if climbed.notice else None,
    }


def notice_as_json(notice: Notice) -> Json:
    """Without the address: whose it is stands in the playbook. `problem`: how the last try ended."""
    return {
        "id": notice.id,
        "object": "notice",
        "message_id": notice.message_id,
        "case_id": notice.case_id,
        "kind": str(notice.kind),
        "step": notice.step,
        "contact": notice.contact,
        "state": str(notice.state),
        "answer_by": moment(notice.answer_by),
        "sent_at": moment(notice.sent_at),
        "problem": notice.problem,
    }


def promise_as_json(promise: Promise) -> Json:
    return {
        "id": promise.id,
        "object": "promise",
        "reply_id": promise.reply_id,
        "until": moment(promise.until),
        "state": str(promise.state),
        "made_by": promise.made_by,
        "made_at": moment(promise.made_at),
        "ended_at": moment(promise.ended_at),
    }


def handover_as_json(handover: HandOver) -> Json:
    return {
        "id": handover.id,
        "object": "handover",
        "case_id": handover.case_id,
        "message_id": handover.message_id,
        "to": handover.to,
        "contact": handover.contact,
        "state": str(handover.state),
        "is_open": handover.is_open,
        "reason": handover.reason,
        "opened_by": handover.opened_by,
        "opened_at": moment(handover.opened_at),
        "until": moment(handover.until),
        "answered_at": moment(handover.answered_at),
        "changed_by": handover.changed_by,
        "changed_at": moment(handover.changed_at),
    }


def note_as_json(note: Note) -> Json:
    return {
        "id": note.id,
        "object": "note",
        "case_id": note.case_id,
        "kind": str(note.kind),
        "text": note.text,
        "by": note.by,
        "at": moment(note.at),
        "mentions": list(note.mentions),
    }


def event_as_json(event: Event) -> Json:
    return {
        "number": event.number,
        "object": "event",
        "event": event.event,
        "subject_id": event.subject_id,
        "case_id": event.case_id,
        "by": event.by,
        "at": moment(event.at),
        "facts": dict(event.facts),
    }


def customer_as_json(customer: Customer, moves: Sequence[IdentityMove] = ()) -> Json:
    return {
        "id": customer.id,
        "object": "customer",
        "name": customer.name,
        "created_at": moment(customer.created_at),
        "identities": [{"channel": one.channel, "handle": one.handle} for one in customer.identities],
        "moves": [identity_move_as_json(move) for move in moves],
    }


def identity_move_as_json(move: IdentityMove) -> Json:
    return {
        "id": move.id,
        "object": "identity_move",
        "channel": move.identity.channel,
        "handle": move.identity.handle,
        "from_customer": move.from_customer,
        "to_customer": move.to_customer,
        "evidence": move.evidence,
        "by": move.by,
        "at": moment(move.at),
        "undone_by": move.undone_by,
        "undone_at": moment(move.undone_at),
    }


def case_in_short(case: Case) -> Json:
    """Where a case stands, without what was said in it."""
    return {
        "id": case.id,
        "object": "case",
        "channel": case.channel,
        "thread_id": case.thread_id,
        "customer": case.customer,
        "customer_id": case.customer_id,
        "state": str(case.state),
        "turn": case.turn,
        "due_at": moment(case.due_at),
        "until": moment(case.until),
        "assigned_to": case.assigned_to,
        "opened_at": moment(case.opened_at),
        "reopened_at": moment(case.reopened_at),
        "resolved_at": moment(case.resolved_at),
        "resolved_by": case.resolved_by,
        "resolution": str(case.resolution) if case.resolution else None,
        "source": str(case.source),
    }


def read_message_as_json(file: CaseFile) -> Json:
    """One message with what was read out of it, decided and suggested."""
    return {
        **message_as_json(file.message),
        "work": file.work,
        "problem": file.problem,
        "classification": classification_as_json(file.classification) if file.classification else None,
        "suggestion": suggestion_as_json(file.suggestion) if file.suggestion else None,
        "decision": decision_as_json(file.decision) if file.decision else None,
        "corrections": [{"task": task, "label": label} for task, label in file.corrections],
        "climbed": [climbed_as_json(one) for one in file.handled.climbed],
    }


def case_as_json(file: CaseFile) -> Json:
    """A whole case, read at one of its messages."""
    asked = file.handled.satisfaction
    return {
        **case_in_short(file.case),
        "message": read_message_as_json(file),
        "others_in_thread": list(file.others),
        "thread": [turn_as_json(turn) for turn in file.thread],
        "replies": [reply_as_json(reply) for reply in file.handled.replies],
        "promises": [promise_as_json(promise) for promise in file.handled.promises],
        "handovers": [handover_as_json(one) for one in file.handled.handovers],
        "notes": [note_as_json(note) for note in file.handled.notes],
        "offline": offline_as_json(file.offline) if file.offline else None,
        "satisfaction": {"asked_at": moment(asked.asked_at), "score": asked.score} if asked else None,
    }
