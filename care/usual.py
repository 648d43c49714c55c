"""What usually comes in, learnt once a day: it rests on whole weeks up to yesterday."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care.forecast import UsualWeek, Week, usual_week
from care.staffing import MOST_WEEKS, weeks_of
from care.times import midnight_of
from care.unit_of_work import Work
from care.workload import Arrivals


@dataclass(frozen=True, slots=True)
class LearntWeek:
    """The usual week of one channel or of all, and the weeks that it was learnt from."""

    weeks: Sequence[Week]
    usual: UsualWeek


@dataclass(frozen=True)
class UsualOnDay:
    """What is usual on a day of a zone, of every message. began: when anything came first; None where nothing did."""

    day: date
    zone: str
    began: datetime | None
    arrivals: Sequence[Arrivals]

    @cached_property
    def of_all(self) -> LearntWeek | None:
        """All channels together; None where there is too little history."""
        return self._learn(self.arrivals)

    @cached_property
    def by_channel(self) -> Mapping[str, LearntWeek]:
        """Each channel that has enough history, and all together under ""."""
        of_channel: dict[str, list[Arrivals]] = {}
        for came in self.arrivals:
            of_channel.setdefault(came.channel, []).append(came)
        learnt = {"": self.of_all} | {name: self._learn(of_channel[name]) for name in sorted(of_channel)}
        return {name: week for name, week in learnt.items() if week is not None}

    def _learn(self, arrivals: Sequence[Arrivals]) -> LearntWeek | None:
        weeks = weeks_of(arrivals, began=self.began, today=self.day, zone=self.zone)
        usual = usual_week(weeks)
        return None if usual is None else LearntWeek(weeks, usual)


@dataclass
class UsualWeeks:
    """Remembers what is usual for the day that was asked for last."""

    _known: UsualOnDay | None = field(default=None, init=False)

    def on(self, work: Work, zone: str, now: datetime) -> UsualOnDay:
        """What is usual on the day of `now`; the weeks before it are read when it is first asked for."""
        there = ZoneInfo(zone)
        day, known = now.astimezone(there).date(), self._known
        if known is None or (known.day, known.zone) != (day, zone):
            begin = midnight_of(day - timedelta(weeks=MOST_WEEKS), there)
            arrivals = work.workload.arrivals(begin, midnight_of(day, there), is_every=True)
            known = self._known = UsualOnDay(day, zone, work.workload.first(), arrivals)
        return known
