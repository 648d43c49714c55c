"""What a head of care reads: figures counted from what was kept, each of which opens the cases behind it.

The store gives entries: something happened to a case at a moment. A report adds them up by day, week, channel, team,
intent, language or agent. Every figure is a count of entries or a length of time in them, so that figures of days add
up to those of a week, and two ways of counting can be held against each other. Samples, history and rehearsals are no
entries.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import floor, log10
from operator import attrgetter
from zoneinfo import ZoneInfo

from care.errors import BadInput
from care.hours import ServiceClock

FIGURES: Mapping[str, str] = {
    "messages": "Messages that people wrote",
    "messages.ignored": "Messages that needed no answer, such as spam",
    "messages.automatic": "Messages that machines wrote, set aside",
    "responses": "First answers",
    "responses.on_target": "First answers within our own target",
    "responses.in_promise": "First answers within the published window",
    "responses.overdue": "Cases without an answer past the published window, as of now",
    "resolved": "Cases resolved",
    "reopened": "Cases opened again",
    "promises": "Hours promised",
    "promises.kept": "Promises kept",
    "promises.moved": "Promises moved to another hour",
    "promises.broken": "Promises broken",
    "drafts.as_is": "Drafts sent as they were",
    "drafts.edited": "Drafts sent after an edit",
    "drafts.own_words": "Answers in an agent's own words",
    "drafts.rejected": "Drafts rejected",
    "drafts.dismissed": "Messages that a person said need no answer",
    "replies.sent": "Replies that went out",
    "replies.held": "Replies held back, for a person to look",
    "replies.failed": "Replies that did not go out",
    "handovers": "Hand-overs",
    "handovers.answered": "Hand-overs answered",
    "handovers.lapsed": "Hand-overs that nobody answered in time",
    "climbs": "Steps climbed because nobody answered in time",
    "offline": "Matters taken offline",
    "offline.closed": "Offline matters closed or waived",
    "satisfaction.asked": "Customers asked whether they are content",
    "satisfaction.answered": "Customers who said whether they are content",
    "quality.read": "Replies read in the quality review, by each reader",
    "quality.lacking": "Replies that lacked something in the quality review",
    "labels.checked": "Messages whose labels a person saw and decided on",
    "labels.corrected": "Labels that a person corrected",
}
"""Every figure, in the order of the report. Behind a colon stands the kind: `drafts.rejected:wrong_tone`."""

SHARES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "on target": ("responses.on_target", ("responses", "responses.overdue")),
    "within the published window": ("responses.in_promise", ("responses", "responses.overdue")),
    "promises kept": ("promises.kept", ("promises.kept", "promises.broken")),
    "drafts sent as they were": (
        "drafts.as_is",
        ("drafts.as_is", "drafts.edited", "drafts.own_words", "drafts.rejected"),
    ),
    "reopened": ("reopened", ("resolved",)),
}
"""Parts of a whole, each as a figure over a sum of figures."""

OVERDUE = "responses.overdue"


class By(StrEnum):
    """What a report is broken down by."""

    DAY = "day"
    WEEK = "week"
    CHANNEL = "channel"
    TEAM = "team"
    INTENT = "intent"
    LANGUAGE = "language"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class About:
    """What an entry is about; "" where nobody knows. agent: the person who did it."""

    channel: str
    team: str = ""
    intent: str = ""
    language: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """A length of time that ended with an entry. kind: response, resolution or offline. is_always: runs at any hour."""

    kind: str
    since: datetime
    until: datetime
    is_always: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a case. figures: those that it counts for, once each. score: a satisfaction answer."""

    at: datetime
    case_id: str
    about: About
    figures: tuple[str, ...]
    wait: Wait | None = None
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Durations:
    """Lengths of time, in seconds to two digits: what is kept of a day is small, and days add up to weeks."""

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: float) -> None:
        self.counts[_two_digits(seconds)] += 1

    def __len__(self) -> int:
        return sum(self.counts.values())

    def percentile(self, share: float) -> float | None:
        """The shortest length that this share of them does not exceed, in seconds, exact to 5 %; None without any."""
        left = share * len(self)
        for seconds, count in sorted(self.counts.items()):
            left -= count
            if left <= 1e-9:
                return float(seconds)
        return None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """The figures of one day, channel, team or the like. durations: by kind; `response.staffed` counts staffed time."""

    key: str
    figures: Counter[str] = field(default_factory=Counter)
    durations: dict[str, Durations] = field(default_factory=dict)
    scores: Counter[int] = field(default_factory=Counter)

    def share(self, name: str) -> float | None:
        """One of SHARES, 0 to 1; None where there is nothing to share."""
        part, whole = SHARES[name]
        total = sum(self.figures[figure] for figure in whole)
        return self.figures[part] / total if total else None

    def length(self, kind: str, share: float) -> float | None:
        """A percentile of one kind of duration, in seconds; None where there is none."""
        lengths = self.durations.get(kind)
        return lengths.percentile(share) if lengths else None

    @property
    def satisfaction(self) -> float | None:
        """The mean answer, 1 to 5."""
        n_scores = sum(self.scores.values())
        return sum(score * count for score, count in self.scores.items()) / n_scores if n_scores else None

    def add(self, entry: Entry, clock: ServiceClock) -> None:
        """Count one entry in. clock: of its channel, for staffed time."""
        self.figures.update(entry.figures)
        if entry.score is not None:
            self.scores[entry.score] += 1
        wait = entry.wait
        if wait is not None:
            self._last(wait.kind, wait.until - wait.since)
            self._last(f"{wait.kind}.staffed", clock.passed(wait.since, wait.until, is_always=wait.is_always))

    def merge(self, other: "ReportLine") -> None:
        """Add the figures of another line."""
        self.figures.update(other.figures)
        self.scores.update(other.scores)
        for kind, lengths in other.durations.items():
            self.durations.setdefault(kind, Durations()).counts.update(lengths.counts)

    def _last(self, kind: str, length: timedelta) -> None:
        self.durations.setdefault(kind, Durations()).add(length.total_seconds())


@dataclass(frozen=True, slots=True)
class Cell:
    """What one day counted of one channel, team, intent, language and agent; its line has no key of its own."""

    about: About
    line: ReportLine


Days = Mapping[date, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Report:
    """Lines in the order of their key, most messages first where the key is no day. until: exclusive."""

    since: datetime
    until: datetime
    by: By
    zone: str
    lines: tuple[ReportLine, ...]
    total: ReportLine


@dataclass(frozen=True, slots=True)
class Period:
    """What a report covers: instants, end exclusive, and the zone whose days it counts. Raises BadInput."""

    since: datetime
    until: datetime
    zone: str

    def __post_init__(self) -> None:
        if not self.since < self.until:
            raise BadInput("A report covers at least a day: its last day is before its first.")

    @classmethod
    def of_days(cls, first: date, last: date, zone: str) -> "Period":
        """Whole days of a zone, the last one included. Raises BadInput when the last is before the first."""
        midnight = time(tzinfo=ZoneInfo(zone))
        return cls(datetime.combine(first, midnight), datetime.combine(last + timedelta(days=1), midnight), zone)

    def day(self, at: datetime) -> date:
        """The day that an instant lies in."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def days(self) -> list[date]:
        """Every day, first to last."""
        first, last = self.day(self.since), self.day(self.until - timedelta(microseconds=1))
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def without(self, days: Container[date]) -> "list[Period]":
        """The stretches of days that are left when these are taken out."""
        left: list[list[date]] = []
        for day in self.days:
            if day in days:
                continue
            if left and left[-1][-1] == day - timedelta(days=1):
                left[-1].append(day)
            else:
                left.append([day])
        return [Period.of_days(stretch[0], stretch[-1], self.zone) for stretch in left]


def key_of(by: By) -> Callable[[date, About], str]:
    """Where what happened on a day stands in a report that is broken down so."""
    if by is By.DAY:
        return lambda day, _: day.isoformat()
    if by is By.WEEK:
        return lambda day, _: f"{day:%G-W%V}"
    value = attrgetter(by.value)
    return lambda _, about: value(about) or "unknown"


def cells_of(entries: Iterable[Entry], *, period: Period, clock: Callable[[str], ServiceClock]) -> Days:
    """Entries added up by day and by what they are about. clock: of a channel, for staffed time."""
    days: dict[date, dict[About, ReportLine]] = {}
    for entry in entries:
        lines = days.setdefault(period.day(entry.at), {})
        lines.setdefault(entry.about, ReportLine("")).add(entry, clock(entry.about.channel))
    return {day: [Cell(about, line) for about, line in lines.items()] for day, lines in days.items()}


def report(days: Iterable[Days], *, period: Period, by: By) -> Report:
    """Add days up, whether counted now or kept."""
    key, lines, total = key_of(by), dict[str, ReportLine](), ReportLine("total")
    for day, cell in ((day, cell) for some in days for day, cells in some.items() for cell in cells):
        name = key(day, cell.about)
        lines.setdefault(name, ReportLine(name)).merge(cell.line)
        total.merge(cell.line)
    is_time = by in (By.DAY, By.WEEK)
    order = sorted(lines.values(), key=lambda line: line.key if is_time else (-line.figures["messages"], line.key))
    return Report(period.since, period.until, by, period.zone, tuple(order), total)


def behind(entries: Iterable[Entry], *, figure: str, period: Period, line: tuple[By, str] | None = None) -> list[str]:
    """The ids of the cases that a figure counts, in the order in which it counted them, each once.

    figure: of FIGURES, or one with its kind. line: only those of one line, by its key. Raises BadInput for an unknown
    figure.
    """
    if figure.partition(":")[0] not in FIGURES:
        raise BadInput(f"There is no figure {figure!r}. Those of a report: {', '.join(FIGURES)}.")
    by, wanted = line or (By.DAY, "")
    key = key_of(by)
    counted = (
        entry.case_id
        for entry in entries
        if figure in entry.figures and (line is None or key(period.day(entry.at), entry.about) == wanted)
    )
    return list(dict.fromkeys(counted))


def figures_of(line: ReportLine) -> Iterator[tuple[str, int]]:
    """The figures of a line in the order of FIGURES, each kind of one behind it, most frequent first."""
    for name in FIGURES:
        yield name, line.figures[name]
        kinds = [(kind, count) for kind, count in line.figures.items() if kind.startswith(f"{name}:")]
        yield from sorted(kinds, key=lambda kind: (-kind[1], kind[0]))


def say_share(share: float | None) -> str:
    """`96 %`, or a dash."""
    return "–" if share is None else f"{share * 100:.0f} %"


def say_median(line: ReportLine) -> str:
    """The median time to the first answer, or a dash."""
    return say_length(line.length("response", 0.5))


def say_length(seconds: float | None) -> str:
    """`45 s`, `12 min`, `3.5 h`, `2 d`, or a dash."""
    if seconds is None:
        return "–"
    for size, least, unit in ((86_400, 2, "d"), (3600, 2, "h"), (60, 1, "min")):
        if seconds >= least * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"


def _two_digits(seconds: float) -> int:
    whole = max(0, round(seconds))
    if whole < 100:
        return whole
    step = int(10 ** (floor(log10(whole)) - 1))
    return round(whole / step) * step
