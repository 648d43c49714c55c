"""The written plan of a team's care: what stands for each question of the trade's worksheet, and what is wrong with it.

`care/planning.py` fills it from what runs; here are its parts, and the document that a board reads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from care.hours import DAY_MIN, Hours, Shift

WORKSHEET: Mapping[str, str] = {
    "accountable": "Who is accountable",
    "channels": "Channels, and what each is for",
    "voice": "Identity and voice",
    "public": "What may be said in public",
    "hours": "When we answer",
    "levels": "Service levels",
    "silence": "When we do not answer",
    "escalation": "Whom we ask for what we cannot solve",
    "staffing": "Who works when",
    "integration": "What it is connected with",
    "measures": "What we measure",
}
"""The questions of a plan, in the order of the document."""


class FindingKind(StrEnum):
    MISSING = "missing"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Something that stands. where: the file with its line and key, the setting or the table that it comes from."""

    says: str
    where: str


@dataclass(frozen=True, slots=True)
class PlanFinding:
    """Something to mend. where: as in PlanLine; fix: what to do."""

    kind: FindingKind
    what: str
    where: str
    fix: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One question of the worksheet. key: of WORKSHEET."""

    key: str
    lines: tuple[PlanLine, ...] = ()
    findings: tuple[PlanFinding, ...] = ()

    @property
    def asks(self) -> str:
        return WORKSHEET[self.key]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan as of a moment. version: of the playbook. first, last: days whose figures it looked at."""

    brand: str
    made_at: datetime
    version: str
    first: date
    last: date
    rows: tuple[PlanRow, ...]

    @property
    def findings(self) -> tuple[PlanFinding, ...]:
        return tuple(finding for row in self.rows for finding in row.findings)


@dataclass(frozen=True, slots=True)
class Charter:
    """What a playbook says of the team itself, beside the policy. Names are those of channels, teams and contacts.

    checked: when people last went through the plan. quoted: lines for a question, as the playbook has them. places:
    by key such as `windows.urgent`, the file and line.
    """

    brand: str = ""
    accountable: str = ""
    checked: date | None = None
    purposes: Mapping[str, str] = field(default_factory=dict)
    staffed_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quoted: Mapping[str, tuple[PlanLine, ...]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """`playbook.yaml:12 brand.name`; where a key stands nowhere, the file in which it belongs."""
        return f"{self.places.get(key, 'playbook.yaml')} {key}"


def missing(what: str, where: str, fix: str) -> PlanFinding:
    """Something that a plan has to say and does not."""
    return PlanFinding(FindingKind.MISSING, what, where, fix)


def contradicts(what: str, where: str, fix: str) -> PlanFinding:
    """Something that the plan says and that is not so, or that it says otherwise elsewhere."""
    return PlanFinding(FindingKind.CONTRADICTS, what, where, fix)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def say_week(hours: Hours) -> str:
    """`Mon to Fri 08:00-20:00, Sat and Sun 10:00-16:00 (Europe/Berlin)`."""
    spans: list[tuple[list[str], tuple[Shift, ...]]] = []
    for day, shifts in zip(_DAYS, hours.week, strict=True):
        if spans and spans[-1][1] == shifts:
            spans[-1][0].append(day)
        else:
            spans.append(([day], shifts))
    said = [f"{_span(days)} {_shifts(shifts)}" for days, shifts in spans if shifts]
    return f"{', '.join(said)} ({hours.zone})"


def _span(days: list[str]) -> str:
    if len(days) <= 2:
        return " and ".join(days)
    return f"{days[0]} to {days[-1]}"


def _shifts(shifts: tuple[Shift, ...]) -> str:
    return " and ".join(f"{_hour(shift.start_min)}-{_hour(shift.end_min)}" for shift in shifts)


def _hour(minutes: int) -> str:
    return "24:00" if minutes == DAY_MIN else f"{minutes // 60:02}:{minutes % 60:02}"


def document(plan: Plan) -> str:
    """The plan as Markdown that a board can read."""
    return "\n".join(_document(plan)) + "\n"


def _document(plan: Plan) -> Iterator[str]:
    n_missing = sum(finding.kind is FindingKind.MISSING for finding in plan.findings)
    yield f"# How {plan.brand or 'we'} care{'s' if plan.brand else ''} for customers who write"
    yield ""
    yield f"As of {plan.made_at:%d %B %Y}, playbook {plan.version}. Figures are of {plan.first} to {plan.last}."
    n_against = len(plan.findings) - n_missing
    yield f"Missing: {n_missing}. Contradictions: {n_against}." if plan.findings else "Nothing is missing."
    for n, row in enumerate(plan.rows, 1):
        yield ""
        yield f"## {n}. {row.asks}"
        yield ""
        yield from (f"- {_plain(line.says)} *({_plain(line.where)})*" for line in row.lines)
        if not row.lines:
            yield "- Nothing stands here."
        for finding in row.findings:
            yield f"- **{finding.kind.value.capitalize()}:** {_plain(finding.what)}. To do: {_plain(finding.fix)}."


def _plain(text: str) -> str:
    """A text whose signs are no Markdown."""
    return "".join(f"\\{sign}" if sign in "\\*_`[]<>#" else sign for sign in text)
