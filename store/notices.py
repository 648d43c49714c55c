"""What contacts are told when a message climbs to them: rows that are tried until they are sent or given up."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.escalation import Notice, NoticeState
from care.work import Lease
from store.leases import new_token
from store.moments import Now
from store.rows import changed, insert_once
from store.tables import NoticeRow
from store.trail import Trail

BACK_OFF_S = (30.0, 120.0, 600.0, 1800.0)
"""Seconds to wait after the first, second, ... failed attempt: three quarters of an hour in all."""

MAX_ATTEMPTS = len(BACK_OFF_S) + 1


class SqlNotices:
    def __init__(self, session: Session, now: Now, trail: Trail) -> None:
        self._session = session
        self._now = now
        self._trail = trail

    def claim(self, notice_id: str, *, lease_s: float) -> tuple[Notice, Lease] | None:
        token = new_token()
        claim = (
            update(NoticeRow)
            .where(
                NoticeRow.id == notice_id,
                NoticeRow.state == NoticeState.WAITING,
                NoticeRow.not_before <= self._now(0),
                NoticeRow.attempt < MAX_ATTEMPTS,
            )
            .values(attempt=NoticeRow.attempt + 1, lease_token=token, not_before=self._now(lease_s))
            .returning(NoticeRow)
        )
        row = self._session.scalar(claim.execution_options(populate_existing=True))
        return None if row is None else (_notice_of(row), Lease(id=notice_id, token=token, until=row.not_before))

    def sent(self, notice: Notice, lease: Lease) -> bool:
        sent = self._held(lease).values(state=NoticeState.SENT, sent_at=self._now(0), lease_token=None, problem=None)
        return self._told("notice.sent", notice, sent)

    def fail(
        self, notice: Notice, lease: Lease, *, problem: str, is_final: bool = False, retry_after_s: float = 0.0
    ) -> bool:
        if is_final or notice.attempt >= MAX_ATTEMPTS:
            failed = self._held(lease).values(state=NoticeState.FAILED, lease_token=None, problem=problem)
            return self._told("notice.failed", notice, failed)
        wait_s = max(BACK_OFF_S[notice.attempt - 1], retry_after_s)
        again = self._held(lease).values(not_before=self._now(wait_s), lease_token=None, rung_at=None, problem=problem)
        changed(self._session, again)
        return False

    def get(self, notice_id: str) -> Notice:
        row = self._session.get(NoticeRow, notice_id, populate_existing=True)
        if row is None:
            raise NotFound("notice", notice_id)
        return _notice_of(row)

    def again(self, notice_id: str) -> bool:
        again = (
            update(NoticeRow)
            .where(NoticeRow.id == notice_id, NoticeRow.state == NoticeState.FAILED)
            .values(state=NoticeState.WAITING, attempt=0, not_before=self._now(0), rung_at=self._now(0))
        )
        return changed(self._session, again) == 1

    def _told(self, event: str, notice: Notice, landing: Update) -> bool:
        is_ours = changed(self._session, landing) == 1
        if is_ours:
            facts = {"message_id": notice.message_id, "step": notice.step, "contact": notice.contact}
            self._trail.note(event, notice.id, by="tactful", facts=facts)
        return is_ours

    def _held(self, lease: Lease) -> Update:
        return update(NoticeRow).where(NoticeRow.id == lease.id, NoticeRow.lease_token == lease.token)


def keep(session: Session, notice: Notice, now: Now) -> bool:
    """False when the contact heard of this step of this wait before, by an earlier message of the thread."""
    values = {name: getattr(notice, name) for name in _SHARED}
    late_s = round(notice.late.total_seconds())
    return insert_once(session, NoticeRow, {**values, "late_s": late_s, "not_before": now(0)})


def notices_of(session: Session, ids: Collection[str]) -> dict[tuple[str, str], Notice]:
    """What was kept for these messages, by message and step."""
    rows = session.scalars(select(NoticeRow).where(NoticeRow.message_id.in_(ids)))
    return {(row.message_id, row.step): _notice_of(row) for row in rows}


_SHARED = (
    "id", "message_id", "thread_id", "channel", "team", "step", "contact", "recipient", "at", "due_at", "answer_by",
    "state", "attempt", "sent_at", "problem",
)  # fmt: skip


def _notice_of(row: NoticeRow) -> Notice:
    return Notice(**{name: getattr(row, name) for name in _SHARED}, late=timedelta(seconds=row.late_s))
