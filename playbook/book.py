"""The engagement playbook: one folder that people edit, read into values that do not change.

`playbook.yaml` holds brand, channels, hours, teams, rules and facts; `plays/*.md` the plays; a base below adds what
both leave out (`layers.py`). `load` checks all of it and names the file and line of everything that is wrong.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import reduce
from pathlib import Path

from care.channel_rules import ChannelRules
from care.classification import OUT_OF_SCOPE, RISKS
from care.cues import BUILT_IN_CUES, GENERAL_CUES, LISTENED_AS, Cue
from care.decision import Action
from care.errors import BadPlaybook, Problem
from care.goals import Goal
from care.hours import DAY_MIN, Hours, ServiceClock, Shift, Window
from care.phrases import PhraseBook
from care.plan import Charter
from care.policy import (
    RISK_LINES,
    Contact,
    EscalationStep,
    IntentLine,
    Policy,
    RiskLine,
    Route,
    Teams,
    Tier,
    TriageRule,
    Weights,
)
from care.triage import NOBODY
from playbook.calendar import public_holidays, time_zone
from playbook.charter import read_charter
from playbook.durations import duration
from playbook.general import general_cues
from playbook.goals import read_goals
from playbook.layers import Layer, laid_over, plays_in, read_layers
from playbook.lengths import COUNTED_AS
from playbook.parts import Brand, Closing, Fact, HelpPage, SafeChannel, Voice
from playbook.plays import Play, Vocabulary, read_when
from playbook.quality import quality
from playbook.routing import routing
from playbook.signing import SignOffRule, read_sign_off, withheld
from playbook.source import Entry
from playbook.staffing import staffing

RISK_ACTIONS = (Action.ESCALATE, Action.TAKE_OFFLINE, Action.ANSWER_PRIVATE, Action.PHONE_OR_EMAIL)
REJECTED_PLAYS = ("withhold", "last", "show")
SENTIMENTS = ("very_negative", "negative", "neutral", "positive", "very_positive")
URGENCIES = ("low", "normal", "high", "urgent")
ENTITIES = ("order_number", "parcel_number", "amount", "date", "time", "city", "name", "product", "flight_number")
# What the drafter itself knows; everything else a play writes out is a fact, an entity or a slot for a person.
GIVEN = frozenset({"name", "brand", "agent", "promise", "private_channel", "safe_channel", "safe_link", "ask", "asked",
                   "link", "given", "tried", "phone", "care_email", "care_hours", "case_number",
                   "emergency"})  # fmt: skip
FLAGS = frozenset(
    {"upset", "happy", "public", "private", "follow_up", "apologised", "known", "waiting", "flagged", "pictured"}
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})\Z")
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SlotSources:
    """What the slots of plays are filled from. by_agent: what a person fills in, and what it asks them.

    not_names: words that are nobody's name, whatever they stand after.
    """

    facts: Mapping[str, Fact]
    by_agent: Mapping[str, str]
    pages: Mapping[str, HelpPage]
    not_names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reach:
    """Who is reached and where: safe channels for what is private, contacts to tell, what each team is called."""

    safe_channels: tuple[SafeChannel, ...]
    contacts: tuple[Contact, ...]
    teams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that was agreed about how we talk to customers. version: hash of all files."""

    brand: Brand
    voice: Voice
    channels: Mapping[str, ChannelRules]
    policy: Policy
    slots: SlotSources
    reach: Reach
    closing: Closing
    plays: tuple[Play, ...]
    version: str
    goals: tuple[Goal, ...] = ()
    charter: Charter = field(default_factory=Charter)
    sign_off: Mapping[str, SignOffRule] = field(default_factory=dict)
    """By matter of law or medicine, who approves words about it."""
    rejected_plays: str = "withhold"
    """What becomes of a play that people rejected ten times in a row: withhold, last, or show."""

    def channel(self, name: str) -> ChannelRules:
        """The rules of a channel; an unknown one is treated like the webhook's."""
        return self.channels.get(name) or self.channels["*"]

    @property
    def offered(self) -> list[Play]:
        """The plays that may be offered: not those whose words wait for somebody to approve them."""
        return [play for play in self.plays if not withheld(play, self.sign_off)]

    def play(self, play_id: str) -> Play | None:
        return next((play for play in self.plays if play.id == play_id), None)


def load(folder: Path, *, intents: Iterable[str] | None = None, today: date | None = None) -> Book:
    """Read and check a playbook folder.

    intents: labels of the bundle it will work with; a play or line that names another is a problem. Without it the
    labels are those that playbook.yaml lists. today: the year before and the two after it get their public holidays.
    Raises BadPlaybook with every problem found, each with file and line.
    """
    problems: list[Problem] = []
    layers = read_layers(folder, problems)
    root = reduce(lambda below, layer: laid_over(layer.root, below), reversed(layers[:-1]), layers[-1].root)
    labels = tuple(intents) if intents is not None else None
    playbook = _Reader(root, layers, labels, today or datetime.now(UTC).date()).playbook()
    if problems:
        raise BadPlaybook(problems)
    return playbook


def version_of(texts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{texts[name]}\0".encode())
    return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class _Reader:
    root: Entry
    layers: tuple[Layer, ...]
    known_intents: tuple[str, ...] | None
    today: date

    def playbook(self) -> Book:
        root = self.root.only(
            "brand", "voice", "kinds", "teams", "intents", "fallback", "cues", "rules", "routes", "tiers", "weights",
            "listening", "channels", "hours", "windows", "facts", "slots", "pages", "safe_channels", "contacts",
            "escalation", "offline_team", "closing", "not_names", "goals", "rejected_plays", "risks", "extends",
            "without", "plan", "staffing", "sign_off", "review", "routing", gone=_GONE,
        )  # fmt: skip
        vocabulary = self._vocabulary()
        brand, voice = root.need("brand"), root.need("voice")
        account = brand.get("account").text()
        channels = {
            name: _channel(name, entry, account=account, brand=brand.get("name").text())
            for name, entry in root.need("channels").items()
        }
        if "*" not in channels:
            root.get("channels").wrong("needs a line `*` for any other channel")
        return Book(
            brand=_brand(brand),
            voice=Voice(
                profile=voice.get("profile").text("friendly"),
                language=voice.get("language").text("en"),
                emoji=voice.get("emoji").text("none"),
                forbidden=voice.get("forbidden").texts(),
                elsewhere=voice.get("elsewhere").text(),
            ),
            channels=channels,
            policy=self._policy(vocabulary),
            slots=self._slots(vocabulary.cues),
            reach=_reach(root),
            closing=_closing(root.get("closing"), vocabulary.kinds),
            plays=plays_in(self.layers, vocabulary),
            version=version_of({name: text for layer in self.layers for name, text in layer.texts.items()}),
            rejected_plays=root.get("rejected_plays").one_of(REJECTED_PLAYS, "withhold"),
            charter=read_charter(root),
            sign_off=read_sign_off(root.get("sign_off"), vocabulary.intents),
            goals=tuple(read_goals(root.get("goals"))),
        )

    def _slots(self, cues: tuple[str, ...]) -> SlotSources:
        root = self.root
        brand = root.get("brand").get("name").text()
        return SlotSources(
            facts=dict(self._facts(cues)),
            by_agent={name: entry.text() for name, entry in root.get("slots").items()},
            pages={
                name: HelpPage(name, entry.need("url").text(), entry.get("about").text())
                for name, entry in root.get("pages").items()
            },
            not_names=frozenset(word.casefold() for word in root.get("not_names").texts())
            | frozenset(re.findall(r"\w+", brand.casefold())),
        )

    def _vocabulary(self) -> Vocabulary:
        root = self.root
        listed = tuple(name for name, _ in root.need("intents").items())
        facts = tuple(name for name, _ in root.get("facts").items())
        agent = [name for name, _ in root.get("slots").items()]
        for name, entry in root.get("slots").items():
            if name in GIVEN | FLAGS or name in ENTITIES:
                entry.wrong("is a name that is filled by itself", "choose another for what a person fills in")
        if self.known_intents is not None:
            for name, entry in root.need("intents").items():
                if name not in (*self.known_intents, OUT_OF_SCOPE):
                    entry.wrong("is no label of the bundle", f"one of {', '.join(self.known_intents)}")
        return Vocabulary(
            intents=(*(self.known_intents or listed), *([] if OUT_OF_SCOPE in listed else [OUT_OF_SCOPE])),
            sentiments=SENTIMENTS,
            urgencies=URGENCIES,
            channels=tuple(name for name, _ in root.need("channels").items()),
            kinds=root.need("kinds").texts(),
            tiers=tuple(row.get("name").text() for row in root.get("tiers").rows()),
            cues=tuple(
                dict.fromkeys((*BUILT_IN_CUES, *self._general, *(name for name, _ in root.get("cues").items())))
            ),
            entities=ENTITIES,
            facts=facts,
            pages=tuple(name for name, _ in root.get("pages").items()),
            teams=tuple(name for name, _ in root.get("teams").items()),
            slots=GIVEN | FLAGS | frozenset(ENTITIES) | frozenset(facts) | frozenset(agent),
        )

    def _policy(self, vocabulary: Vocabulary) -> Policy:
        root = self.root
        teams = tuple(name for name, _ in root.need("teams").items())
        return Policy(
            intents={name: _line(entry, vocabulary, teams) for name, entry in root.need("intents").items()},
            fallback=_line(root.need("fallback"), vocabulary, teams),
            rules=tuple(_rule(row, vocabulary, teams) for row in root.get("rules").rows()),
            teams=Teams(
                routes=tuple(_route(row, vocabulary, teams) for row in root.get("routes").rows()),
                offline_team=root.get("offline_team").one_of(teams, "care"),
                speakers={
                    language: name
                    for name, entry in root.need("teams").items()
                    if isinstance(entry.value, dict)
                    for language in entry.get("languages").texts()
                },
                staffing=staffing(root.get("staffing"), teams),
                quality=quality(root.get("review")),
                routing=routing(
                    root.get("routing"),
                    teams=teams,
                    channels=tuple(name for name, _ in root.get("channels").items()),
                    language=root.get("voice").get("language").text("en"),
                ),
            ),
            cues=tuple(self._cues()),
            weights=_weights(root.need("weights"), tuple(_tier(row) for row in root.get("tiers").rows())),
            clocks=self._clocks(),
            kinds=frozenset(vocabulary.kinds),
            language=root.need("voice").get("language").text("en"),
            steps=dict(self._steps(teams)),
            risks={
                kind: _risk_line(kind, entry, vocabulary, teams)
                for kind, entry in root.get("risks").only(*RISKS).items()
                if kind in RISKS
            },
        )

    def _steps(self, teams: tuple[str, ...]) -> Iterable[tuple[str, tuple[EscalationStep, ...]]]:
        contacts = {
            row.get("name").text(): (row.get("email").text(), row.get("day_and_night").flag())
            for row in self.root.get("contacts").rows()
        }
        for team, entry in self.root.get("escalation").only("*", *teams).items():
            yield team, tuple(_step(row, contacts) for row in entry.rows())

    def _cues(self) -> Iterable[Cue]:
        own = dict(self.root.get("cues").items())
        yield from (cue for name, cue in self._general.items() if name not in own)
        for name, entry in own.items():
            if name in _READ_BY_ITSELF:
                entry.wrong("is read without a list", "take the list out, or give it a name of its own")
            try:
                yield Cue.of(name, entry.texts())
            except ValueError as error:
                entry.wrong(str(error))
        for name, entry in self.root.get("listening").only(*LISTENED_AS).items():
            if name not in LISTENED_AS:
                continue
            try:
                yield Cue.of(LISTENED_AS[name], entry.texts())
            except ValueError as error:
                entry.wrong(str(error))

    @property
    def _general(self) -> Mapping[str, Cue]:
        return general_cues(self.root.need("voice").get("language").text("en"))

    def _clocks(self) -> dict[str, ServiceClock]:
        windows = {name: _window(entry) for name, entry in self.root.need("windows").items()}
        known = {name: window for name, window in windows.items() if window is not None}
        if "*" not in windows:
            self.root.get("windows").wrong("needs a line `*` for any other urgency")
        hours = {name: self._hours(entry) for name, entry in self.root.need("hours").items()}
        clocks: dict[str, ServiceClock] = {}
        for name, entry in self.root.need("channels").items():
            chosen = hours.get(entry.need("hours").one_of(tuple(hours)))
            if chosen is not None and "*" in known:
                clocks[name] = ServiceClock(chosen, known)
        return clocks

    def _hours(self, entry: Entry) -> Hours | None:
        entry.only("zone", "week", "holidays", "closed", "special")
        zone = time_zone(entry.need("zone"), "UTC")
        week: list[tuple[Shift, ...]] = [()] * 7
        for days, shifts in entry.need("week").items():
            for day in _days(days, shifts):
                week[day] = _shifts(shifts)
        closed = {closed_day for row in entry.get("closed").rows() if (closed_day := row.day())}
        closed |= public_holidays(entry.get("holidays"), self.today)
        special = {
            date.fromisoformat(key): _shifts(row) for key, row in entry.get("special").items() if _is_day(key, row)
        }
        try:
            return Hours(zone, tuple(week), frozenset(closed), special)
        except ValueError as error:
            entry.wrong(str(error))
            return None

    def _facts(self, cues: tuple[str, ...]) -> Iterable[tuple[str, Fact]]:
        for name, entry in self.root.get("facts").items():
            entry.only("ask", "entity", "said_as", "told_by")
            try:
                said_as = PhraseBook({name: Cue.of(name, entry.need("said_as").texts()).phrases})
            except ValueError as error:
                entry.wrong(str(error))
                continue
            told_by = entry.get("told_by").some_of(cues)
            yield (
                name,
                Fact(name, entry.need("ask").text(), entry.get("entity").one_of(ENTITIES) or None, said_as, told_by),
            )


_HEADS = "trained heads and general English know it now: take the line out"
_GONE = dict.fromkeys(("upset_cues", "glad_cues", "offline_cues", "asking_cues", "no_answer_cues", "harm_cues"), _HEADS)
_GONE_OF_INTENTS = {
    "words": "an intent's own score decides now: take `words` out",
    "unlike": "an intent's own score decides now: take `unlike` out",
}
_READ_BY_ITSELF = frozenset(BUILT_IN_CUES) - frozenset(GENERAL_CUES)
"""Cues that no list of words shows."""


def _line(entry: Entry, vocabulary: Vocabulary, teams: tuple[str, ...]) -> IntentLine:
    entry.only("kind", "team", "public", "private", gone=_GONE_OF_INTENTS)
    actions = tuple(action.value for action in Action)
    return IntentLine(
        kind=entry.need("kind").one_of(vocabulary.kinds, "question"),
        team=entry.need("team").one_of(teams, "care"),
        public=Action(entry.need("public").one_of(actions, Action.ANSWER_PRIVATE) or Action.ANSWER_PRIVATE),
        private=Action(entry.get("private").one_of(actions, Action.ANSWER_PRIVATE) or Action.ANSWER_PRIVATE),
    )


def _team_says(entry: Entry) -> str:
    """What a team does: a text, or `does` beside the languages it speaks."""
    if isinstance(entry.value, dict):
        return entry.only("does", "languages").need("does").text()
    return entry.text()


def _risk_line(kind: str, entry: Entry, vocabulary: Vocabulary, teams: tuple[str, ...]) -> RiskLine:
    """What is not said stands as it is built in; a playbook can make a danger no smaller than a person's matter."""
    entry.only("action", "team", "clock", "reason", "offline", "also")
    known = RISK_LINES[kind]
    allowed = tuple(action.value for action in RISK_ACTIONS)
    return RiskLine(
        action=Action(entry.get("action").one_of(allowed, known.action) or known.action),
        team=entry.need("team").one_of(tuple(team for team in teams if team != NOBODY), known.team),
        reason=entry.get("reason").text(known.reason),
        is_always=_is_always(entry.get("clock")) if entry.has("clock") else known.is_always,
        is_offline=entry.get("offline").flag(known.is_offline),
        also=tuple(read_when(row, vocabulary) for row in entry.get("also").rows()),
    )


def _is_always(entry: Entry) -> bool:
    return entry.one_of(("staffed", "always"), "staffed") == "always"


def _rule(row: Entry, vocabulary: Vocabulary, teams: tuple[str, ...]) -> TriageRule:
    row.only("name", "when", "action", "team", "reason", "clock")
    actions = tuple(action.value for action in Action)
    return TriageRule(
        name=row.need("name").text(),
        when=read_when(row.need("when"), vocabulary),
        action=Action(row.need("action").one_of(actions, Action.ANSWER_PRIVATE) or Action.ANSWER_PRIVATE),
        reason=row.need("reason").text(),
        team=row.get("team").one_of(teams) or None,
        is_always=_is_always(row.get("clock")),
    )


def _route(row: Entry, vocabulary: Vocabulary, teams: tuple[str, ...]) -> Route:
    row.only("when", "team")
    return Route(when=read_when(row.need("when"), vocabulary), team=row.need("team").one_of(teams, "care"))


def _tier(row: Entry) -> Tier:
    row.only("name", "points", "handles", "evidence", "until")
    until = row.get("until").day()
    return Tier(
        name=row.need("name").text(),
        points=row.need("points").whole(),
        handles=frozenset(handle.lstrip("@").casefold() for handle in row.get("handles").texts()),
        evidence=row.need("evidence").text(),
        until=datetime.combine(until, time(), tzinfo=UTC) if until else None,
    )


def _weights(entry: Entry, tiers: tuple[Tier, ...]) -> Weights:
    entry.only("urgency", "reach", "waiting_per_h", "waiting_most", "repeat_each", "repeat_most")
    reach = [(row.need("followers").whole(), row.need("points").whole()) for row in entry.get("reach").rows()]
    return Weights(
        urgency={name: points.whole() for name, points in entry.need("urgency").items()},
        reach=tuple(sorted(reach, reverse=True)),
        waiting_per_h=entry.get("waiting_per_h").whole(2),
        waiting_most=entry.get("waiting_most").whole(30),
        repeat_each=entry.get("repeat_each").whole(5),
        repeat_most=entry.get("repeat_most").whole(20),
        tiers=tiers,
    )


def _brand(entry: Entry) -> Brand:
    return Brand(
        name=entry.need("name").text(),
        account=entry.get("account").text(),
        care_email=entry.get("care_email").text(),
        phone=entry.get("phone").text(),
        about=entry.get("about").text(),
        case_number=entry.get("case_number").text("a case number"),
        emergency=entry.get("emergency").text("112"),
    )


def _channel(name: str, entry: Entry, *, account: str, brand: str) -> ChannelRules:
    """account: ours where the channel names none of its own. brand: stands for {brand} in openings and endings."""
    entry.only("visibility", "limit", "counted_as", "undo_s", "hours", "private_channel", "greeting", "unnamed",
               "sign_off", "unsigned", "account", "pointer", "private_limit", "purpose", "staffed_by")  # fmt: skip
    limit = entry.need("limit").whole(1000, least=1)
    return ChannelRules(
        name=name,
        is_public=entry.need("visibility").one_of(("public", "private"), "private") == "public",
        limit=limit,
        counted_as=entry.get("counted_as").one_of(tuple(COUNTED_AS), "graphemes"),
        undo_s=entry.get("undo_s").whole(10),
        private_channel=entry.get("private_channel").text("a private message"),
        greeting=_layout(entry.get("greeting"), brand),
        unnamed=_layout(entry.get("unnamed"), brand),
        sign_off=_layout(entry.get("sign_off"), brand),
        unsigned=_layout(entry.get("unsigned"), brand),
        account=entry.get("account").text() or account,
        pointer=_pointer(entry, longest=limit),
        private_limit=entry.get("private_limit").whole(limit, least=1),
    )


def _pointer(entry: Entry, *, longest: int) -> str:
    """What is said in public beside a private answer; only a public channel says anything so."""
    pointer = entry.get("pointer")
    said = pointer.text()
    if said and entry.get("visibility").value != "public":
        pointer.wrong("belongs to a public channel: on a private one every answer is private already")
    elif len(said) > longest:
        pointer.wrong(f"is {len(said)} characters long; the channel takes {longest}")
    return said


def _layout(entry: Entry, brand: str) -> str:
    """Openings and endings keep their blank lines and trailing spaces."""
    return str(entry.value).replace("{brand}", brand) if entry.value is not None and entry.text() is not None else ""


def _step(row: Entry, contacts: Mapping[str, tuple[str, bool]]) -> EscalationStep:
    """contacts: where each is told, and whether at any hour."""
    contact = row.need("contact").one_of(tuple(contacts))
    after, answers_within = duration(row.need("after")), duration(row.need("answers_within"))
    email, is_day_and_night = contacts.get(contact, ("", False))
    return EscalationStep(contact, after, answers_within, email, is_day_and_night)


def _contact(row: Entry) -> Contact:
    row.only("name", "role", "reach", "email", "answers_within", "day_and_night")
    email = row.get("email")
    if email.text() and not _EMAIL.match(email.text()):
        email.wrong("should be an e-mail address like `lead@example.org`")
    return Contact(
        name=row.need("name").text(),
        role=row.get("role").text(),
        reach=row.get("reach").text(),
        answers_within=duration(row.need("answers_within")),
        email=email.text(),
    )


def _closing(entry: Entry, kinds: tuple[str, ...]) -> Closing:
    entry.only("question", "not_after")
    return Closing(entry.get("question").text(), entry.get("not_after").some_of(kinds))


def _window(entry: Entry) -> Window | None:
    entry.only("promise", "target", "clock")
    try:
        return Window(
            promise=duration(entry.need("promise")),
            target=duration(entry.need("target")),
            is_always=_is_always(entry.get("clock")),
        )
    except ValueError as error:
        entry.wrong(str(error))
        return None


def _days(text: str, entry: Entry) -> list[int]:
    first, _, last = text.partition("-")
    if first not in _WEEKDAYS or (last and last not in _WEEKDAYS):
        entry.wrong(f"{text!r} names no days", "mon, tue, ... or mon-fri")
        return []
    start, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
    return [day % 7 for day in range(start, end + 1 + (7 if end < start else 0))]


def _shifts(entry: Entry) -> tuple[Shift, ...]:
    shifts: list[Shift] = []
    for text in entry.texts():
        match = _SPAN.match(text)
        start, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
        if not start < end <= DAY_MIN:
            entry.wrong(f"{text!r} is not a shift", "like 09:00-12:30; a night is two shifts, cut at midnight")
            continue
        shifts.append(Shift(start, end))
    return tuple(sorted(shifts))


def _is_day(text: str, entry: Entry) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        entry.wrong(f"{text!r} is not a day", "like 2026-12-24")
        return False
    return True


def _reach(root: Entry) -> Reach:
    return Reach(
        safe_channels=tuple(
            SafeChannel(row.need("name").text(), row.need("say").text(), row.get("link").text())
            for row in root.get("safe_channels").rows()
        ),
        contacts=tuple(_contact(row) for row in root.get("contacts").rows()),
        teams={name: _team_says(entry) for name, entry in root.get("teams").items()},
    )
