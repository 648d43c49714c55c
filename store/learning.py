"""What became of drafts, what they lacked, and which plays were flagged to their owners."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, ColumnElement, Row, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from care.case import Resolution, Source
from care.crisis import is_statement
from care.decision import Action
from care.knowledge import KnowledgeGap, Lack
from care.learning import Answered, DraftOutcome, FirstAnswer, PlayFlag
from care.reply import MOST_DRAFTS, Purpose, ReplyStage, SuggestionState
from care.sensitive import Handling
from store.classifications import corrections_of
from store.messages import HAS_LEFT
from store.moments import Now
from store.rows import insert_once
from store.shapes import unpack
from store.tables import (
    CaseRow,
    MessageRow,
    NativeAnswerRow,
    OfflineRow,
    PersonRow,
    PlayFlagRow,
    ReplyRow,
    SuggestionRow,
)

_BATCH = 400
"""Messages of one round of corrections; SQLite takes at most 999 parameters on old builds."""
_SHOWN_CASES = 10


class SqlLearning:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def outcomes(self, *, limit: int = 2000) -> list[DraftOutcome]:
        is_sent = and_(SuggestionRow.state == SuggestionState.APPROVED, ReplyRow.play.is_not(None))
        query = (
            select(SuggestionRow, ReplyRow)
            .outerjoin(
                ReplyRow,
                and_(
                    ReplyRow.suggestion_id == SuggestionRow.id,
                    ReplyRow.purpose == Purpose.ANSWER,
                    ReplyRow.stage != ReplyStage.WITHDRAWN,
                ),
            )
            .join(CaseRow, CaseRow.id == SuggestionRow.case_id)
            .where(CaseRow.source == Source.LIVE, or_(is_sent, SuggestionRow.state == SuggestionState.REJECTED))
            .order_by(SuggestionRow.decided_at.desc(), SuggestionRow.id.desc())
            .limit(limit)
        )
        rows = reversed(self._session.execute(query).all())
        outcomes = [_outcome(row.SuggestionRow, row.ReplyRow) for row in rows]
        return [outcome for outcome in outcomes if outcome is not None]

    def first_answers(self, *, limit: int = 5000) -> list[FirstAnswer]:
        sent = _first(ReplyRow.sent_at, ReplyRow, ReplyRow.purpose == Purpose.ANSWER, ~ReplyRow.is_rehearsal)
        native = _first(NativeAnswerRow.written_at, NativeAnswerRow, ~NativeAnswerRow.is_history)
        query = (
            select(CaseRow, SuggestionRow.decision, sent.c.at.label("sent_at"), native.c.at.label("native_at"))
            .join(CaseRow, CaseRow.id == SuggestionRow.case_id)
            .outerjoin(sent, sent.c.case_id == CaseRow.id)
            .outerjoin(native, native.c.case_id == CaseRow.id)
            .where(CaseRow.source == Source.LIVE, _asks_for_an_answer(), ~_was_rehearsed())
            .order_by(SuggestionRow.created_at.desc(), SuggestionRow.id.desc())
            .limit(limit)
        )
        answers: dict[str, FirstAnswer] = {}
        for row in reversed(self._session.execute(query).all()):
            if row.decision.action is not Action.IGNORE:
                answered = [at for at in (row.sent_at, row.native_at) if at is not None]
                answers.setdefault(row.CaseRow.id, FirstAnswer(row.decision.promised_at, min(answered, default=None)))
        return list(answers.values())

    def answered(self, *, limit: int = 5000) -> list[Answered]:
        """Sent replies, and what was written on the network itself to the message before it."""
        ours = func.coalesce(ReplyRow.typed, ReplyRow.text)
        sent = (
            select(*_ASKED, ours.label("reply"), ReplyRow.sent_at.label("at"), PersonRow.name.label("by"))
            .join(MessageRow, MessageRow.id == ReplyRow.message_id)
            .join(CaseRow, CaseRow.id == ReplyRow.case_id)
            .outerjoin(PersonRow, PersonRow.id == ReplyRow.approved_by)
            .where(
                ReplyRow.stage.in_(HAS_LEFT),
                ReplyRow.purpose == Purpose.ANSWER,
                ~ReplyRow.is_rehearsal,
                *_solved(),
            )
        )
        before = (
            select(MessageRow.id)
            .where(MessageRow.case_id == NativeAnswerRow.case_id, MessageRow.written_at <= NativeAnswerRow.written_at)
            .order_by(MessageRow.written_at.desc())
            .limit(1)
            .correlate(NativeAnswerRow)
            .scalar_subquery()
        )
        native = (
            select(*_ASKED, NativeAnswerRow.text.label("reply"), NativeAnswerRow.written_at.label("at"),
                   NativeAnswerRow.author.label("by"))
            .join(MessageRow, MessageRow.id == before)
            .join(CaseRow, CaseRow.id == NativeAnswerRow.case_id)
            .where(*_solved())
        )  # fmt: skip
        rows: list[Any] = [
            row
            for query, at in ((sent, ReplyRow.sent_at), (native, NativeAnswerRow.written_at))
            for row in self._session.execute(query.order_by(at.desc()).limit(limit))
        ]
        return [_answered(row) for row in sorted(rows, key=lambda row: row.at, reverse=True)[:limit]]

    def flag(self, flag: PlayFlag) -> bool:
        # The passages are somebody's words; that they were told is all that has to be known again.
        digest = sha256("\0".join(flag.change or ()).encode("utf-8", "replace")).hexdigest()[:32]
        values = {"play": flag.play, "kind": flag.kind, "change": digest, "at": self._now(0)}
        return insert_once(self._session, PlayFlagRow, values)

    def gaps(self, since: datetime, until: datetime) -> list[KnowledgeGap]:
        wanted: dict[Lack, list[Row[Any]]] = {}
        for row, lack in self._lacks(since, until):
            wanted.setdefault(lack, []).append(row)
        gaps = [_gap(lack, rows) for lack, rows in wanted.items()]
        return sorted(gaps, key=lambda gap: (-gap.n_messages, gap.lack.slot, gap.lack.about))

    def _lacks(self, since: datetime, until: datetime) -> Iterator[tuple[Row[Any], Lack]]:
        """The latest first, each message once for each slot."""
        drafts = type_coerce(SuggestionRow.drafts, JSON)
        places = range(MOST_DRAFTS)
        query = (
            select(
                SuggestionRow.message_id,
                SuggestionRow.case_id,
                SuggestionRow.created_at,
                *(drafts[place, "lacks"].label(f"lacks_{place}") for place in places),
            )
            .join(CaseRow, CaseRow.id == SuggestionRow.case_id)
            .where(
                SuggestionRow.created_at >= since,
                SuggestionRow.created_at < until,
                CaseRow.source == Source.LIVE,
                or_(*(drafts[place, "lacks", 0, "slot"].as_string().is_not(None) for place in places)),
            )
            .order_by(SuggestionRow.created_at.desc(), SuggestionRow.id.desc())
        )
        for rows in self._session.execute(query).partitions(_BATCH):
            corrections = corrections_of(self._session, {row.message_id for row in rows})
            for row in rows:
                corrected = corrections.get(row.message_id, {})
                lacks = [lack for kept in row[-MOST_DRAFTS:] for lack in unpack(tuple[Lack, ...], kept) or ()]
                for lack in dict.fromkeys(Lack(lack.slot, corrected.get("intent", lack.about)) for lack in lacks):
                    yield row, lack


_ASKED = (MessageRow.text, MessageRow.author_name, MessageRow.handle, MessageRow.channel, CaseRow.id, CaseRow.customer,
          CaseRow.customer_id)  # fmt: skip


def _solved() -> tuple[ColumnElement[bool], ...]:
    """Cases that ended well and held nothing that only the customer may see."""
    return (
        CaseRow.resolution.in_((Resolution.SOLVED, Resolution.IMPORTED)),
        MessageRow.handling.in_((Handling.ALLOW, Handling.MASK)),
        ~exists().where(OfflineRow.case_id == CaseRow.id),
    )


def _answered(row: Row[Any]) -> Answered:
    names = (row.author_name, row.handle, row.customer, row.by)
    return Answered(
        case_id=row.id,
        customer=row.customer_id or row.customer,
        channel=row.channel,
        text=row.text,
        reply=row.reply,
        answered_at=row.at,
        names=tuple(name for name in names if name),
    )


def _gap(lack: Lack, rows: list[Row[Any]]) -> KnowledgeGap:
    cases = tuple(dict.fromkeys(row.case_id for row in rows))
    return KnowledgeGap(lack, len(rows), rows[0].created_at, cases[:_SHOWN_CASES])


def _first(at: Any, table: Any, *where: ColumnElement[bool]) -> Any:
    """By case, the earliest such moment."""
    query = select(table.case_id, func.min(at, type_=at.type).label("at")).where(at.is_not(None), *where)
    return query.group_by(table.case_id).subquery()


def _asks_for_an_answer() -> ColumnElement[bool]:
    """What a person dismissed, and what closed itself, counts as neither answered nor late."""
    return or_(CaseRow.resolution.is_(None), CaseRow.resolution == Resolution.SOLVED)


def _was_rehearsed() -> ColumnElement[bool]:
    return exists().where(ReplyRow.case_id == CaseRow.id, ReplyRow.is_rehearsal)


def _outcome(suggestion: SuggestionRow, reply: ReplyRow | None) -> DraftOutcome | None:
    if any(is_statement(draft) for draft in suggestion.drafts):
        # What is said in a crisis is nobody's play, and tells nothing of those that were held back.
        return None
    if suggestion.state is SuggestionState.REJECTED:
        shown = next(iter(suggestion.drafts), None)
        return None if shown is None else DraftOutcome(play=shown.play, draft=shown.text, sent="", is_sent=False)
    draft = next((draft for draft in suggestion.drafts if reply is not None and draft.play == reply.play), None)
    if draft is None or reply is None:
        return None
    # A signature is no edit of the play.
    sent = reply.text if reply.typed is None else reply.typed
    return DraftOutcome(play=draft.play, draft=draft.says(reply.visibility), sent=sent, is_sent=True)
