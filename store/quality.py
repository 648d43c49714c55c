"""Samples of sent replies, and what people said of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.quality import Doubt, Pick, Review, SentReply
from care.reply import Purpose
from store.mapping import from_row, to_columns
from store.messages import HAS_LEFT
from store.places import is_live
from store.rows import insert_once
from store.tables import CaseRow, CorrectionRow, EventRow, ReplyRow, ReviewPickRow, ReviewRow, SatisfactionRow

_LATE = timedelta(days=7)
"""How long before it went out a reply may have been due: what was held or busy for longer is left out."""


class SqlQuality:
    """Satisfies care.quality.QualityShelf."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sent(self, since: datetime, until: datetime) -> list[SentReply]:
        doubts = {
            Doubt.UNHAPPY: exists().where(
                SatisfactionRow.thread_id == ReplyRow.thread_id,
                SatisfactionRow.score <= 2,
                SatisfactionRow.asked_at >= ReplyRow.sent_at,
            ),
            Doubt.REOPENED: exists().where(
                EventRow.case_id == ReplyRow.case_id,
                EventRow.event == "case.reopened",
                EventRow.at > ReplyRow.sent_at,
            ),
            Doubt.CORRECTED: exists().where(
                CorrectionRow.message_id == ReplyRow.message_id, CorrectionRow.predicted != CorrectionRow.corrected
            ),
            Doubt.HELD: exists().where(EventRow.subject_id == ReplyRow.id, EventRow.event == "reply.held"),
        }
        query = (
            select(
                ReplyRow.id,
                ReplyRow.case_id,
                ReplyRow.approved_by,
                *(doubt.label(f"is_{name}") for name, doubt in doubts.items()),
            )
            .join(CaseRow, CaseRow.id == ReplyRow.case_id)
            .where(
                is_live(),
                ReplyRow.stage.in_(HAS_LEFT),
                # An index knows when replies were due; when they went out is looked at among those.
                ReplyRow.not_before >= since - _LATE,
                ReplyRow.not_before < until,
                ReplyRow.sent_at >= since,
                ReplyRow.sent_at < until,
                ReplyRow.purpose.in_((Purpose.ANSWER, Purpose.CLOSING)),
                ~ReplyRow.is_rehearsal,
            )
            .order_by(ReplyRow.id)
        )
        return [
            SentReply(
                row.id, row.case_id, row.approved_by, tuple(name for name in doubts if getattr(row, f"is_{name}"))
            )
            for row in self._session.execute(query)
        ]

    def keep(self, picks: Sequence[Pick]) -> int:
        return sum(insert_once(self._session, ReviewPickRow, to_columns(pick, ReviewPickRow)) for pick in picks)

    def pick(self, reply_id: str) -> Pick:
        row = self._session.get(ReviewPickRow, reply_id)
        if row is None:
            raise NotFound("reply of a sample", reply_id)
        return from_row(Pick, row)

    def picks(self, *, since: str = "") -> list[Pick]:
        query = select(ReviewPickRow).where(ReviewPickRow.week >= since)
        rows = self._session.scalars(query.order_by(ReviewPickRow.week.desc(), ReviewPickRow.reply_id))
        return [from_row(Pick, row) for row in rows]

    def reviews(self, *, since: str = "") -> list[Review]:
        query = (
            select(ReviewRow)
            .join(ReviewPickRow, ReviewPickRow.reply_id == ReviewRow.reply_id)
            .where(ReviewPickRow.week >= since)
            .order_by(ReviewRow.at, ReviewRow.reader)
        )
        return [from_row(Review, row) for row in self._session.scalars(query)]

    def of_reply(self, reply_id: str) -> list[Review]:
        query = select(ReviewRow).where(ReviewRow.reply_id == reply_id).order_by(ReviewRow.at, ReviewRow.reader)
        return [from_row(Review, row) for row in self._session.scalars(query)]

    def add(self, review: Review) -> bool:
        return insert_once(self._session, ReviewRow, to_columns(review, ReviewRow))

    def told(self, reply_id: str) -> None:
        self._session.execute(update(ReviewRow).where(ReviewRow.reply_id == reply_id).values(is_told=True))
