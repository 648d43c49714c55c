"""Approved replies on their way out. Every move is one conditional update: of two callers, one wins."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from care.errors import AlreadyDecided, NotFound
from care.reply import Reply, Stage
from care.work import Lease
from store.leases import new_token
from store.messages import HAS_LEFT
from store.moments import Now
from store.rows import changed
from store.tables import MessageRow, ReplyRow

_ON_ITS_WAY = (Stage.PENDING, Stage.CLAIMED, Stage.INFLIGHT)


class SqlReplies:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def add(self, reply: Reply) -> None:
        message = self._session.get(MessageRow, reply.message_id)
        if message is None:
            raise NotFound("message", reply.message_id)
        row = _row_of(reply, thread_id=message.thread_id)
        row.queued_at = row.rung_at = self._present()
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError as error:
            if "uq_reply" not in str(error.orig) and "reply.message_id" not in str(error.orig):
                raise
            live = select(ReplyRow).where(
                ReplyRow.message_id == reply.message_id,
                ReplyRow.purpose == reply.purpose,
                ReplyRow.stage != Stage.WITHDRAWN,
            )
            first = self._session.scalar(live)
            by = None if first is None else first.approved_by
            raise AlreadyDecided(reply.suggestion_id or reply.message_id, state="approved", decided_by=by) from None

    def get(self, reply_id: str) -> Reply:
        row = self._session.get(ReplyRow, reply_id, populate_existing=True)
        if row is None:
            raise NotFound("reply", reply_id)
        return reply_of(row)

    def find(self, *, channel: str, receipt: str) -> Reply | None:
        query = select(ReplyRow).where(ReplyRow.channel == channel, ReplyRow.receipt == receipt).limit(1)
        row = self._session.scalar(query)
        return None if row is None else reply_of(row)

    def of_thread(self, thread_id: str) -> list[Reply]:
        query = select(ReplyRow).where(ReplyRow.thread_id == thread_id).order_by(ReplyRow.approved_at, ReplyRow.id)
        return [reply_of(row) for row in self._session.scalars(query)]

    def of_message(self, message_id: str) -> list[Reply]:
        query = select(ReplyRow).where(ReplyRow.message_id == message_id).order_by(ReplyRow.approved_at, ReplyRow.id)
        return [reply_of(row) for row in self._session.scalars(query)]

    def claim(self, reply_id: str, *, lease_s: float) -> tuple[Reply, Lease] | None:
        token = new_token()
        earlier = aliased(ReplyRow)
        # In one conversation replies leave in the order in which they were approved.
        waits_for = select(earlier.id).where(
            earlier.thread_id == ReplyRow.thread_id,
            earlier.id != ReplyRow.id,
            earlier.stage.in_(_ON_ITS_WAY),
            or_(
                earlier.approved_at < ReplyRow.approved_at,
                (earlier.approved_at == ReplyRow.approved_at) & (earlier.id < ReplyRow.id),
            ),
        )
        claim = (
            update(ReplyRow)
            .where(
                ReplyRow.id == reply_id,
                ReplyRow.stage == Stage.PENDING,
                ReplyRow.not_before <= self._now(0),
                ~waits_for.exists(),
            )
            .values(
                stage=Stage.CLAIMED,
                attempt=ReplyRow.attempt + 1,
                lease_token=token,
                lease_until=self._now(lease_s),
            )
            .returning(ReplyRow.lease_until)
        )
        until = self._session.execute(claim.execution_options(synchronize_session=False)).scalar()
        return None if until is None else (self.get(reply_id), Lease(id=reply_id, token=token, until=until))

    def enter_flight(self, reply: Reply, lease: Lease) -> Reply | None:
        take_off = (
            update(ReplyRow)
            .where(
                ReplyRow.id == reply.id,
                ReplyRow.stage == Stage.CLAIMED,
                ReplyRow.lease_token == lease.token,
                ReplyRow.lease_until > self._now(0),
            )
            .values(stage=Stage.INFLIGHT)
        )
        return reply.moved(Stage.INFLIGHT) if changed(self._session, take_off) else None

    def save(self, reply: Reply, *, was: Stage) -> bool:
        """The text is never written again: what a person approved is what goes out.

        The attempt must be the one that was read: a sender that slept past its lease cannot write over a later
        attempt. Its proof that the reply is out still counts when it was called unknown meanwhile, or is about to be
        sent again.
        """
        stands = [ReplyRow.stage == was]
        if was is Stage.INFLIGHT and reply.stage in HAS_LEFT:
            stands.append(ReplyRow.stage.in_((Stage.UNKNOWN, Stage.PENDING)))
        sent_at = reply.sent_at
        if sent_at is None and reply.stage in HAS_LEFT:
            sent_at = self._present()
        # A person who sends it again gives it a fresh start; a busy channel does not.
        afresh = was in (Stage.FAILED, Stage.UNKNOWN) and reply.stage is Stage.PENDING
        fresh: dict[str, Any] = {"queued_at": self._present(), "n_crashes": 0} if afresh else {}
        landing = (
            update(ReplyRow)
            .where(ReplyRow.id == reply.id, ReplyRow.attempt == reply.attempt, or_(*stands))
            .values(
                stage=reply.stage,
                not_before=reply.not_before,
                receipt=reply.receipt,
                sent_at=sent_at,
                problem=reply.problem,
                lease_token=None,
                lease_until=None,
                **fresh,
            )
        )
        return changed(self._session, landing) == 1

    def _present(self) -> datetime:
        return self._session.scalars(select(self._now(0))).one()


def reply_of(row: ReplyRow) -> Reply:
    return Reply(
        id=row.id,
        message_id=row.message_id,
        suggestion_id=row.suggestion_id,
        channel=row.channel,
        recipient=row.recipient,
        thread_key=row.thread_key,
        in_reply_to=row.in_reply_to,
        text=row.text,
        stage=row.stage,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        not_before=row.not_before,
        idempotency_key=row.idempotency_key,
        attempt=row.attempt,
        purpose=row.purpose,
        play=row.play,
        is_edited=row.is_edited,
        receipt=row.receipt,
        sent_at=row.sent_at,
        problem=row.problem,
        subject=row.subject,
    )


def _row_of(reply: Reply, *, thread_id: str) -> ReplyRow:
    return ReplyRow(
        id=reply.id,
        message_id=reply.message_id,
        thread_id=thread_id,
        suggestion_id=reply.suggestion_id,
        channel=reply.channel,
        recipient=reply.recipient,
        thread_key=reply.thread_key,
        in_reply_to=reply.in_reply_to,
        subject=reply.subject,
        text=reply.text,
        purpose=reply.purpose,
        stage=reply.stage,
        approved_by=reply.approved_by,
        approved_at=reply.approved_at,
        not_before=reply.not_before,
        idempotency_key=reply.idempotency_key,
        attempt=reply.attempt,
        play=reply.play,
        is_edited=reply.is_edited,
        receipt=reply.receipt,
        sent_at=reply.sent_at,
        problem=reply.problem,
    )
