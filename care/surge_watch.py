"""Looks every minute whether a surge begins or is over, and tells supervisors and administrators."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from care.escalation import Notice, NoticeClock, NoticeKind, NoticeSubject
from care.ids import new_id
from care.people import leads
from care.ports import Playbook
from care.staffing import slot_of
from care.surge import (
    CALM_MIN,
    LOOK_BACK_MIN,
    SEEN_MIN,
    Evidence,
    Minute,
    Surge,
    SurgeKind,
    UsualMinutes,
    negative_evidence,
    usual_minutes,
)
from care.unit_of_work import Store, Work
from care.usual import UsualWeeks

MINUTE = timedelta(minutes=1)
_LEARNT_FOR = timedelta(hours=1)
_MIX_WEEKS = 4
_LEAST_EXCESS = 0.35
"""The share of what is too much that an intent has to carry before it is named."""
_ANSWER_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Usual:
    """What was learnt. minutes: by channel, "" for all together. negative, intents: shares of messages, 0 to 1."""

    at: datetime
    minutes: Mapping[str, UsualMinutes]
    negative: float
    intents: Mapping[str, float]


@dataclass
class SurgeWatch:
    """Remembers what is usual: arrivals for a day, moods and intents for an hour. Too little history: no surge."""

    store: Store
    playbook: Callable[[], Playbook]
    _weeks: UsualWeeks = field(default_factory=UsualWeeks, init=False)
    _usual: _Usual | None = field(default=None, init=False)

    def look(self, *, now: datetime) -> dict[str, int]:
        """Begin and end surges as the last hours have them. Returns events, counted."""
        zone = self.playbook().edition().policy.zone
        usual = self._learnt(now, zone)
        end = now.replace(second=0, microsecond=0)
        begin = end - SEEN_MIN * MINUTE
        with self.store(read=True) as work:
            seen = work.workload.minutes(begin, end)
            on = {(surge.kind, surge.channel): surge for surge in work.surges.open()}
        there = ZoneInfo(zone)
        looked = _Looked(seen, usual, end, [slot_of((begin + n * MINUTE).astimezone(there)) for n in range(SEEN_MIN)])
        done: Counter[str] = Counter()
        for surge in looked.found():
            if (surge.kind, surge.channel) not in on:
                done["surge.began"] += self._begin(surge)
        for surge in on.values():
            if now - surge.found_at >= CALM_MIN * MINUTE and looked.is_over(surge):
                with self.store() as work:
                    if work.surges.end(surge.id, at=now):
                        work.note("surge.ended", surge.id, by="tactful", facts=_facts(surge))
                        done["surge.ended"] += 1
        return {name: n for name, n in done.items() if n}

    def _begin(self, surge: Surge) -> int:
        with self.store() as work:
            if not work.surges.begin(surge):
                return 0
            work.note("surge.began", surge.id, by="tactful", facts=_facts(surge))
            for notice in _notices(work, surge):
                work.notices.add(notice)
        return 1

    def _learnt(self, now: datetime, zone: str) -> _Usual:
        known = self._usual
        if known is None or not timedelta() <= now - known.at < _LEARNT_FOR:
            known = self._usual = self._learn(now, zone)
        return known

    def _learn(self, now: datetime, zone: str) -> _Usual:
        with self.store(read=True) as work:
            usual = self._weeks.on(work, zone, now)
            mix = work.workload.mix(now - timedelta(weeks=_MIX_WEEKS))
        minutes = {channel: usual_minutes(week.weeks, week.usual) for channel, week in usual.by_channel.items()}
        total = sum(mix.values()) or 1
        negative = sum(n for (_, is_negative), n in mix.items() if is_negative) / total
        intents: Counter[str] = Counter()
        for (intent, _), n in mix.items():
            intents[intent] += n
        return _Usual(now, minutes, negative, {intent: n / total for intent, n in intents.items()})


@dataclass(frozen=True, slots=True)
class _Looked:
    """The last hours beside what is usual. slots: the half hour of the week of each minute."""

    seen: Sequence[Minute]
    usual: _Usual
    end: datetime
    slots: Sequence[int]

    def found(self) -> list[Surge]:
        """Surges that the last hour shows; of one channel only where all together show none."""
        found = [self._arrivals(channel) for channel in self.usual.minutes]
        kept = [surge for surge in found if surge is not None]
        whole = [surge for surge in kept if not surge.channel]
        if self.usual.minutes:
            evidence = negative_evidence(self._counts(""), self._counts("", negative=True), self.usual.negative)
            if evidence.is_enough:
                whole.append(self._surge(SurgeKind.NEGATIVE, "", evidence))
        return whole or kept

    def is_over(self, surge: Surge) -> bool:
        counts = self._counts(surge.channel)
        if surge.kind is SurgeKind.NEGATIVE:
            last = [0] * (LOOK_BACK_MIN - CALM_MIN)
            negative = self._counts("", negative=True)
            return not negative_evidence(
                [*last, *counts[-CALM_MIN:]], [*last, *negative[-CALM_MIN:]], self.usual.negative
            ).is_enough
        usual = self.usual.minutes.get(surge.channel)
        return usual is None or usual.is_calm(counts, self.slots)

    def _arrivals(self, channel: str) -> Surge | None:
        evidence = self.usual.minutes[channel].evidence(self._counts(channel), self.slots)
        return self._surge(SurgeKind.ARRIVALS, channel, evidence) if evidence.is_enough else None

    def _surge(self, kind: SurgeKind, channel: str, evidence: Evidence) -> Surge:
        began = self.end - evidence.since_min * MINUTE
        intent = self._carried_by(kind, channel, began, evidence)
        id = new_id("srg", now=self.end)
        return Surge(id, kind, channel, intent, evidence.n, round(evidence.usual, 1), began, self.end)

    def _carried_by(self, kind: SurgeKind, channel: str, began: datetime, evidence: Evidence) -> str:
        """The intent of which most came beyond what is usual; "" where none carries a good part of it."""
        came: Counter[str] = Counter()
        for minute in self.seen:
            counts = minute.is_negative or kind is SurgeKind.ARRIVALS
            if minute.at >= began and channel in ("", minute.channel) and counts:
                came[minute.intent] += minute.n
        excess = {
            intent: n - evidence.usual * self.usual.intents.get(intent, 0.0) for intent, n in came.items() if intent
        }
        intent = max(excess, key=lambda name: excess[name], default="")
        too_many = evidence.n - evidence.usual
        return intent if intent and excess[intent] >= _LEAST_EXCESS * too_many else ""

    def _counts(self, channel: str, *, negative: bool = False) -> list[int]:
        counts = [0] * SEEN_MIN
        begin = self.end - SEEN_MIN * MINUTE
        for minute in self.seen:
            if channel in ("", minute.channel) and (minute.is_negative or not negative):
                counts[int((minute.at - begin) / MINUTE)] += minute.n
        return counts


def _facts(surge: Surge) -> dict[str, object]:
    facts = {"kind": surge.kind.value, "channel": surge.channel, "intent": surge.intent}
    return {**{name: value for name, value in facts.items() if value}, "n": surge.n, "usual": surge.usual}


def _notices(work: Work, surge: Surge) -> list[Notice]:
    """What every supervisor and administrator is told."""
    about = NoticeSubject(surge.channel or "all channels", kind=NoticeKind.SURGE, subject_id=surge.id)
    found, began = surge.found_at, surge.began_at
    clock = NoticeClock(found, began, found - began, found + _ANSWER_WITHIN)
    notice = Notice("", surge.kind, "", "", about, clock)
    return [
        replace(notice, id=new_id("ntc", now=found), contact=person.email, recipient=person.email)
        for person in leads(work)
    ]
