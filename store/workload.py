"""Arrivals and handle times, for staffing and alarms; satisfies care.workload.Workload."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from care.case import Source
from care.decision import Action
from care.mood import UPSET_MOODS
from care.reply import ReplyStage, SuggestionState
from care.surge import Minute
from care.value import TimedReply, Way
from care.workload import LONGEST_HANDLING, QUARTER, Arrivals, Handled
from store.moments import EpochSeconds, Now
from store.places import is_live
from store.rows import insert_once
from store.tables import CaseRow, ClassificationRow, HandlingRow, MessageRow, PresenceRow, ReplyRow, SuggestionRow

_DECISION = type_coerce(SuggestionRow.decision, JSON)
_TEAM = func.coalesce(_DECISION["team"].as_string(), "").label("team")
_TASKS = type_coerce(ClassificationRow.value, JSON)["tasks"]
_INTENT = func.coalesce(_TASKS["intent"]["label"].as_string(), "").label("intent")
_SENTIMENT = func.coalesce(_TASKS["sentiment"]["label"].as_string(), "").label("sentiment")
_QUARTER_S = int(QUARTER.total_seconds())


class SqlWorkload:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def arrivals(
        self, since: datetime, until: datetime, *, is_every: bool = False, with_samples: bool = False
    ) -> list[Arrivals]:
        quarter = (EpochSeconds(MessageRow.received_at) // _QUARTER_S).label("quarter")
        came = _came if is_every else _arrived
        query = (
            came(quarter, _TEAM, MessageRow.channel, func.count().label("n"), with_samples=with_samples)
            .where(MessageRow.received_at >= since, MessageRow.received_at < until)
            .group_by(quarter, _TEAM, MessageRow.channel)
        )
        return [
            Arrivals(_at(row.quarter * _QUARTER_S), row.team, row.channel, row.n)
            for row in self._session.execute(query)
        ]

    def minutes(self, since: datetime, until: datetime) -> list[Minute]:
        minute = (EpochSeconds(MessageRow.received_at) // 60).label("minute")
        query = (
            _came(minute, MessageRow.channel, _INTENT, _SENTIMENT, func.count().label("n"))
            .outerjoin(ClassificationRow, ClassificationRow.message_id == MessageRow.id)
            .where(MessageRow.received_at >= since, MessageRow.received_at < until)
            .group_by(minute, MessageRow.channel, _INTENT, _SENTIMENT)
        )
        return [
            Minute(_at(row.minute * 60), row.channel, row.intent, row.sentiment in UPSET_MOODS, row.n)
            for row in self._session.execute(query)
        ]

    def mix(self, since: datetime) -> dict[tuple[str, bool], int]:
        query = (
            _came(_INTENT, _SENTIMENT, func.count().label("n"))
            .outerjoin(ClassificationRow, ClassificationRow.message_id == MessageRow.id)
            .where(MessageRow.received_at >= since)
            .group_by(_INTENT, _SENTIMENT)
        )
        counts: Counter[tuple[str, bool]] = Counter()
        for row in self._session.execute(query):
            counts[row.intent, row.sentiment in UPSET_MOODS] += row.n
        return dict(counts)

    def first(self) -> datetime | None:
        query = _arrived(MessageRow.received_at).order_by(MessageRow.received_at).limit(1)
        at: datetime | None = self._session.scalar(query)
        return at

    def handled(self, since: datetime) -> list[Handled]:
        lasted = EpochSeconds(HandlingRow.ended_at) - EpochSeconds(HandlingRow.began_at)
        longest = int(LONGEST_HANDLING.total_seconds())
        query = (
            select(_TEAM, ReplyRow.channel, func.count().label("n"), func.sum(lasted).label("total_s"))
            .select_from(HandlingRow)
            .join(ReplyRow, ReplyRow.id == HandlingRow.reply_id)
            .join(CaseRow, CaseRow.id == HandlingRow.case_id)
            .outerjoin(SuggestionRow, SuggestionRow.message_id == ReplyRow.message_id)
            .where(HandlingRow.ended_at >= since, lasted <= longest, is_live(), ~ReplyRow.is_rehearsal)
            .where(ReplyRow.stage != ReplyStage.WITHDRAWN)
            .group_by(_TEAM, ReplyRow.channel)
        )
        return [
            Handled(row.team, row.channel, row.n, timedelta(seconds=int(row.total_s)))
            for row in self._session.execute(query)
        ]

    def timed(self, since: datetime, until: datetime) -> list[TimedReply]:
        lasted = EpochSeconds(HandlingRow.ended_at) - EpochSeconds(HandlingRow.began_at)
        longest = int(LONGEST_HANDLING.total_seconds())
        query = (
            select(ReplyRow.play, ReplyRow.is_edited, _INTENT.label("intent"), lasted.label("lasted_s"))
            .select_from(HandlingRow)
            .join(ReplyRow, ReplyRow.id == HandlingRow.reply_id)
            .join(CaseRow, CaseRow.id == HandlingRow.case_id)
            .outerjoin(ClassificationRow, ClassificationRow.message_id == ReplyRow.message_id)
            .where(HandlingRow.ended_at >= since, HandlingRow.ended_at < until, lasted <= longest)
            .where(is_live(), ~ReplyRow.is_rehearsal, ReplyRow.stage != ReplyStage.WITHDRAWN)
        )
        return [
            TimedReply(_way(row.play, is_edited=row.is_edited), row.intent or "", float(row.lasted_s))
            for row in self._session.execute(query)
        ]

    def record(self, reply_id: str, case_id: str, *, by: str, seen_s: float) -> None:
        seen = select(PresenceRow.since).where(
            PresenceRow.case_id == case_id,
            PresenceRow.person_id == by,
            PresenceRow.since.is_not(None),
            PresenceRow.seen_at > self._now(-seen_s),
        )
        began_at = self._session.scalar(seen)
        if began_at is not None:
            kept = {"case_id": case_id, "person_id": by, "began_at": began_at, "ended_at": self._now(0)}
            insert_once(self._session, HandlingRow, {"reply_id": reply_id, **kept})


def _way(play: str | None, *, is_edited: bool) -> Way:
    if play is None:
        return Way.OWN_WORDS
    return Way.EDITED if is_edited else Way.AS_IS


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _arrived(*columns: Any, with_samples: bool = False) -> Any:
    """Messages that arrived, as `care.workload` says."""
    later = aliased(MessageRow)
    is_answered = exists().where(ReplyRow.case_id == MessageRow.case_id, ReplyRow.message_id == MessageRow.id)
    is_followed = exists().where(later.case_id == MessageRow.case_id, later.turn > MessageRow.turn)
    # What was answered in somebody's own words is superseded too.
    is_last = or_(SuggestionRow.id.is_(None), SuggestionRow.state != SuggestionState.SUPERSEDED)
    is_last = or_(is_last, is_answered, ~is_followed)
    return _came(*columns, with_samples=with_samples).where(is_last)


def _came(*columns: Any, with_samples: bool = False) -> Any:
    """Messages that people wrote and that ask for an answer, of several in a row each."""
    asks = or_(SuggestionRow.id.is_(None), _DECISION["action"].as_string() != Action.IGNORE.value)
    return (
        select(*columns)
        .select_from(MessageRow)
        .join(CaseRow, CaseRow.id == MessageRow.case_id)
        .outerjoin(SuggestionRow, SuggestionRow.message_id == MessageRow.id)
        .where(is_live(*((Source.DEMO,) if with_samples else ())), MessageRow.automatic.is_(None), asks)
    )
