"""Cases: opened with the first message, locked before anything else, and standing where their facts put them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from care.case import Case, CaseState, Facts, Source
from care.case_file import CaseFile, Handled
from care.decision import Action
from care.errors import Conflict, NotFound
from care.escalation import Climbed
from care.handover import HAS_IT
from care.offline import STILL_OPEN, OfflineTask
from care.promise import PromiseState
from care.reply import NOT_SAID, Purpose, Reply, ReplyStage, SuggestionState
from care.satisfaction import Satisfaction
from store.attachments import attachments_of
from store.classifications import corrections_of
from store.customers import customer_of
from store.escalations import steps_of
from store.handovers import handovers_of, open_handovers
from store.mapping import from_row, to_columns
from store.messages import message_of, turns_of
from store.moments import Now
from store.notes import notes_of
from store.offline import task_of
from store.places import TROUBLE
from store.promises import open_promises, promises_of
from store.replies import IN_ORDER, reply_of
from store.rows import changed, insert_once
from store.suggestions import suggestion_of
from store.surveys import satisfaction_of
from store.tables import (
    CaseRow,
    ClassificationRow,
    HandOverRow,
    IdentityRow,
    MessageRow,
    NativeAnswerRow,
    OfflineRow,
    PromiseRow,
    ReplyRow,
    SatisfactionRow,
    SuggestionRow,
    TaskRow,
)

FILE_TURNS = 200
"""Turns of the thread that one open case shows; a list shows the last few."""
LIST_TURNS = 20

_WORDS = (Purpose.ANSWER, Purpose.CLOSING)


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
        found = self._locked(CaseRow.thread_id == thread_id, CaseRow.customer == customer)
        if found is None and address is not None:
            found = self._locked(CaseRow.thread_id == thread_id, is_from(address))
        if found is not None:
            return case_of(found)
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
        if case.resolved_at is not None and self._session.scalar(select(_is_offline(case.id))):
            raise Conflict("This was taken offline: close it where it began, or waive that with a reason, first.")
        values = {**to_columns(case, CaseRow), "changed_at": self._now(0)}
        del values["id"]
        changed(self._session, update(CaseRow).where(CaseRow.id == case.id).values(values))

    def facts(self, case: Case) -> Facts:
        open_suggestions, waiting_since = self._unanswered(case)
        offline = self._session.scalar(
            select(OfflineRow).where(OfflineRow.case_id == case.id, OfflineRow.state.in_(STILL_OPEN)).limit(1)
        )
        newest = self._newest_words(case.id)
        has_failed = newest is not None and newest.stage in TROUBLE
        back_at = self._came_back(case.id)
        is_our_turn = bool(open_suggestions) or waiting_since is not None or has_failed or back_at is not None
        due = [at for at, _ in open_suggestions]
        due += [waiting_since] if waiting_since is not None and not due else []
        due += [back_at] if back_at is not None else []
        due += [self._due_of(newest)] if has_failed and newest is not None and not due else []
        is_answered, reopened_due_at = self._is_answered(case.id), self._reopened_due(case)
        if is_our_turn:
            due += self._overtaken(case.id)
        elif not is_answered and reopened_due_at is None:
            due = [self._first_due(case)]
        return Facts(
            is_our_turn=is_our_turn,
            is_answered=is_answered,
            is_resolved=case.resolved_at is not None,
            waits_since=min(due, default=None),
            reopened_due_at=reopened_due_at,
            offline_due_at=offline.due_at if offline is not None else None,
            priority=max((points for _, points in open_suggestions), default=case.priority),
            promises=open_promises(self._session, case.id),
            handovers=open_handovers(self._session, case.id),
        )

    def _unanswered(self, case: Case) -> tuple[list[tuple[datetime, int]], datetime | None]:
        """Due time and priority of suggestions nobody has settled; and since when a message waits without one."""
        settled = _heard_since(SuggestionRow.case_id, SuggestionRow.decided_at)
        is_open = or_(
            SuggestionRow.state == SuggestionState.PROPOSED,
            and_(SuggestionRow.state == SuggestionState.REJECTED, ~settled),
        )
        rows = self._session.execute(
            select(SuggestionRow.due_at, SuggestionRow.priority).where(SuggestionRow.case_id == case.id, is_open)
        )
        waiting = (
            select(func.min(MessageRow.received_at, type_=MessageRow.received_at.type))
            .join(TaskRow, TaskRow.message_id == MessageRow.id)
            .where(
                MessageRow.case_id == case.id,
                TaskRow.state != "done",
                ~_heard_since(MessageRow.case_id, MessageRow.received_at),
            )
        )
        return [(row.due_at, row.priority) for row in rows], self._session.scalar(waiting)

    def _overtaken(self, case_id: str) -> list[datetime]:
        """When earlier messages were due that the customer followed up before we answered."""
        rows = self._session.execute(
            select(SuggestionRow.due_at, SuggestionRow.decision).where(
                SuggestionRow.case_id == case_id,
                SuggestionRow.state == SuggestionState.SUPERSEDED,
                ~_heard_since(SuggestionRow.case_id, SuggestionRow.created_at),
            )
        )
        return [row.due_at for row in rows if row.decision.action is not Action.IGNORE]

    def _due_of(self, reply: ReplyRow) -> datetime:
        """When a reply that did not get through was due: as its suggestion, or when it was written."""
        suggestion = self._session.get(SuggestionRow, reply.suggestion_id) if reply.suggestion_id else None
        return suggestion.due_at if suggestion is not None else reply.approved_at

    def _came_back(self, case_id: str) -> datetime | None:
        """Since when we owe an answer because a promise was broken, or a hand-over ended, and said nothing since."""
        broken = select(func.min(PromiseRow.until, type_=PromiseRow.until.type)).where(
            PromiseRow.case_id == case_id,
            PromiseRow.state == PromiseState.BROKEN,
            ~_heard_after(PromiseRow.case_id, PromiseRow.made_at),
        )
        ended = select(func.min(HandOverRow.changed_at, type_=PromiseRow.until.type)).where(
            HandOverRow.case_id == case_id,
            HandOverRow.state.not_in(HAS_IT),
            ~_heard_after(HandOverRow.case_id, HandOverRow.changed_at),
        )
        found = [self._session.scalar(broken), self._session.scalar(ended)]
        return min((at for at in found if at is not None), default=None)

    def _reopened_due(self, case: Case) -> datetime | None:
        """When a word is due because a person opened it again; None once we have said something since."""
        if case.reopened_at is None or self._session.scalar(select(_heard_after(case.id, case.reopened_at))):
            return None
        return case.reopened_due_at

    def _first_due(self, case: Case) -> datetime:
        """When the customer's latest words were due, of a case in which we have said nothing yet."""
        due_at = self._session.scalar(
            select(SuggestionRow.due_at).where(SuggestionRow.message_id == case.latest_message_id)
        )
        if due_at is not None:
            return due_at
        message = self._session.get(MessageRow, case.latest_message_id)
        return message.received_at if message is not None else case.opened_at

    def _newest_words(self, case_id: str) -> ReplyRow | None:
        query = select(ReplyRow).where(
            ReplyRow.case_id == case_id, ReplyRow.purpose.in_(_WORDS), ReplyRow.stage != ReplyStage.WITHDRAWN
        )
        ordered = query.order_by(*(column.desc() for column in IN_ORDER)).limit(1)
        return self._session.scalar(ordered.execution_options(populate_existing=True))

    def _is_answered(self, case_id: str) -> bool:
        said = exists().where(
            ReplyRow.case_id == case_id, ReplyRow.purpose.in_(_WORDS), ReplyRow.stage.not_in(NOT_SAID)
        )
        on_the_network = exists().where(NativeAnswerRow.case_id == case_id, ~NativeAnswerRow.is_history)
        return bool(self._session.scalar(select(or_(said, on_the_network))))

    # one case with everything that belongs to it ------------------------------------------------------------------

    def latest(self, id: str) -> CaseFile:
        row = self._session.get(CaseRow, id)
        return self.file(row.latest_message_id if row is not None else self.of_message(id).latest_message_id)

    def file(self, message_id: str) -> CaseFile:
        for found in self.files([message_id], n_turns=FILE_TURNS):
            return found
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
    has_words = any(one.stage not in NOT_SAID and since is not None and one.approved_at >= since for one in replies)
    is_rejected = suggestion.state is SuggestionState.REJECTED and not has_words
    return "open" if suggestion.state is SuggestionState.PROPOSED or is_rejected else "decided"


def _heard_since(case_id: Any, at: Any) -> ColumnElement[bool]:
    """Whether the customer heard from us at that moment or since, as far as anybody knows."""
    reply, native = aliased(ReplyRow), aliased(NativeAnswerRow)
    return _heard(case_id, reply, reply.approved_at >= at, native, native.received_at >= at)


def _heard_after(case_id: Any, at: Any) -> ColumnElement[bool]:
    """Whether the customer heard from us later than that moment."""
    reply, native = aliased(ReplyRow), aliased(NativeAnswerRow)
    return _heard(case_id, reply, reply.approved_at > at, native, native.received_at > at)


def _heard(
    case_id: Any, reply: Any, is_late: ColumnElement[bool], native: Any, is_native_late: ColumnElement[bool]
) -> ColumnElement[bool]:
    said = exists().where(reply.case_id == case_id, reply.purpose.in_(_WORDS), reply.stage.not_in(NOT_SAID), is_late)
    return or_(said, exists().where(native.case_id == case_id, ~native.is_history, is_native_late))


def _replies(session: Session, case_ids: Sequence[str]) -> dict[str, list[Reply]]:
    query = _of_cases(select(ReplyRow), ReplyRow.case_id, case_ids).order_by(*IN_ORDER)
    found: dict[str, list[Reply]] = {}
    for row in session.scalars(query.execution_options(populate_existing=True)):
        found.setdefault(row.case_id, []).append(reply_of(row))
    return found


def _offline(session: Session, case_ids: Sequence[str]) -> dict[str, OfflineTask]:
    query = _of_cases(select(OfflineRow), OfflineRow.case_id, case_ids).order_by(OfflineRow.created_at, OfflineRow.id)
    return {row.case_id: task_of(row) for row in session.scalars(query)}


def _steps(session: Session, ids: Sequence[str]) -> dict[str, tuple[Climbed, ...]]:
    """Whom each message climbed to, lowest step first; the warning and the breach have nobody to name."""
    return {id: tuple(one for one in steps if one.contact) for id, steps in steps_of(session, ids).items()}


def _satisfaction(session: Session, thread_ids: Collection[str]) -> dict[str, Satisfaction]:
    query = select(SatisfactionRow).where(SatisfactionRow.thread_id.in_(thread_ids))
    return {row.thread_id: satisfaction_of(row) for row in session.scalars(query)}


def _of_cases(query: Select[Any], column: Any, case_ids: Sequence[str]) -> Select[Any]:
    return query.where(column.in_(case_ids))


def _problem(task: TaskRow | None, replies: Sequence[Reply]) -> str | None:
    said = [one for one in replies if one.stage is not ReplyStage.WITHDRAWN]
    if said and said[-1].problem:
        return said[-1].problem
    return None if task is None else task.problem
