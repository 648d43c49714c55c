"""Who writes in a case, and who has it open. Times are the database's own; a hold moves by one conditional update."""

from sqlalchemy import ColumnElement, Update, and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from care.hold import SEEN_S, Hold, Presence
from store.moments import Now
from store.rows import changed, insert_once
from store.tables import HoldRow, PresenceRow


class SqlHolds:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def take(self, case_id: str, by: str, *, hold_s: float, ask_s: float) -> Hold | None:
        first = {"case_id": case_id, "person_id": by, "fence": 1, "until": self._now(hold_s)}
        if insert_once(self._session, HoldRow, first):
            return self.of(case_id)
        is_mine = HoldRow.person_id == by
        was_given = and_(HoldRow.asked_by == by, HoldRow.asked_at <= self._now(-ask_s))
        taking = (
            update(HoldRow)
            .where(HoldRow.case_id == case_id, or_(is_mine, self._is_over(), was_given))
            .values(
                person_id=by,
                fence=case((is_mine, HoldRow.fence), else_=HoldRow.fence + 1),
                until=self._now(hold_s),
                asked_by=case((is_mine, HoldRow.asked_by), else_=None),
                asked_at=case((is_mine, HoldRow.asked_at), else_=None),
            )
        )
        return self.of(case_id) if changed(self._session, taking) else None

    def of(self, case_id: str, *, to_lock: bool = False) -> Hold | None:
        query = select(HoldRow, self._is_over()).where(HoldRow.case_id == case_id)
        query = query.execution_options(populate_existing=True)
        row = self._session.execute(query.with_for_update() if to_lock else query).first()
        return None if row is None else _hold_of(row[0], is_over=bool(row[1]))

    def give_back(self, case_id: str, by: str) -> bool:
        ended = self._held(case_id).where(HoldRow.person_id == by)
        return changed(self._session, ended.values(until=self._now(0), asked_by=None, asked_at=None)) == 1

    def ask(self, case_id: str, by: str, *, ask_s: float) -> bool:
        # Somebody who asked, and did not take it when they could, asks no more.
        is_free = or_(HoldRow.asked_by.is_(None), HoldRow.asked_at <= self._now(-2 * ask_s))
        asked = self._held(case_id).where(HoldRow.person_id != by, is_free)
        return changed(self._session, asked.values(asked_by=by, asked_at=self._now(0))) == 1

    def refuse(self, case_id: str, by: str) -> bool:
        kept = self._held(case_id).where(HoldRow.person_id == by, HoldRow.asked_by.is_not(None))
        return changed(self._session, kept.values(asked_by=None, asked_at=None)) == 1

    def held(self) -> list[Hold]:
        return [_hold_of(row, is_over=False) for row in self._session.scalars(select(HoldRow).where(~self._is_over()))]

    def see(self, presence: Presence) -> None:
        now, doing = self._now(0), presence.doing
        key = {"case_id": presence.case_id, "person_id": presence.person_id}
        if insert_once(self._session, PresenceRow, {**key, "doing": doing, "seen_at": now, "since": now}):
            return
        is_unbroken = PresenceRow.seen_at > self._now(-SEEN_S)
        since = case((is_unbroken, PresenceRow.since), else_=now)
        theirs = update(PresenceRow).filter_by(**key)
        self._session.execute(theirs.values(doing=doing, seen_at=now, since=since))

    def leave(self, case_id: str, person_id: str) -> None:
        theirs = delete(PresenceRow).where(PresenceRow.case_id == case_id, PresenceRow.person_id == person_id)
        self._session.execute(theirs)

    def present(self, *, seen_s: float) -> list[Presence]:
        query = select(PresenceRow).where(PresenceRow.seen_at > self._now(-seen_s))
        query = query.order_by(PresenceRow.case_id, PresenceRow.person_id)
        return [Presence(row.case_id, row.person_id, row.doing) for row in self._session.scalars(query)]

    def _is_over(self) -> ColumnElement[bool]:
        return HoldRow.until <= self._now(0)

    def _held(self, case_id: str) -> Update:
        """An update of the hold of a case while it lasts."""
        return update(HoldRow).where(HoldRow.case_id == case_id, ~self._is_over())


def _hold_of(row: HoldRow, *, is_over: bool) -> Hold:
    return Hold(row.case_id, row.person_id, row.fence, row.until, row.asked_by, row.asked_at, is_over)
