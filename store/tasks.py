"""The waiting work of each message: claimed under a lease, finished, or parked for a person."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.retries import PREPARE
from care.unit_of_work import Lease, ParkedTask
from store.moments import Now
from store.outbox import Lane, Outbox
from store.tables import MessageRow, TaskRow
from store.trail import Trail

TASKS = Lane(TaskRow, TaskRow.message_id, TaskRow.state, "waiting", "claimed", "parked", PREPARE)


class SqlTasks:
    def __init__(self, session: Session, now: Now, trail: Trail) -> None:
        self._session = session
        self._outbox = Outbox(session, now, TASKS)
        self._trail = trail

    def claim(self, message_id: str, *, lease_s: float) -> Lease | None:
        return self._outbox.claim(message_id, lease_s=lease_s)

    def finish(self, lease: Lease) -> bool:
        return self._outbox.land(lease, "done")

    def fail(self, lease: Lease, *, problem: str) -> None:
        if self._outbox.fail(lease, problem=problem):
            self._trail.note("task.parked", lease.id, by="tactful", facts={"problem": problem})

    def again(self, message_id: str) -> bool:
        return self._outbox.again(message_id)

    def parked(self, *, limit: int = 200) -> list[ParkedTask]:
        query = (
            select(TaskRow, MessageRow.channel, MessageRow.received_at)
            .join(MessageRow, MessageRow.id == TaskRow.message_id)
            .where(TaskRow.state == TASKS.parked)
            .order_by(MessageRow.received_at, MessageRow.id)
            .limit(limit)
        )
        return [
            ParkedTask(
                row.TaskRow.message_id, row.channel, row.received_at, row.TaskRow.attempt, row.TaskRow.problem or ""
            )
            for row in self._session.execute(query)
        ]
