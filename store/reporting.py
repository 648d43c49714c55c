"""What happened to live cases in a stretch of time, for reports: one query a kind of thing, labels added in batches."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, case, delete, func, select, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from care.decision import Action
from care.handover import HandOverState
from care.offline import OfflineState
from care.promise import PromiseState
from care.quality import Answer
from care.reply import Purpose, SuggestionState
from care.reporting import OVERDUE, About, Cell, Days, Durations, Entry, Period, ReportLine, Wait
from store.classifications import corrections_of
from store.moments import Now
from store.places import AnySelect, is_live
from store.rows import changed
from store.shapes import pack, unpack
from store.tables import (
    CaseRow,
    ClassificationRow,
    CorrectionRow,
    EscalationRow,
    EventRow,
    HandOverRow,
    MessageRow,
    NativeAnswerRow,
    OfflineRow,
    PromiseRow,
    ReplyRow,
    ReportDayRow,
    ReviewRow,
    SatisfactionRow,
    SuggestionRow,
)

_BATCH = 400
"""Rows of one round of labels; SQLite takes at most 999 parameters on old builds."""

Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None] | ColumnElement[datetime]
Figures = Callable[[Any], tuple[str, ...]]

CHANGES_THE_PAST = (
    "message.relabelled",
    "decision.overridden",
    "reply.withdrawn",
    "suggestion.reopened",
    "promise.open",
    "case.archived",
    "offline.contacted",
)
"""Events after which what was counted of earlier days may read otherwise."""

_DECIDED = {
    SuggestionState.REJECTED: "drafts.rejected",
    SuggestionState.DISMISSED: "drafts.dismissed",
}


@dataclass(frozen=True, slots=True)
class KeptCell:
    """A cell as JSON can hold it: lengths by kind and seconds, scores by answer, keys as texts."""

    about: About
    figures: Mapping[str, int]
    lengths: Mapping[str, Mapping[str, int]]
    scores: Mapping[str, int]


class SqlReporting:
    """Satisfies care.unit_of_work.Reporting."""

    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def entries(self, since: datetime, until: datetime) -> Iterator[Entry]:
        """What happened from `since` on and before `until`, a kind of thing at a time."""
        for query, entry in (
            *_of_messages(since, until),
            *_of_answers(since, until),
            *_of_cases(since, until),
            *_of_people(since, until),
            *_of_reviews(since, until),
        ):
            yield from self._with_labels(query, entry)

    def overdue(self) -> Iterator[Entry]:
        """Cases that wait for their first answer past the published window, as of now."""
        promised = _first_decision()
        waits = and_(CaseRow.resolution.is_(None), ~_is_answered())
        query = (
            _cases(promised.c.message_id, promised.c.decision)
            .join(promised, promised.c.case_id == CaseRow.id)
            .where(waits, CaseRow.opened_at <= self._now(0))
        )
        now = self._session.scalars(select(self._now(0))).one()
        yield from self._with_labels(query, lambda row: _overdue(row, now))

    def began(self) -> datetime | None:
        return self._session.scalar(_cases().with_only_columns(func.min(CaseRow.opened_at)))

    def asked(self, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
        is_answered = case((HandOverRow.answered_at.is_not(None), 1), else_=0)
        query = (
            _cases()
            .with_only_columns(
                HandOverRow.contact, func.count().label("n_asked"), func.sum(is_answered).label("n_answered")
            )
            .join(HandOverRow, HandOverRow.case_id == CaseRow.id)
            .where(_within(HandOverRow.until, since, until), HandOverRow.state != HandOverState.CALLED_BACK)
            .group_by(HandOverRow.contact)
        )
        return {row.contact: (row.n_asked, row.n_answered) for row in self._session.execute(query)}

    def kept(self, period: Period) -> Days:
        rows = self._session.scalars(select(ReportDayRow).where(_in(period)))
        return {row.day: [_cell(unpack(KeptCell, cell)) for cell in row.cells] for row in rows}

    def kept_days(self, period: Period) -> set[date]:
        return set(self._session.scalars(select(ReportDayRow.day).where(_in(period))))

    def keep(self, day: date, zone: str, cells: Sequence[Cell], *, upto: int) -> None:
        self._session.merge(ReportDayRow(day=day, zone=zone, cells=[pack(_kept(cell)) for cell in cells], upto=upto))
        self._session.flush()

    def drop_changed(self, period: Period) -> int:
        known = self._session.scalar(select(func.min(ReportDayRow.upto)).where(_in(period)))
        if known is None:
            return 0
        newest = self._session.scalar(select(func.max(EventRow.place))) or 0
        since = self._session.scalar(
            select(func.min(CaseRow.opened_at))
            .join(EventRow, EventRow.case_id == CaseRow.id)
            .where(EventRow.place > known, EventRow.event.in_(CHANGES_THE_PAST))
        )
        n_dropped = 0
        if since is not None:
            changed_days = and_(_in(period), ReportDayRow.day >= period.day(since))
            n_dropped = changed(self._session, delete(ReportDayRow).where(changed_days))
        changed(self._session, update(ReportDayRow).where(_in(period)).values(upto=newest))
        return n_dropped

    def _with_labels(self, query: AnySelect, entry: "Made") -> Iterator[Entry]:
        for rows in self._session.execute(query).partitions(_BATCH):
            labels = self._labels([row.message_id for row in rows])
            for row in rows:
                made = entry(row)
                if made is not None:
                    at, figures, agent, more = made
                    about = labels.get(row.message_id, {})
                    yield Entry(at, row.case_id, About(row.channel, agent=agent, **about), figures, **more)

    def _labels(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """By message: team, intent and language, a person's word before ours."""
        value = type_coerce(ClassificationRow.value, JSON)
        decision = type_coerce(SuggestionRow.decision, JSON)
        query = (
            select(
                MessageRow.id,
                value["tasks"]["intent"]["label"].as_string().label("intent"),
                value["language"].as_string().label("language"),
                decision["team"].as_string().label("team"),
            )
            .outerjoin(ClassificationRow, ClassificationRow.message_id == MessageRow.id)
            .outerjoin(SuggestionRow, SuggestionRow.message_id == MessageRow.id)
            .where(MessageRow.id.in_(set(ids)))
        )
        corrections = corrections_of(self._session, set(ids))
        return {
            row.id: {
                name: corrections.get(row.id, {}).get(name, kept or "")
                for name, kept in (("team", row.team), ("intent", row.intent), ("language", row.language))
            }
            for row in self._session.execute(query)
        }


def _in(period: Period) -> ColumnElement[bool]:
    days = period.days
    return and_(ReportDayRow.zone == period.zone, ReportDayRow.day.between(days[0], days[-1]))


Made = Callable[[Any], tuple[datetime, tuple[str, ...], str, Mapping[str, Any]] | None]
Part = tuple[AnySelect, Made]


def _cases(*columns: Any) -> AnySelect:
    """Live cases that were neither a sample nor a rehearsal, with their channel; columns: of the row they are about."""
    return select(CaseRow.id.label("case_id"), CaseRow.channel, *columns).select_from(CaseRow).where(is_live())


def _within(moment: Moment, since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(moment >= since, moment < until)


def _plain(
    query: AnySelect, moment: Moment, since: datetime, until: datetime, figures: Figures, agent: str = ""
) -> Part:
    """Rows whose only length of time is none. agent: the column that names who did it."""
    whole = query.add_columns(moment.label("at")).where(_within(moment, since, until))
    return whole, lambda row: (row.at, figures(row), (getattr(row, agent) or "") if agent else "", {})


def _always(figure: str) -> Figures:
    return lambda row: (figure,)


def _of_messages(since: datetime, until: datetime) -> Iterator[Part]:
    query = (
        _cases(MessageRow.id.label("message_id"), MessageRow.automatic, SuggestionRow.decision)
        .join(MessageRow, MessageRow.case_id == CaseRow.id)
        .outerjoin(SuggestionRow, SuggestionRow.message_id == MessageRow.id)
    )
    yield _plain(query, MessageRow.received_at, since, until, _message_figures)
    surveys = _cases(SatisfactionRow.message_id, SatisfactionRow.score, MessageRow.received_at.label("at"))
    surveys = (
        surveys.join(MessageRow, MessageRow.case_id == CaseRow.id)
        .join(SatisfactionRow, SatisfactionRow.message_id == MessageRow.id)
        .where(SatisfactionRow.score.is_not(None), _within(MessageRow.received_at, since, until))
    )
    yield surveys, lambda row: (row.at, ("satisfaction.answered",), "", {"score": row.score})


def _message_figures(row: Any) -> tuple[str, ...]:
    if row.automatic is not None:
        return ("messages.automatic",)
    is_ignored = row.decision is not None and row.decision.action is Action.IGNORE
    return ("messages", "messages.ignored") if is_ignored else ("messages",)


def _of_answers(since: datetime, until: datetime) -> Iterator[Part]:
    """First answers, replies on their way and what was asked."""
    promised, first = _first_decision(), _first_answer()
    query = (
        _cases(promised.c.message_id, promised.c.decision, CaseRow.opened_at, first.c.at, first.c.agent)
        .join(first, first.c.case_id == CaseRow.id)
        .join(promised, promised.c.case_id == CaseRow.id)
        .where(_within(first.c.at, since, until))
    )
    yield query, _first_response
    for stage in ("sent", "held", "failed"):
        query = (
            _cases(ReplyRow.message_id, ReplyRow.approved_by.label("agent"))
            .join(EventRow, EventRow.case_id == CaseRow.id)
            .join(ReplyRow, ReplyRow.id == EventRow.subject_id)
            .where(EventRow.event == f"reply.{stage}", ~ReplyRow.is_rehearsal)
        )
        yield _plain(query, EventRow.at, since, until, _always(f"replies.{stage}"), "agent")
    asked = (
        _cases(ReplyRow.message_id, ReplyRow.approved_by.label("agent"))
        .join(ReplyRow, ReplyRow.case_id == CaseRow.id)
        .join(SatisfactionRow, SatisfactionRow.reply_id == ReplyRow.id)
        .where(~ReplyRow.is_rehearsal)
    )
    yield _plain(asked, SatisfactionRow.asked_at, since, until, _always("satisfaction.asked"), "agent")


def _of_cases(since: datetime, until: datetime) -> Iterator[Part]:
    """How cases ended and began again, what was promised, handed over, climbed or taken offline."""
    ended = _cases(
        CaseRow.latest_message_id.label("message_id"),
        CaseRow.opened_at,
        EventRow.at.label("at"),
        EventRow.by.label("agent"),
    ).join(EventRow, EventRow.case_id == CaseRow.id)
    yield ended.where(EventRow.event == "case.resolved", _within(EventRow.at, since, until)), _resolution
    reopened = _cases(CaseRow.latest_message_id.label("message_id")).join(EventRow, EventRow.case_id == CaseRow.id)
    yield _plain(reopened.where(EventRow.event == "case.reopened"), EventRow.at, since, until, _always("reopened"))
    promises = (
        _cases(ReplyRow.message_id, PromiseRow.made_by.label("agent"), PromiseRow.state)
        .join(PromiseRow, PromiseRow.case_id == CaseRow.id)
        .join(ReplyRow, ReplyRow.id == PromiseRow.reply_id)
    )
    yield _plain(promises, PromiseRow.made_at, since, until, _always("promises"), "agent")
    told = (PromiseState.KEPT, PromiseState.MOVED, PromiseState.BROKEN)
    yield _plain(
        promises.where(PromiseRow.state.in_(told)),
        PromiseRow.ended_at,
        since,
        until,
        lambda row: (f"promises.{row.state.value}",),
        "agent",
    )
    yield from _of_handovers(since, until)
    climbs = (
        _cases(EscalationRow.message_id, EscalationRow.step)
        .join(MessageRow, MessageRow.case_id == CaseRow.id)
        .join(EscalationRow, EscalationRow.message_id == MessageRow.id)
    )
    yield _plain(climbs, EscalationRow.at, since, until, _always("climbs"))


def _of_handovers(since: datetime, until: datetime) -> Iterator[Part]:
    handovers = _cases(HandOverRow.message_id, HandOverRow.opened_by.label("agent"), HandOverRow.to).join(
        HandOverRow, HandOverRow.case_id == CaseRow.id
    )
    yield _plain(
        handovers, HandOverRow.opened_at, since, until, lambda row: ("handovers", f"handovers:{row.to}"), "agent"
    )
    for state in (HandOverState.ANSWERED, HandOverState.LAPSED):
        query = handovers.where(HandOverRow.state == state)
        yield _plain(query, HandOverRow.changed_at, since, until, _always(f"handovers.{state.value}"))
    offline = _cases(
        OfflineRow.message_id,
        OfflineRow.categories,
        OfflineRow.created_at,
        OfflineRow.changed_at.label("ended_at"),
        OfflineRow.changed_by.label("agent"),
    ).join(OfflineRow, OfflineRow.case_id == CaseRow.id)
    yield _plain(
        offline,
        OfflineRow.created_at,
        since,
        until,
        lambda row: ("offline", *(f"offline:{kind}" for kind in dict.fromkeys(row.categories))),
    )
    over = OfflineRow.state.in_((OfflineState.CLOSED, OfflineState.WAIVED))
    yield offline.where(over, _within(OfflineRow.changed_at, since, until)), _offline_end


def _of_people(since: datetime, until: datetime) -> Iterator[Part]:
    """What people made of suggestions and labels."""
    query = (
        _cases(
            SuggestionRow.message_id,
            SuggestionRow.state,
            SuggestionRow.reject_reason,
            SuggestionRow.decided_by.label("agent"),
            ReplyRow.play,
            ReplyRow.is_edited,
        )
        .join(SuggestionRow, SuggestionRow.case_id == CaseRow.id)
        .outerjoin(
            ReplyRow,
            and_(
                ReplyRow.suggestion_id == SuggestionRow.id,
                ReplyRow.purpose == Purpose.ANSWER,
                ReplyRow.stage != "withdrawn",
            ),
        )
        .where(SuggestionRow.state.in_((SuggestionState.APPROVED, *_DECIDED)))
    )
    yield _plain(query, SuggestionRow.decided_at, since, until, _draft_figures, "agent")
    corrected = (
        _cases(CorrectionRow.message_id, CorrectionRow.task, CorrectionRow.agent)
        .join(MessageRow, MessageRow.case_id == CaseRow.id)
        .join(CorrectionRow, CorrectionRow.message_id == MessageRow.id)
        .where(CorrectionRow.predicted != CorrectionRow.corrected, CorrectionRow.number.in_(_last_words()))
    )
    yield _plain(
        corrected,
        CorrectionRow.corrected_at,
        since,
        until,
        lambda row: ("labels.corrected", f"labels.corrected:{row.task}"),
        "agent",
    )


def _of_reviews(since: datetime, until: datetime) -> Iterator[Part]:
    """What readers said of sent replies, for their authors."""
    reviews = (
        _cases(ReplyRow.message_id, ReplyRow.approved_by.label("agent"), ReviewRow.answers)
        .join(ReplyRow, ReplyRow.case_id == CaseRow.id)
        .join(ReviewRow, ReviewRow.reply_id == ReplyRow.id)
    )
    yield _plain(reviews, ReviewRow.at, since, until, _review_figures, "agent")


def _review_figures(row: Any) -> tuple[str, ...]:
    lacking = tuple(f"quality.lacking:{name}" for name, said in row.answers.items() if said is Answer.NO)
    return ("quality.read", *(("quality.lacking",) if lacking else ()), *lacking)


def _draft_figures(row: Any) -> tuple[str, ...]:
    if row.state is SuggestionState.APPROVED:
        figure = "drafts.own_words" if row.play is None else "drafts.edited" if row.is_edited else "drafts.as_is"
        return (figure, "labels.checked")
    figure = _DECIDED[row.state]
    kind = (f"{figure}:{row.reject_reason}",) if row.reject_reason else ()
    return (figure, *kind, "labels.checked")


def _first_response(row: Any) -> tuple[datetime, tuple[str, ...], str, Mapping[str, Any]] | None:
    if row.decision.action is Action.IGNORE:
        return None
    kept = [
        name
        for name, by in (
            ("responses.on_target", row.decision.due_at),
            ("responses.in_promise", row.decision.promised_at),
        )
        if row.at <= by
    ]
    wait = Wait("response", row.opened_at, row.at, row.decision.is_always)
    return row.at, ("responses", *kept), row.agent or "", {"wait": wait}


def _resolution(row: Any) -> tuple[datetime, tuple[str, ...], str, Mapping[str, Any]]:
    return row.at, ("resolved",), row.agent or "", {"wait": Wait("resolution", row.opened_at, row.at)}


def _offline_end(row: Any) -> tuple[datetime, tuple[str, ...], str, Mapping[str, Any]]:
    wait = Wait("offline", row.created_at, row.ended_at)
    return row.ended_at, ("offline.closed",), row.agent or "", {"wait": wait}


def _overdue(row: Any, now: datetime) -> tuple[datetime, tuple[str, ...], str, Mapping[str, Any]] | None:
    promised = row.decision.promised_at
    return (now, (OVERDUE,), "", {}) if promised < now and row.decision.action is not Action.IGNORE else None


def _first_decision() -> Any:
    """By case, what was decided about its first message."""
    number = func.row_number().over(
        partition_by=SuggestionRow.case_id, order_by=(SuggestionRow.turn, SuggestionRow.created_at)
    )
    ranked = select(
        SuggestionRow.case_id, SuggestionRow.message_id, SuggestionRow.decision, number.label("place")
    ).subquery()
    return select(ranked.c.case_id, ranked.c.message_id, ranked.c.decision).where(ranked.c.place == 1).subquery()


def _first_answer() -> Any:
    """By case, when its customer first heard from us, and from whom."""
    sent = select(ReplyRow.case_id, ReplyRow.sent_at.label("at"), ReplyRow.approved_by.label("agent")).where(
        ReplyRow.sent_at.is_not(None), ReplyRow.purpose == Purpose.ANSWER, ~ReplyRow.is_rehearsal
    )
    native = select(NativeAnswerRow.case_id, NativeAnswerRow.written_at, NativeAnswerRow.author).where(
        ~NativeAnswerRow.is_history
    )
    answers = sent.union_all(native).subquery()
    place = func.row_number().over(partition_by=answers.c.case_id, order_by=answers.c.at).label("place")
    ranked = select(answers, place).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery()


def _is_answered() -> ColumnElement[bool]:
    first = _first_answer()
    return select(first.c.case_id).where(first.c.case_id == CaseRow.id).exists()


def _last_words() -> Any:
    """What people said last about each label of each message."""
    return select(func.max(CorrectionRow.number)).group_by(CorrectionRow.message_id, CorrectionRow.task)


def _kept(cell: Cell) -> KeptCell:
    line = cell.line
    lengths = {kind: {str(s): n for s, n in lengths.counts.items()} for kind, lengths in line.durations.items()}
    return KeptCell(cell.about, line.figures, lengths, {str(score): n for score, n in line.scores.items()})


def _cell(kept: KeptCell) -> Cell:
    durations = {kind: Durations(Counter({int(s): n for s, n in of.items()})) for kind, of in kept.lengths.items()}
    scores = Counter({int(score): n for score, n in kept.scores.items()})
    return Cell(kept.about, ReportLine("", Counter(kept.figures), durations, scores))
