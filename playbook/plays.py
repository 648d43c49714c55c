"""Plays: Markdown files with front matter that says when they apply, and a sandboxed body in sections.

A section's heading says when its wording is for: `## public known`, `## upset follow-up`, `## any`. Several sections
with the same heading are variants. The most particular section that fits is taken.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from care.classification import RISKS
from care.cues import OF_HEADS
from care.decision import Action
from care.knowledge import KNOWLEDGE_SLOTS
from care.matter import Step
from care.plays import SIGNED_FOR, PlayEntry, PlayFile, SignOff, SignOffs, Wording
from care.policy import CuesAsked, When
from care.triage import NOBODY
from playbook.premises import PREMISES
from playbook.signatures import digest_of, read_signed
from playbook.source import Entry
from playbook.templates import BadTemplate, Body, compile_body

ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_HEADING = re.compile(r"^## +(.+?) *$")
WORDS = (
    "any", "public", "private", "email", "first", "follow-up", "calm", "upset", "happy", "known", "unknown", "waiting",
    "short", *(step.value for step in Step),
)  # fmt: skip
APPROACHES = (
    "ask", "answer", "link", "acknowledge", "apologise", "offline", "hand_over", "thank", "decline", "escalate",
    "close",
)  # fmt: skip
TONES = ("warm", "plain", "sober", "cheerful")


@dataclass(frozen=True, slots=True)
class Section:
    """One wording of a play and the situation it is for."""

    words: frozenset[str]
    body: Body
    line: int


@dataclass(frozen=True, slots=True)
class Example:
    """A message that this play answers; expected play and action are tested by `tactful playbook test`."""

    text: str
    line: int
    action: str | None = None
    play: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    channel: str | None = None
    risks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Premises:
    """What has to be so before a play is offered."""

    assumes: frozenset[str] = frozenset()
    """What it takes to be so, of `playbook.premises.PREMISES`; each must be supported."""
    unless: frozenset[str] = frozenset()
    """Premises of which none may be supported."""
    steps: frozenset[Step] = frozenset()
    """Steps of a running matter that it takes; the matter must stand at one of them."""
    lacks: tuple[str, ...] = ()
    """Slots for which knowledge has nothing: it is offered only then, and they count as what knowledge lacks."""

    def hold(self, supported: frozenset[str], step: Step | None = None) -> bool:
        """Whether all that is assumed is supported, nothing speaks against it, and the matter stands at its step."""
        is_due = not self.steps or step in self.steps
        return is_due and self.assumes <= supported and self.unless.isdisjoint(supported)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a play answers. approach: what kind of answer it is; the drafts that are shown differ in it."""

    approach: str
    tone: str = "warm"
    page: str | None = None
    is_offline: bool = False
    language: str = ""
    """Of its words, where that is not the playbook's: who writes in it is offered nothing else."""


@dataclass(frozen=True, slots=True)
class Rank:
    """What speaks for a play among others. marked_as: the play whose marks judge it until it has marks of its own."""

    weight: float = 0.0
    is_fallback: bool = False
    """Words that fit whatever it is about: first while the intent is only a hint, last when it is sure."""
    marked_as: str = ""


@dataclass(frozen=True, slots=True)
class Signing:
    """What has to be approved before it is said. matters: of `care.plays.SIGNED_FOR`, whatever the playbook says."""

    matters: frozenset[str] = frozenset()
    done: tuple[SignOff, ...] = ()
    digest: str = ""
    """Of its wordings as they are now, for sign-offs to be held against."""


@dataclass(frozen=True, slots=True)
class Play:
    """One way to answer: when, with which facts, and in which words.

    needs: facts without which the case cannot be solved. handed_to: the team that it says has the matter; it is sent
    once they have it.
    """

    id: str
    title: str
    when: When
    actions: frozenset[Action]
    manner: Manner
    sections: tuple[Section, ...]
    source: PlayFile
    needs: tuple[str, ...] = ()
    handed_to: str = ""
    premises: Premises = Premises()
    rank: Rank = Rank()
    signing: Signing = Signing()
    examples: tuple[Example, ...] = ()

    @property
    def reference(self) -> str:
        """`order-status@3f2a91c0`."""
        return f"{self.id}@{self.source.digest[:8]}"

    @property
    def origin(self) -> str:
        """The base that it comes from; "" for the playbook itself."""
        return self.source.origin

    @property
    def slots(self) -> frozenset[str]:
        return frozenset().union(*(section.body.slots for section in self.sections))

    def wordings(self, situation: frozenset[str], *, is_short: bool = False) -> list[Section]:
        """The sections for this situation, most particular first; short ones only when asked for."""
        fitting = [
            section
            for section in self.sections
            if section.words - {"any", "short"} <= situation and ("short" in section.words) == is_short
        ]
        most = max((len(section.words - {"any"}) for section in fitting), default=0)
        return [section for section in fitting if len(section.words - {"any"}) == most]


def entry_of(play: Play, *, matters: tuple[str, ...] = (), withheld: str = "") -> PlayEntry:
    """A play as people read it. matters, withheld: as PlayEntry has them."""
    return PlayEntry(
        reference=play.reference,
        title=play.title,
        source=play.source,
        approach=play.manner.approach,
        tone=play.manner.tone,
        intents=tuple(sorted(play.when.intents)),
        actions=tuple(sorted(map(str, play.actions))),
        needs=play.needs,
        is_offline=play.manner.is_offline,
        wordings=tuple(Wording(" ".join(sorted(part.words)), part.body.source) for part in play.sections),
        examples=tuple(example.text for example in play.examples),
        sign_offs=SignOffs(matters=matters, signed=play.signing.done, withheld=withheld),
    )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a play may name."""

    intents: tuple[str, ...]
    sentiments: tuple[str, ...]
    urgencies: tuple[str, ...]
    channels: tuple[str, ...]
    kinds: tuple[str, ...]
    tiers: tuple[str, ...]
    cues: tuple[str, ...]
    entities: tuple[str, ...]
    facts: tuple[str, ...]
    pages: tuple[str, ...]
    slots: frozenset[str]
    teams: tuple[str, ...] = ()


def read_when(entry: Entry, vocabulary: Vocabulary, *, intents: frozenset[str] | None = None) -> When:
    """Read conditions; unknown labels, channels and cues become problems."""
    entry.only("intents", "sentiments", "urgencies", "channels", "kinds", "tiers", "cues", "all_cues", "without_cues",
               "entities", "risks", "visibility", "thread", "sure", "upset")  # fmt: skip
    return When(
        intents=entry.get("intents").some_of(vocabulary.intents) if intents is None else intents,
        sentiments=entry.get("sentiments").some_of(vocabulary.sentiments),
        urgencies=entry.get("urgencies").some_of(vocabulary.urgencies),
        channels=entry.get("channels").some_of(vocabulary.channels),
        kinds=entry.get("kinds").some_of(vocabulary.kinds),
        tiers=entry.get("tiers").some_of(vocabulary.tiers),
        cued=CuesAsked(
            some=entry.get("cues").some_of(vocabulary.cues),
            every=entry.get("all_cues").some_of(vocabulary.cues),
            none=entry.get("without_cues").some_of(vocabulary.cues),
        ),
        entities=entry.get("entities").some_of(vocabulary.entities),
        risks=entry.get("risks").some_of(RISKS),
        visibility=entry.get("visibility").one_of(("public", "private")) or None,
        thread=entry.get("thread").one_of(("first", "follow_up")) or None,
        is_sure=entry.get("sure").flag() if entry.has("sure") else None,
        is_upset=entry.get("upset").flag() if entry.has("upset") else None,
    )


def split_front_matter(text: str) -> tuple[str, str, int] | None:
    """Front matter, body, and the body's first line (counted from 1); None when there is no front matter."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return None
    for n, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return "\n".join(lines[1:n]), "\n".join(lines[n + 1 :]), n + 2
    return None


def read_play(front: Entry, body: str, *, body_line: int, vocabulary: Vocabulary, raw: str) -> Play | None:
    """One play from its parts; None when too much is wrong to go on. Problems are noted on the entry."""
    front.only("id", "title", "intents", "when", "actions", "approach", "needs", "offline", "page", "tone", "version",
               "owner", "weight", "examples", "fallback", "assumes",
               "unless", "steps", "lacks", "language", "replaces", "marked_as", "signed", "needs_sign_off")  # fmt: skip
    play_id = front.need("id").text()
    if play_id and not ID.match(play_id):
        front.get("id").wrong(f"{play_id!r} is not an id", "small letters, digits and single hyphens")
    intents = front.need("intents").some_of((*vocabulary.intents, "any"))
    actions = front.need("actions").some_of(tuple(action.value for action in Action))
    sections = _sections(front, body, body_line, vocabulary)
    needs, handed_to = _needs(front.get("needs"), vocabulary)
    if not (play_id and actions and intents and sections):
        return None
    return Play(
        id=play_id,
        title=front.need("title").text(),
        when=read_when(front.get("when"), vocabulary, intents=frozenset() if "any" in intents else intents),
        actions=frozenset(Action(action) for action in actions),
        manner=_manner(front, vocabulary),
        sections=sections,
        source=_source(front, raw),
        needs=tuple(fact for fact in needs.texts() if _is_known(needs, fact, vocabulary)),
        handed_to=handed_to,
        premises=_premises(front),
        rank=Rank(front.get("weight").number(), front.get("fallback").flag(), front.get("marked_as").text()),
        signing=Signing(
            front.get("needs_sign_off").some_of(SIGNED_FOR), read_signed(front.get("signed")), digest_of(body)
        ),
        examples=tuple(_example(row, vocabulary) for row in front.get("examples").rows()),
    )


def _manner(front: Entry, vocabulary: Vocabulary) -> Manner:
    return Manner(
        approach=front.need("approach").one_of(APPROACHES, "answer"),
        tone=front.get("tone").one_of(TONES, "warm"),
        page=front.get("page").one_of(vocabulary.pages) or None,
        is_offline=front.get("offline").flag(),
        language=front.get("language").text(),
    )


def _source(front: Entry, raw: str) -> PlayFile:
    digest = hashlib.sha256(raw.encode()).hexdigest()
    return PlayFile(front.file, front.get("owner").text(), front.get("version").whole(1, least=1), digest)


def _premises(front: Entry) -> Premises:
    return Premises(
        assumes=front.get("assumes").some_of(tuple(PREMISES)),
        unless=front.get("unless").some_of(tuple(PREMISES)),
        steps=frozenset(Step(step) for step in front.get("steps").some_of(tuple(step.value for step in Step))),
        lacks=tuple(sorted(front.get("lacks").some_of(KNOWLEDGE_SLOTS))),
    )


def _needs(entry: Entry, vocabulary: Vocabulary) -> tuple[Entry, str]:
    """The facts that a play needs, and the team that has to have the matter: a list, or a table of both."""
    if not isinstance(entry.value, dict):
        return entry, ""
    entry.only("facts", "handed_to")
    teams = tuple(team for team in vocabulary.teams if team != NOBODY)
    return entry.get("facts"), entry.get("handed_to").one_of(teams)


def _is_known(entry: Entry, fact: str, vocabulary: Vocabulary) -> bool:
    if fact not in vocabulary.facts:
        entry.wrong(f"{fact!r} is no fact we know", f"one of {', '.join(vocabulary.facts)}")
        return False
    return True


def _example(row: Entry, vocabulary: Vocabulary) -> Example:
    row.only("text", "action", "play", "intent", "sentiment", "urgency", "channel", "risks", *OF_HEADS)
    labels = {
        "intent": row.get("intent").one_of(vocabulary.intents),
        "sentiment": row.get("sentiment").one_of(vocabulary.sentiments),
        "urgency": row.get("urgency").one_of(vocabulary.urgencies),
        **{task: row.get(task).one_of(tuple(labels)) for task, labels in OF_HEADS.items()},
    }
    return Example(
        text=row.need("text").text(),
        line=row.line,
        action=row.get("action").one_of(tuple(action.value for action in Action)) or None,
        play=row.get("play").text() or None,
        labels={task: label for task, label in labels.items() if label},
        channel=row.get("channel").one_of(vocabulary.channels) or None,
        risks=row.get("risks").some_of(RISKS),
    )


def _sections(front: Entry, body: str, body_line: int, vocabulary: Vocabulary) -> tuple[Section, ...]:
    sections: list[Section] = []
    for line, heading, text in _cut(body, body_line):
        place = Entry(front.file, "", line, None, front.problems)
        words = heading.split()
        for word in words:
            if word not in WORDS:
                place.wrong(f"the heading word {word!r} is not known", f"one of {', '.join(WORDS)}")
        if not text.strip():
            place.wrong("the section is empty")
            continue
        try:
            compiled = compile_body(text.strip(), allowed=vocabulary.slots)
        except BadTemplate as error:
            Entry(front.file, "", line + error.line, None, front.problems).wrong(error.what)
            continue
        sections.append(Section(frozenset(words), compiled, line))
    if not sections:
        front.wrong("the play has no section", "begin one with `## any`")
    return tuple(sections)


def _cut(body: str, body_line: int) -> list[tuple[int, str, str]]:
    cut: list[tuple[int, str, list[str]]] = []
    for n, line in enumerate(body.split("\n")):
        heading = _HEADING.match(line)
        if heading:
            cut.append((body_line + n, heading[1], []))
        elif cut:
            cut[-1][2].append(line)
        elif line.strip():
            cut.append((body_line + n - 1, "any", [line]))
    return [(line, heading, _joined(lines)) for line, heading, lines in cut]


def _joined(lines: list[str]) -> str:
    """Lines of a paragraph are one line; a blank line begins a new paragraph, as in Markdown."""
    return "\n".join(lines)
