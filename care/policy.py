"""The policy of a company as data: rules, teams, what each intent means, hours, and whom an overdue message climbs to.

The playbook builds it from a file people edit; `care/triage.py` applies it to a message. Rules are read from the top,
the first that holds decides; when none holds, the line of the message's intent does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from care.cues import Cue, CueFinder
from care.decision import Action
from care.hours import ServiceClock


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a rule or a play may ask about a message. None: not known, or not sure enough."""

    intent: str | None
    sentiment: str | None
    urgency: str | None
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
    is_sure: bool = True
    """Whether the intent is more than a hint."""
    risks: frozenset[str] = frozenset()
    """What cannot wait: kinds of `care.classification.RISKS`, by the risk reader or by the playbook's own words."""
    gravest: str = ""
    """The one of them that decides."""
    is_certain: bool = True
    """Whether the label is sure enough to stay silent about it."""
    foreign: str = ""
    """The language it is written in, where that is another than the playbook's."""


@dataclass(frozen=True, slots=True)
class When:
    """Conditions that must all hold; an empty one always does."""

    intents: frozenset[str] = frozenset()
    sentiments: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    cues: frozenset[str] = frozenset()
    """At least one of these."""
    all_cues: frozenset[str] = frozenset()
    without_cues: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    """At least one of these."""
    visibility: str | None = None
    thread: str | None = None
    is_sure: bool | None = None
    is_upset: bool | None = None

    def holds(self, now: Situation) -> bool:
        return (not self.intents or now.intent in self.intents) and self.holds_but_for_intent(now)

    def holds_but_for_intent(self, now: Situation) -> bool:
        """For plays, whose intents are weighed by how probable they are."""
        return (
            (not self.sentiments or now.sentiment in self.sentiments)
            and (not self.urgencies or now.urgency in self.urgencies)
            and (not self.channels or now.channel in self.channels)
            and (not self.kinds or now.kind in self.kinds)
            and (not self.tiers or now.tier in self.tiers)
            and (not self.cues or not self.cues.isdisjoint(now.cues))
            and self.all_cues <= now.cues
            and self.without_cues.isdisjoint(now.cues)
            and (not self.entities or not self.entities.isdisjoint(now.entities))
            and (not self.risks or not self.risks.isdisjoint(now.risks))
            and (self.visibility is None or self.visibility == now.visibility)
            and (self.thread is None or self.thread == now.thread)
            and (self.is_sure is None or self.is_sure == now.is_sure)
            and (self.is_upset is None or self.is_upset == now.is_upset)
        )

    @property
    def n_conditions(self) -> int:
        """How particular these conditions are; intents are not counted, every play names some."""
        asked = (
            self.sentiments, self.urgencies, self.channels, self.kinds, self.tiers, self.cues, self.all_cues,
            self.without_cues, self.entities, self.risks, self.visibility, self.thread,
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
    words: frozenset[str] = frozenset()
    """Cues that its messages usually hold; without one, its label alone has to be surer. Empty: it needs none."""
    unlike: frozenset[str] = frozenset()
    """Cues of what is easily taken for it: with one, its label is no more than a hint."""


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
class Policy:
    """Everything `care/triage.py` needs to know of a company. `kinds` names the kinds of conversation it tells apart.

    clocks: by channel, `"*"` for any other. hint_score: an abstained intent this probable is still used as a hint.
    steps: by team, `"*"` for any other; first step first. risks: by kind of risk. speakers: by language, the team that
    speaks it.
    """

    intents: Mapping[str, IntentLine]
    fallback: IntentLine
    rules: tuple[TriageRule, ...]
    cues: tuple[Cue, ...]
    tiers: tuple[Tier, ...]
    weights: Weights
    clocks: Mapping[str, ServiceClock]
    kinds: frozenset[str] = frozenset()
    routes: tuple[Route, ...] = ()
    offline_team: str = "care"
    hint_score: float = 0.3
    alone_score: float = 0.8
    """From this probability on a label is believed without any of its intent's `words` in the message."""
    silent_score: float = 0.7
    """From this probability on a label may lead to no answer at all."""
    upset: frozenset[str] = frozenset({"negative", "very_negative"})
    upset_cues: frozenset[str] = frozenset()
    """Cues that show anger, whatever the sentiment label says."""
    glad_cues: frozenset[str] = frozenset()
    """Cues that show joy: a complaint with one of them, and no anger, is probably none."""
    offline_cues: frozenset[str] = frozenset()
    """Cues of somebody who writes down a secret, such as a password: it goes on where nobody else can read it."""
    asking_cues: frozenset[str] = frozenset()
    """Cues of our own words that ask for something; a question mark does too."""
    no_answer_cues: frozenset[str] = frozenset()
    """Cues of somebody who writes back without what we asked for, and of our own offers of more help."""
    harm_cues: frozenset[str] = frozenset()
    """Cues of harm to somebody; a thread that had one is no place for ordinary words."""
    language: str = "en"
    steps: Mapping[str, tuple[EscalationStep, ...]] = field(default_factory=dict)
    risks: Mapping[str, RiskLine] = field(default_factory=dict)
    speakers: Mapping[str, str] = field(default_factory=dict)
    _finder: CueFinder = field(init=False, repr=False, compare=False)
    _rules: Mapping[str | None, tuple[TriageRule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Worked out once: which phrases begin with a word, and which rules an intent can meet at all.
        set_once = object.__setattr__
        set_once(self, "_finder", CueFinder.of(self.cues))
        known: tuple[str | None, ...] = (*self.intents, None)
        set_once(self, "_rules", {name: tuple(rule for rule in self.rules if rule.may_meet(name)) for name in known})

    def rules_for(self, intent: str | None) -> tuple[TriageRule, ...]:
        """The rules that a message of this intent can meet, in order."""
        known = self._rules.get(intent)
        return self.rules if known is None else known

    def risk(self, kind: str) -> RiskLine:
        """What a kind of risk means; one that nobody ever heard of is told to a person too."""
        given = self.risks.get(kind)
        if given is not None:
            return given
        line = RISK_LINES.get(kind, RiskLine(Action.ESCALATE, "", _ACT))
        return replace(line, team=self.offline_team)

    def clock(self, channel: str) -> ServiceClock:
        return self.clocks.get(channel) or self.clocks["*"]

    def cues_in(self, text: str) -> frozenset[str]:
        """Names of the cues a text holds."""
        return self._finder.find(text)
