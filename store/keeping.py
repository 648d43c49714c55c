"""Which store this is, whether it can be written, and what of it is on its way out."""

from collections.abc import Sequence

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from care.escalation import NoticeState
from care.keeping import StoreState
from care.reply import Reply, ReplyStage
from store.moments import Now
from store.outbox import FREE, Outbox
from store.replies import IN_ORDER, REPLIES, reply_of
from store.rows import insert_once
from store.tables import EventRow, MessageRow, NoticeRow, ProbeRow, ReplyRow, StoreRow

_ON_ITS_WAY = (ReplyStage.PENDING, ReplyStage.CLAIMED, ReplyStage.INFLIGHT)
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'tactful' AND pid <> pg_backend_pid()"
)


class SqlKeeping:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now
        self._outbox = Outbox(session, now, REPLIES)

    def state(self) -> StoreState | None:
        row = self._session.get(StoreRow, 1, populate_existing=True)
        return None if row is None else _state_of(row)

    def lock(self) -> StoreState | None:
        row = self._session.get(StoreRow, 1, populate_existing=True, with_for_update=True)
        return None if row is None else _state_of(row)

    def save(self, state: StoreState) -> None:
        values = {name: getattr(state, name) for name in ("store_id", "epoch", "key_mark", "held_at")}
        if not insert_once(self._session, StoreRow, {"id": 1, "opened_at": self._now(0), **values}):
            self._session.execute(update(StoreRow).values(values))

    def has_messages(self) -> bool:
        return self._session.scalar(select(MessageRow.id).limit(1)) is not None

    def n_messages(self) -> int:
        return self._session.scalar(select(func.count()).select_from(MessageRow)) or 0

    def n_users(self) -> int:
        if self._session.get_bind().dialect.name != "postgresql":
            return 0
        return self._session.scalar(text(_OTHERS)) or 0

    def was_ever(self, events: Sequence[str], subject_id: str) -> bool:
        query = select(EventRow.number).where(EventRow.subject_id == subject_id, EventRow.event.in_(events)).limit(1)
        return self._session.scalar(query) is not None

    def probe(self, name: str) -> None:
        if not insert_once(self._session, ProbeRow, {"name": name, "at": self._now(0)}):
            self._session.execute(update(ProbeRow).where(ProbeRow.name == name).values(at=self._now(0)))

    def on_the_way(self) -> list[Reply]:
        query = select(ReplyRow).where(ReplyRow.stage.in_(_ON_ITS_WAY)).order_by(*IN_ORDER)
        return [reply_of(row) for row in self._session.scalars(query)]

    def held(self, *, problem: str) -> list[Reply]:
        stuck = ReplyRow.stage.in_((ReplyStage.HELD, ReplyStage.UNKNOWN))
        query = select(ReplyRow).where(stuck, ReplyRow.problem == problem).order_by(*IN_ORDER)
        return [reply_of(row) for row in self._session.scalars(query)]

    def park_notices(self, *, problem: str) -> list[str]:
        waits = NoticeRow.state.in_((NoticeState.WAITING, NoticeState.CLAIMED))
        parked = update(NoticeRow).where(waits).values(state=NoticeState.FAILED, problem=problem, **FREE)
        return self._outbox.ids(parked.returning(NoticeRow.id))

    def parked_notices(self, *, problem: str) -> list[str]:
        is_parked = (NoticeRow.state == NoticeState.FAILED, NoticeRow.problem == problem)
        return list(self._session.scalars(select(NoticeRow.id).where(*is_parked).order_by(NoticeRow.id)))


def _state_of(row: StoreRow) -> StoreState:
    return StoreState(row.store_id, row.epoch, row.key_mark, row.held_at)
