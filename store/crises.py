"""Crises that were declared, the cases that they are about, and how far those that wait have been looked at."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from care.crisis import Crisis, CrisisCounts, Unlooked
from care.errors import NotFound
from care.reply import ReplyStage, SuggestionState
from store.mapping import from_row, to_columns
from store.rows import changed, insert_once
from store.tables import CrisisCaseRow, CrisisRow, ReplyRow, SuggestionRow

ON = "on"
"""The key of the one that is on; those that are over have none."""


class SqlCrises:
    """Satisfies care.crisis.Crises."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def latest(self, *, limit: int = 1) -> list[Crisis]:
        query = select(CrisisRow).order_by(CrisisRow.began_at.desc(), CrisisRow.id.desc()).limit(limit)
        return [_crisis_of(row) for row in self._session.scalars(query.execution_options(populate_existing=True))]

    def on(self) -> Crisis | None:
        query = select(CrisisRow).where(CrisisRow.on_key == ON).execution_options(populate_existing=True)
        row = self._session.scalars(query).first()
        return None if row is None else _crisis_of(row)

    def lock(self, crisis_id: str) -> Crisis:
        row = self._session.get(CrisisRow, crisis_id, populate_existing=True, with_for_update=True)
        if row is None:
            raise NotFound("crisis", crisis_id)
        return _crisis_of(row)

    def begin(self, crisis: Crisis) -> bool:
        kept = {"on_key": ON, "looked_to": _place(crisis, "")}
        return insert_once(self._session, CrisisRow, {**to_columns(crisis, CrisisRow), **kept})

    def save(self, crisis: Crisis) -> None:
        kept = {"on_key": ON if crisis.is_on else None, "looked_to": _place(crisis, "")}
        saved = update(CrisisRow).where(CrisisRow.id == crisis.id)
        changed(self._session, saved.values(**to_columns(crisis, CrisisRow), **kept))

    def unlooked(self) -> Unlooked | None:
        query = select(CrisisRow).order_by(CrisisRow.began_at.desc(), CrisisRow.id.desc()).limit(1)
        row = self._session.scalars(query.execution_options(populate_existing=True)).first()
        if row is None or row.looked_to is None:
            return None
        return Unlooked(_crisis_of(row), row.looked_to.partition(" ")[2])

    def looked(self, seen: Unlooked, *, upto: str | None) -> None:
        was = CrisisRow.looked_to == _place(seen.crisis, seen.after)
        place = None if upto is None else _place(seen.crisis, upto)
        changed(self._session, update(CrisisRow).where(CrisisRow.id == seen.crisis.id, was).values(looked_to=place))

    def look_again(self) -> None:
        for crisis in self.latest():
            again = update(CrisisRow).where(CrisisRow.id == crisis.id)
            changed(self._session, again.values(looked_to=_place(crisis, "")))

    def waiting(self, *, after: str, limit: int) -> list[tuple[str, str]]:
        query = (
            select(SuggestionRow.id, SuggestionRow.message_id)
            .where(SuggestionRow.state == SuggestionState.PROPOSED, SuggestionRow.id > after)
            .order_by(SuggestionRow.id)
            .limit(limit)
        )
        return [(row.id, row.message_id) for row in self._session.execute(query)]

    def match(self, crisis_id: str, case_id: str) -> None:
        insert_once(self._session, CrisisCaseRow, {"crisis_id": crisis_id, "case_id": case_id})

    def is_about(self, crisis_id: str, case_id: str) -> bool:
        return self._session.get(CrisisCaseRow, (crisis_id, case_id)) is not None

    def counts(self, crisis_id: str) -> CrisisCounts:
        cases = select(func.count()).select_from(CrisisCaseRow).where(CrisisCaseRow.crisis_id == crisis_id)
        answered = (
            select(func.count(ReplyRow.case_id.distinct()))
            .join(CrisisCaseRow, CrisisCaseRow.case_id == ReplyRow.case_id)
            .where(
                CrisisCaseRow.crisis_id == crisis_id,
                ReplyRow.play.startswith(f"{crisis_id}@", autoescape=True),
                ReplyRow.stage != ReplyStage.WITHDRAWN,
            )
        )
        return CrisisCounts(self._session.scalar(cases) or 0, self._session.scalar(answered) or 0)


def _place(crisis: Crisis, after: str) -> str:
    """A place in what waits, which is none any more once the crisis has changed."""
    return f"{len(crisis.log)} {after}"


def _crisis_of(row: CrisisRow) -> Crisis:
    return from_row(Crisis, row)
