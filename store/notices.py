"""What contacts and colleagues are told: rows that are tried until they are sent or given up."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.escalation import Notice, NoticeState
from care.retries import NOTIFY
from care.unit_of_work import Lease
from store.mapping import from_row, to_columns
from store.moments import Now
from store.outbox import Lane, Outbox
from store.rows import insert_once
from store.tables import NoticeRow
from store.trail import Trail

NOTICES = Lane(
    NoticeRow, NoticeRow.id, NoticeRow.state, NoticeState.WAITING, NoticeState.CLAIMED, NoticeState.FAILED, NOTIFY
)


class SqlNotices:
    def __init__(self, session: Session, now: Now, trail: Trail) -> None:
        self._session = session
        self._now = now
        self._trail = trail
        self._outbox = Outbox(session, now, NOTICES)

    def add(self, notice: Notice) -> bool:
        return keep(self._session, notice, self._now)

    def claim(self, notice_id: str, *, lease_s: float) -> tuple[Notice, Lease] | None:
        lease = self._outbox.claim(notice_id, lease_s=lease_s)
        return None if lease is None else (self.get(notice_id), lease)

    def sent(self, notice: Notice, lease: Lease) -> bool:
        is_ours = self._outbox.land(lease, NoticeState.SENT, sent_at=self._now(0))
        if is_ours:
            self._told("notice.sent", notice)
        return is_ours

    def fail(
        self, notice: Notice, lease: Lease, *, problem: str, is_final: bool = False, retry_after_s: float = 0.0
    ) -> bool:
        is_over = self._outbox.fail(lease, problem=problem, is_final=is_final, wait_s=retry_after_s)
        if is_over:
            self._told("notice.failed", notice)
        return is_over

    def get(self, notice_id: str) -> Notice:
        row = self._session.get(NoticeRow, notice_id, populate_existing=True)
        if row is None:
            raise NotFound("notice", notice_id)
        return _notice_of(row)

    def again(self, notice_id: str) -> bool:
        return self._outbox.again(notice_id)

    def _told(self, event: str, notice: Notice) -> None:
        facts = {"message_id": notice.about.message_id, "step": notice.step, "contact": notice.contact}
        self._trail.note(event, notice.id, by="tactful", facts=facts, case_id=notice.about.case_id or None)


def keep(session: Session, notice: Notice, now: Now) -> bool:
    """False when the contact heard of this step of this wait before, by an earlier message of the thread."""
    kept = {"late_s": round(notice.clock.late.total_seconds()), "not_before": now(0), "n_crashes": 0}
    about = {name: value or None for name, value in to_columns(notice, NoticeRow).items() if name in _OF_A_CASE}
    return insert_once(session, NoticeRow, {**to_columns(notice, NoticeRow), **about, **kept})


def notices_of(session: Session, ids: Collection[str]) -> dict[tuple[str, str], Notice]:
    """What was kept for these messages, by message and step."""
    rows = session.scalars(select(NoticeRow).where(NoticeRow.message_id.in_(ids)))
    return {(row.message_id or "", row.step): _notice_of(row) for row in rows}


_OF_A_CASE = ("case_id", "message_id", "thread_id")
"""Empty where a notice is about something that is no case."""


def _notice_of(row: NoticeRow) -> Notice:
    about = {"case_id": row.case_id or "", "message_id": row.message_id or "", "thread_id": row.thread_id or ""}
    return from_row(Notice, row, late=timedelta(seconds=row.late_s), **about)
