"""Cases: opened with the first message, locked before anything else, and standing where their facts put them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select, update
from sqlalchemy.orm import Session

from care.case import Case, CaseState, Facts, Source
from care.case_file import CaseFile, Handled
from care.errors import Conflict, NotFound
from care.escalation import Climbed
from care.offline import STILL_OPEN, OfflineTask
from care.reply import NOT_SAID, Reply, ReplyStage, SuggestionState
from care.satisfaction import Satisfaction
from store.attachments import attachments_of
from store.case_facts import facts_of
from store.classifications import corrections_of
from store.customers import customer_of
from store.escalations import steps_of
from store.handovers import handovers_of
from store.mapping import from_row, to_columns
from store.messages import message_of, turns_of
from store.moments import Now
from store.notes import notes_of
from store.offline import task_of
from store.promises import promises_of
from store.replies import IN_ORDER, reply_of
from store.rows import changed, insert_once
from store.snoozes import open_snoozes
from store.suggestions import suggestion_of
from store.surveys import satisfaction_of
from store.tables import (
    CaseRow,
    ClassificationRow,
    IdentityRow,
    MessageRow,
    OfflineRow,
    ReplyRow,
    SatisfactionRow,
    SuggestionRow,
    TaskRow,
)

FILE_TURNS = 200
"""Turns of the thread that one open case shows; a list shows the last few."""
LIST_TURNS = 20


class SqlCases:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def open(
        self,
        *,
        channel: str,
        thread_id: str,
        customer: str,
        name: str | None,
        source: Source,
        address: str | None = None,
    ) -> Case:
        locked = self._locked(CaseRow.thread_id == thread_id, CaseRow.customer == customer)
        if locked is None and address is not None:
            locked = self._locked(CaseRow.thread_id == thread_id, is_from(address))
        if locked is not None:
            return case_of(locked)
        at = self._session.scalars(select(self._now(0))).one()
        customer_id = customer_of(self._session, channel, customer, name=name, at=at, address=address)
        values = new_values(channel, thread_id, customer, customer_id=customer_id, source=source, at=at)
        insert_once(self._session, CaseRow, values)
        row = self._locked(CaseRow.thread_id == thread_id, CaseRow.customer == customer)
        assert row is not None
        return case_of(row)

    def lock(self, case_id: str) -> Case:
        row = self._locked(CaseRow.id == case_id)
        if row is None:
            raise NotFound("case", case_id)
        return case_of(row)

    def get(self, case_id: str) -> Case:
        row = self._session.get(CaseRow, case_id, populate_existing=True)
        if row is None:
            raise NotFound("case", case_id)
        return case_of(row)

    def of_message(self, message_id: str) -> Case:
        row = self._session.scalar(
            select(CaseRow)
            .join(MessageRow, MessageRow.case_id == CaseRow.id)
            .where(MessageRow.id == message_id)
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFound("message", message_id)
        return case_of(row)

    def of_customer(self, customer_id: str, *, limit: int = 100) -> list[Case]:
        query = select(CaseRow).where(CaseRow.customer_id == customer_id).order_by(CaseRow.opened_at.desc(), CaseRow.id)
        return [case_of(row) for row in self._session.scalars(query.limit(limit))]

    def save(self, case: Case) -> None:
        if case.ending.resolved_at is not None and self._session.scalar(select(_is_offline(case.id))):
            raise Conflict("This was taken offline: close it where it began, or waive that with a reason, first.")
        values = {**to_columns(case, CaseRow), "changed_at": self._now(0)}
        del values["id"]
        changed(self._session, update(CaseRow).where(CaseRow.id == case.id).values(values))

    def facts(self, case: Case) -> Facts:
        return facts_of(self._session, case)

    # one case with everything that belongs to it ------------------------------------------------------------------

    def latest(self, id: str) -> CaseFile:
        row = self._session.get(CaseRow, id)
        return self.file(row.latest_message_id if row is not None else self.of_message(id).latest_message_id)

    def file(self, message_id: str) -> CaseFile:
        for file in self.files([message_id], n_turns=FILE_TURNS):
            return file
        raise NotFound("message", message_id)

    def files(self, message_ids: Sequence[str], *, n_turns: int = LIST_TURNS) -> list[CaseFile]:
        """Whole cases, each read at one message, in the order of those, by a fixed number of queries."""
        query = (
            select(MessageRow, CaseRow, TaskRow, SuggestionRow)
            .join(CaseRow, CaseRow.id == MessageRow.case_id)
            .outerjoin(TaskRow, TaskRow.message_id == MessageRow.id)
            .outerjoin(SuggestionRow, SuggestionRow.message_id == MessageRow.id)
            .where(MessageRow.id.in_(message_ids))
            .execution_options(populate_existing=True)
        )
        rows = {row.MessageRow.id: row for row in self._session.execute(query)}
        read = _Read(self._session, [row.CaseRow for row in rows.values()], list(rows), n_turns=n_turns)
        return [read.file(rows[id]) for id in message_ids if id in rows]

    def _locked(self, *where: ColumnElement[bool]) -> CaseRow | None:
        # The case is locked before any of its rows, in every step: two of them never wait for each other.
        query = select(CaseRow).where(*where).with_for_update()
        return self._session.scalar(query.execution_options(populate_existing=True))


class _Read:
    """Everything that belongs to some cases, read at once."""

    def __init__(self, session: Session, cases: Collection[CaseRow], ids: Sequence[str], *, n_turns: int) -> None:
        case_ids = [case.id for case in cases]
        threads = {case.thread_id for case in cases}
        self.turns = turns_of(session, threads, limit=n_turns)
        self.corrections = corrections_of(session, ids)
        self.attachments = attachments_of(session, ids)
        self.classifications = {
            row.message_id: row.value
            for row in session.scalars(select(ClassificationRow).where(ClassificationRow.message_id.in_(ids)))
        }
        self.replies = _replies(session, case_ids)
        self.offline = _offline(session, case_ids)
        self.promises = promises_of(session, case_ids)
        self.handovers = handovers_of(session, case_ids)
        self.notes = notes_of(session, case_ids)
        self.snoozes = open_snoozes(session, case_ids)
        self.steps = _steps(session, ids)
        self.satisfaction = _satisfaction(session, threads)

    def file(self, row: Any) -> CaseFile:
        case, id = row.CaseRow, row.MessageRow.id
        replies = tuple(self.replies.get(case.id, ()))
        return CaseFile(
            case=case_of(case),
            message=message_of(row.MessageRow, attachments=self.attachments.get(id, ())),
            work=work_of(row.TaskRow, row.SuggestionRow, replies),
            classification=self.classifications.get(id),
            suggestion=None if row.SuggestionRow is None else suggestion_of(row.SuggestionRow),
            thread=tuple(self.turns[case.thread_id]),
            offline=self.offline.get(case.id),
            corrections=tuple(sorted(self.corrections.get(id, {}).items())),
            problem=_problem(row.TaskRow, replies),
            handled=Handled(
                replies=replies,
                promises=tuple(self.promises.get(case.id, ())),
                handovers=tuple(self.handovers.get(case.id, ())),
                notes=tuple(self.notes.get(case.id, ())),
                climbed=self.steps.get(id, ()),
                satisfaction=self.satisfaction.get(case.thread_id),
                snooze=self.snoozes.get(case.id),
            ),
        )


def _is_offline(case_id: str) -> ColumnElement[bool]:
    return exists().where(OfflineRow.case_id == case_id, OfflineRow.state.in_(STILL_OPEN))


def is_from(address: str) -> ColumnElement[bool]:
    """Whether it is the case of somebody who writes from this mail address, however they spell it."""
    return exists().where(
        IdentityRow.channel == CaseRow.channel, IdentityRow.handle == CaseRow.customer, IdentityRow.address == address
    )


def new_values(
    channel: str, thread_id: str, customer: str, *, customer_id: str, source: Source, at: datetime
) -> dict[str, Any]:
    """The row of a case that nobody wrote on yet."""
    return {
        "id": case_id_of(thread_id, customer),
        "channel": channel,
        "thread_id": thread_id,
        "customer": customer,
        "customer_id": customer_id,
        "state": CaseState.NEW,
        "latest_message_id": "",
        "turn": 0,
        "priority": 0,
        "opened_at": at,
        "changed_at": at,
        "source": source,
    }


def case_of(row: CaseRow) -> Case:
    return from_row(Case, row)


def case_id_of(thread_id: str, customer: str) -> str:
    """A case's id, the same wherever it is made: two first messages at once agree on it."""
    digest = sha256(f"{thread_id}\n{customer}".encode()).hexdigest()
    return f"cas_{digest[:26]}"


def work_of(task: TaskRow | None, suggestion: SuggestionRow | None, replies: Sequence[Reply]) -> str:
    """preparing | open | decided | parked, as `CaseFile.work` has it."""
    if task is not None and task.state == "parked":
        return "parked"
    if task is not None and task.state in ("waiting", "claimed"):
        return "preparing"
    if suggestion is None:
        return "decided"
    since = suggestion.decided_at
    has_words = any(
        reply.sending.stage not in NOT_SAID and since is not None and reply.consent.approved_at >= since
        for reply in replies
    )
    is_rejected = suggestion.state is SuggestionState.REJECTED and not has_words
    return "open" if suggestion.state is SuggestionState.PROPOSED or is_rejected else "decided"


def _replies(session: Session, case_ids: Sequence[str]) -> dict[str, list[Reply]]:
    query = _of_cases(select(ReplyRow), ReplyRow.case_id, case_ids).order_by(*IN_ORDER)
    by_case: dict[str, list[Reply]] = {}
    for row in session.scalars(query.execution_options(populate_existing=True)):
        by_case.setdefault(row.case_id, []).append(reply_of(row))
    return by_case


def _offline(session: Session, case_ids: Sequence[str]) -> dict[str, OfflineTask]:
    query = _of_cases(select(OfflineRow), OfflineRow.case_id, case_ids).order_by(OfflineRow.created_at, OfflineRow.id)
    return {row.case_id: task_of(row) for row in session.scalars(query)}


def _steps(session: Session, ids: Sequence[str]) -> dict[str, tuple[Climbed, ...]]:
    """Whom each message climbed to, lowest step first; the warning and the breach have nobody to name."""
    return {id: tuple(climbed for climbed in steps if climbed.contact) for id, steps in steps_of(session, ids).items()}


def _satisfaction(session: Session, thread_ids: Collection[str]) -> dict[str, Satisfaction]:
    query = select(SatisfactionRow).where(SatisfactionRow.thread_id.in_(thread_ids))
    return {row.thread_id: satisfaction_of(row) for row in session.scalars(query)}


def _of_cases(query: Select[Any], column: Any, case_ids: Sequence[str]) -> Select[Any]:
    return query.where(column.in_(case_ids))


def _problem(task: TaskRow | None, replies: Sequence[Reply]) -> str | None:
    said = [reply for reply in replies if reply.sending.stage is not ReplyStage.WITHDRAWN]
    if said and said[-1].sending.problem:
        return said[-1].sending.problem
    return None if task is None else task.problem
