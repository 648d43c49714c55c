"""The policy of a company as data: rules, teams, what each intent means, hours, and whom an overdue message climbs to.

The playbook builds it from a file people edit; `care/triage.py` applies it to a message. Rules are read from the top,
the first that holds decides; when none holds, the line of the message's intent does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from care.cues import Cue, cues_of_shape
from care.decision import Action
from care.hours import ServiceClock
from care.parts import Part
from care.phrases import PhraseBook
from care.quality import QualityPolicy
from care.routing import RoutingPolicy
from care.workload import StaffingPolicy


@dataclass(frozen=True, slots=True)
class LabelFacts(Part):
    """What a message is about. None: not known, or not sure enough.

    is_sure: whether the intent is more than a hint. is_certain: whether it is sure enough to stay silent about it.
    """

    intent: str | None
    sentiment: str | None
    urgency: str | None
    is_sure: bool = True
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class DangerFacts(Part):
    """What cannot wait: kinds of `care.classification.RISKS`, by the risk reader or by the playbook's own words.

    gravest: the one of them that decides.
    """

    risks: frozenset[str] = frozenset()
    gravest: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a rule or a play may ask about a message. None: not known, or not sure enough."""

    labels: LabelFacts
    channel: str
    visibility: str
    kind: str = "question"
    tier: str | None = None
    cues: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    thread: str = "first"
    """first | follow_up: whether we have answered in this thread before."""
    is_flagged: bool = False
    is_upset: bool = False
    danger: DangerFacts = DangerFacts()
    heads: tuple[tuple[str, float], ...] = ()
    """Those of its cues that trained heads read, each with its score."""
    foreign: str = ""
    """The language it is written in, where that is another than the playbook's."""


@dataclass(frozen=True, slots=True)
class CuesAsked(Part):
    """Conditions about cues: at least one of some, every one of every, none of none."""

    some: frozenset[str] = frozenset()
    every: frozenset[str] = frozenset()
    none: frozenset[str] = frozenset()

    def holds(self, cues: frozenset[str]) -> bool:
        return (not self.some or not self.some.isdisjoint(cues)) and self.every <= cues and self.none.isdisjoint(cues)


@dataclass(frozen=True, slots=True)
class When:
    """Conditions that must all hold; an empty one always does."""

    intents: frozenset[str] = frozenset()
    sentiments: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    cued: CuesAsked = CuesAsked()
    entities: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    """At least one of these."""
    visibility: str | None = None
    thread: str | None = None
    is_sure: bool | None = None
    is_upset: bool | None = None

    def holds(self, now: Situation) -> bool:
        return (not self.intents or now.labels.intent in self.intents) and self.holds_but_for_intent(now)

    def holds_but_for_intent(self, now: Situation) -> bool:
        """For plays, whose intents are weighed by how probable they are."""
        return (
            (not self.sentiments or now.labels.sentiment in self.sentiments)
            and (not self.urgencies or now.labels.urgency in self.urgencies)
            and (not self.channels or now.channel in self.channels)
            and (not self.kinds or now.kind in self.kinds)
            and (not self.tiers or now.tier in self.tiers)
            and self.cued.holds(now.cues)
            and (not self.entities or not self.entities.isdisjoint(now.entities))
            and (not self.risks or not self.risks.isdisjoint(now.danger.risks))
            and (self.visibility is None or self.visibility == now.visibility)
            and (self.thread is None or self.thread == now.thread)
            and (self.is_sure is None or self.is_sure == now.labels.is_sure)
            and (self.is_upset is None or self.is_upset == now.is_upset)
        )

    @property
    def n_conditions(self) -> int:
        """How particular these conditions are; intents are not counted, every play names some."""
        asked = (
            self.sentiments, self.urgencies, self.channels, self.kinds, self.tiers, self.cued.some, self.cued.every,
            self.cued.none, self.entities, self.risks, self.visibility, self.thread,
        )  # fmt: skip
        return sum(1 for condition in asked if condition) + (self.is_upset is not None)


@dataclass(frozen=True, slots=True)
class TriageRule:
    """One line of the policy: when it holds, what to do and what to tell the agent about it."""

    name: str
    when: When
    action: Action
    reason: str
    team: str | None = None
    is_always: bool = False
    """Whether its clock runs at any hour."""

    def may_meet(self, intent: str | None) -> bool:
        return not self.when.intents or intent in self.when.intents


@dataclass(frozen=True, slots=True)
class RiskLine:
    """What one kind of risk means for us, whatever labels a bundle has. It is never ignored.

    is_always: its clock runs at any hour; it is then as pressing as can be, and no rule decides otherwise. is_offline:
    in public it is taken to a safe channel; the team is told all the same. also: situations that count as this risk
    though the reader saw none.
    """

    action: Action
    team: str
    reason: str
    is_always: bool = False
    is_offline: bool = False
    also: tuple[When, ...] = ()

    @property
    def tells(self) -> str:
        """The team that is told at once; "" where a person of the desk answers as always."""
        return self.team if self.action in (Action.ESCALATE, Action.TAKE_OFFLINE) else ""


_LIFE, _ACT = "Somebody may be in danger; a person acts at once, at any hour.", "A person has to act on it at once."
RISK_LINES: Mapping[str, RiskLine] = {
    "self_harm": RiskLine(Action.ESCALATE, "care", _LIFE, is_always=True),
    "danger": RiskLine(Action.ESCALATE, "care", _LIFE, is_always=True),
    "assault": RiskLine(Action.ESCALATE, "care", _LIFE, is_always=True),
    "threat_to_staff": RiskLine(Action.ESCALATE, "care", _LIFE, is_always=True),
    "fraud": RiskLine(Action.ESCALATE, "care", _ACT),
    "data_leak": RiskLine(Action.ESCALATE, "care", _ACT),
    "legal": RiskLine(Action.ESCALATE, "care", "It may be a matter of law."),
    "press": RiskLine(Action.ESCALATE, "care", "It may come from the press."),
    "bereavement": RiskLine(Action.ANSWER_PRIVATE, "care", "Somebody may have died; a person answers."),
}
"""What each kind of risk means where a playbook says nothing of it; their team is the one that takes things offline."""


@dataclass(frozen=True, slots=True)
class Route:
    """One line about who, where the action does not decide it. The first route that holds names the team."""

    when: When
    team: str


@dataclass(frozen=True, slots=True)
class IntentLine:
    """What an intent means for us when no rule says otherwise."""

    kind: str
    team: str
    public: Action
    private: Action = Action.ANSWER_PRIVATE


@dataclass(frozen=True, slots=True)
class Tier:
    """People whose words weigh more: who, how much, on what evidence, and until when we believe it."""

    name: str
    points: int
    handles: frozenset[str]
    evidence: str
    until: datetime | None = None

    def counts(self, handle: str, *, now: datetime) -> bool:
        return handle.lstrip("@").casefold() in self.handles and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Weights:
    """The points behind the priority sum."""

    urgency: Mapping[str, int]
    reach: tuple[tuple[int, int], ...] = ()
    """(followers at least, points), most followers first; counted in public only."""
    waiting_per_h: int = 2
    waiting_most: int = 30
    repeat_each: int = 5
    repeat_most: int = 20
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a message climbs to. reach: how people reach them; email: where we tell them ourselves, if anywhere."""

    name: str
    role: str
    reach: str
    answers_within: timedelta
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Whom an overdue message climbs to, and how long after its internal target, in staffed time.

    email: where the contact is told of it; empty where they are told by somebody, not by us. is_day_and_night: called
    at any hour, whatever the channel's own hours are.
    """

    contact: str
    after: timedelta
    answers_within: timedelta
    email: str = field(default="", repr=False)
    is_day_and_night: bool = False


@dataclass(frozen=True, slots=True)
class Thresholds(Part):
    """From which probability on a label counts: an abstained intent as a hint; a label of a later message in a
    conversation at all; a label that may lead to no answer."""

    hint_score: float = 0.35
    later_score: float = 0.85
    silent_score: float = 0.8


@dataclass(frozen=True, slots=True)
class Teams(Part):
    """Who gets what the action does not decide. routes: the first that holds names the team.

    offline_team: takes what leaves the open. speakers: by language, the team that speaks it. staffing: how many of a
    team are needed. quality: what of their replies is read afterwards. routing: who is given which cases.
    """

    routes: tuple[Route, ...] = ()
    offline_team: str = "care"
    speakers: Mapping[str, str] = field(default_factory=dict)
    staffing: StaffingPolicy = field(default_factory=StaffingPolicy)
    quality: QualityPolicy = field(default_factory=QualityPolicy)
    routing: RoutingPolicy = field(default_factory=RoutingPolicy)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What is worked out once of a policy: the phrases of all cues, and which rules an intent can meet at all."""

    finder: PhraseBook
    rules: Mapping[str | None, tuple[TriageRule, ...]]


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything `care/triage.py` needs to know of a company. `kinds` names the kinds of conversation it tells apart.

    clocks: by channel, `"*"` for any other. steps: by team, `"*"` for any other; first step first. risks: by kind of
    risk.
    """

    intents: Mapping[str, IntentLine]
    fallback: IntentLine
    rules: tuple[TriageRule, ...]
    cues: tuple[Cue, ...]
    weights: Weights
    clocks: Mapping[str, ServiceClock]
    kinds: frozenset[str] = frozenset()
    teams: Teams = field(default_factory=Teams)
    thresholds: Thresholds = Thresholds()
    language: str = "en"
    steps: Mapping[str, tuple[EscalationStep, ...]] = field(default_factory=dict)
    risks: Mapping[str, RiskLine] = field(default_factory=dict)
    _lookup: _Lookup = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        finder = PhraseBook({cue.name: cue.phrases for cue in self.cues})
        known: tuple[str | None, ...] = (*self.intents, None)
        rules = {name: tuple(rule for rule in self.rules if rule.may_meet(name)) for name in known}
        object.__setattr__(self, "_lookup", _Lookup(finder, rules))

    def rules_for(self, intent: str | None) -> tuple[TriageRule, ...]:
        """The rules that a message of this intent can meet, in order."""
        known = self._lookup.rules.get(intent)
        return self.rules if known is None else known

    def risk(self, kind: str) -> RiskLine:
        """What a kind of risk means; one that nobody ever heard of is told to a person too."""
        given = self.risks.get(kind)
        if given is not None:
            return given
        line = RISK_LINES.get(kind, RiskLine(Action.ESCALATE, "", _ACT))
        return replace(line, team=self.teams.offline_team)

    def clock(self, channel: str) -> ServiceClock:
        return self.clocks.get(channel) or self.clocks["*"]

    @property
    def zone(self) -> str:
        """Whose days are meant where somebody speaks of days: the zone of the hours of any channel."""
        return self.clock("*").hours.zone

    def cues_in(self, text: str) -> frozenset[str]:
        """Names of the cues a text holds."""
        return self._lookup.finder.keys_in(text) | cues_of_shape(text)
