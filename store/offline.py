"""Matters taken offline: at most one open in a case."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.offline import STILL_OPEN, OfflineTask
from store.mapping import from_row, to_columns
from store.rows import insert_once
from store.tables import OfflineRow


class SqlOfflineTasks:
    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, task: OfflineTask) -> bool:
        if insert_once(self._session, OfflineRow, to_columns(task, OfflineRow)):
            return True
        is_open = (OfflineRow.case_id == task.case_id, OfflineRow.state.in_(STILL_OPEN))
        query = select(OfflineRow).where(*is_open).with_for_update()
        row = self._session.scalar(query.execution_options(populate_existing=True))
        if row is None:
            # It was closed just now.
            return self.open(task)
        row.categories = tuple(sorted({*row.categories, *task.categories}))
        self._session.flush()
        return False

    def of_case(self, case_id: str) -> OfflineTask | None:
        query = (
            select(OfflineRow)
            .where(OfflineRow.case_id == case_id)
            .order_by(OfflineRow.created_at.desc(), OfflineRow.id.desc())
            .limit(1)
        )
        row = self._session.scalar(query.execution_options(populate_existing=True))
        return None if row is None else task_of(row)

    def save(self, task: OfflineTask) -> None:
        row = self._session.get(OfflineRow, task.id)
        if row is None:
            raise NotFound("offline task", task.id)
        row.state = task.state
        row.owner = task.owner
        row.due_at = task.due_at
        row.changed_by = task.changed_by
        row.changed_at = task.changed_at
        row.waiver = task.waiver
        self._session.flush()


def task_of(row: OfflineRow) -> OfflineTask:
    return from_row(OfflineTask, row)
