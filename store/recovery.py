"""What the sweep looks for: bells the queue lost, leases whose holder died. Safe to run twice and by two at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from care.reply import MAY_BE_OUT, ReplyStage
from care.retries import BUSY_ATTEMPTS, DELIVER, MAX_BUSY_S
from store.endpoints import DELIVERIES
from store.moments import Now
from store.notices import NOTICES
from store.outbox import Lane, Outbox
from store.replies import REPLIES
from store.tables import MessageRow, ReplyRow
from store.tasks import TASKS
from store.trail import Trail

_TOLD = {
    "tasks_parked": "task.parked",
    "replies_unknown": "reply.unknown",
    "replies_failed": "reply.failed",
    "notices_failed": "notice.failed",
}
"""What a person has to hear of, with the name of its event."""


class SqlRecovery:
    def __init__(self, session: Session, now: Now, trail: Trail) -> None:
        self._session = session
        self._now = now
        self._trail = trail
        self.cases: list[str] = []
        self._tasks, self._replies, self._notices = (self._of(lane) for lane in (TASKS, REPLIES, NOTICES))
        self._deliveries = self._of(DELIVERIES)

    def _of(self, lane: Lane) -> Outbox:
        return Outbox(self._session, self._now, lane)

    def unrung_tasks(self, *, unrung_s: float, limit: int = 200) -> list[str]:
        return self._tasks.unrung(unrung_s=unrung_s, limit=limit)

    def unrung_replies(self, *, unrung_s: float, limit: int = 200) -> list[str]:
        return self._replies.unrung(unrung_s=unrung_s, limit=limit)

    def unrung_notices(self, *, unrung_s: float, limit: int = 200) -> list[str]:
        return self._notices.unrung(unrung_s=unrung_s, limit=limit)

    def unrung_deliveries(self, *, unrung_s: float, limit: int = 200) -> list[str]:
        return self._deliveries.unrung(unrung_s=unrung_s, limit=limit)

    def expired_tasks(self) -> dict[str, int]:
        done = {
            "tasks_waiting": self._tasks.expire_leases(),
            "tasks_parked": self._tasks.wear_out(why="It failed too often."),
        }
        parked_cases = select(MessageRow.case_id).where(MessageRow.id.in_(done["tasks_parked"])).distinct()
        return self._told(done, self._session.scalars(parked_cases))

    def expired_replies(self, *, idempotent_channels: frozenset[str]) -> dict[str, int]:
        done = {
            "replies_again": self._inflight_again(idempotent_channels),
            "replies_unknown": [*self._inflight_unknown(), *self._unclear_too_long()],
            "replies_pending": self._replies.expire_leases(),
            "replies_failed": self._replies.wear_out(self._is_busy_too_long(), why=_BUSY),
        }
        moved = {id for ids in done.values() for id in ids}
        moved_cases = select(ReplyRow.case_id).where(ReplyRow.id.in_(moved)).distinct()
        return self._told(done, self._session.scalars(moved_cases))

    def expired_telling(self) -> dict[str, int]:
        # A notice or event whose worker died is told again without a word about it: better twice than not at all.
        self._notices.expire_leases()
        self._deliveries.expire_leases()
        return self._told(
            {
                "notices_failed": self._notices.wear_out(why="It failed too often."),
                "deliveries_failed": self._deliveries.wear_out(why="It failed too often."),
            }
        )

    def _told(self, done: Mapping[str, Sequence[str]], cases: Iterable[str] = ()) -> dict[str, int]:
        """Tell the trail what a person has to hear of, and remember the cases. Returns what was done, counted."""
        self.cases = sorted(cases)
        for name, ids in done.items():
            for id in ids if name in _TOLD else ():
                self._trail.note(_TOLD[name], id, by="tactful", facts={}, case_id=self._case_of(id))
        return {name: len(ids) for name, ids in done.items() if ids}

    def _case_of(self, id: str) -> str | None:
        return self._session.scalar(select(ReplyRow.case_id).where(ReplyRow.id == id))

    def _inflight_again(self, idempotent_channels: frozenset[str]) -> list[str]:
        """The channel knows the key: sending once more cannot make two of it."""
        again = update(ReplyRow).where(
            self._replies.is_lost(ReplyStage.INFLIGHT),
            ReplyRow.channel.in_(sorted(idempotent_channels)),
            ReplyRow.n_crashes + 1 < DELIVER.max_crashes,
        )
        values: dict[str, Any] = {"stage": ReplyStage.PENDING, "problem": MAY_BE_OUT, **self._replies.released()}
        return self._replies.ids(again.values(values).returning(ReplyRow.id))

    def _inflight_unknown(self) -> list[str]:
        problem = "Sending was interrupted: it may or may not have gone out. Look on the channel."
        unknown = update(ReplyRow).where(self._replies.is_lost(ReplyStage.INFLIGHT))
        values: dict[str, Any] = {"stage": ReplyStage.UNKNOWN, "problem": problem, **self._replies.released()}
        return self._replies.ids(unknown.values(values).returning(ReplyRow.id))

    def _unclear_too_long(self) -> list[str]:
        """What may have got through and never had an answer: a person looks."""
        unclear = update(ReplyRow).where(
            ReplyRow.stage == ReplyStage.PENDING,
            ReplyRow.problem == MAY_BE_OUT,
            or_(self._replies.is_worn_out(), self._is_busy_too_long()),
        )
        values: dict[str, Any] = {"stage": ReplyStage.UNKNOWN, "problem": _UNCLEAR}
        return self._replies.ids(unclear.values(values).returning(ReplyRow.id))

    def _is_busy_too_long(self) -> ColumnElement[bool]:
        return and_(ReplyRow.attempt >= BUSY_ATTEMPTS, ReplyRow.queued_at <= self._now(-MAX_BUSY_S))


_UNCLEAR = "The channel never said whether it has it: it may or may not have gone out. Look on the channel."
_BUSY = "The channel was busy for a day; nothing was sent."
