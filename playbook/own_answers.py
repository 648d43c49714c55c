"""The team's own answers: what was sent in solved cases, with everything that belongs to one person taken out.

A reply is used only where nothing of it can be somebody's: names, numbers, amounts, days and places become slots, and
every word that is left was said to several customers or stands in the playbook. What tells of an act, or promises an
hour, is no answer to anybody else.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from care.decision import Action
from care.knowledge import Hit, Knowledge, Passage
from care.learning import Answered
from care.ports import Assessment
from care.promising import promised_in
from playbook.claims import acts, claims
from playbook.plays import Play
from playbook.premises import premises_told

OWN_ANSWER = "own-answer"
"""The id under which a draft of the team's own answers is judged and counted."""
LEAST_CUSTOMERS = 3
"""To so many customers a word was said before it counts as nobody's."""
LIKE = 0.6
"""Share of their words from which two answers are of one kind."""
_SHORTEST, _LONGEST = 4, 90
"""Words of an answer."""
_MOST_QUESTIONS = 5
_SLOTS = frozenset({"order_number", "parcel_number", "flight_number", "amount", "date", "time", "city"})
_OF_THEIRS = frozenset({"order_number", "parcel_number", "flight_number"})
"""Filled with what this customer told us; the others are facts of ours, which a person writes."""
_ORDINARY = (Action.ANSWER_PUBLIC, Action.ANSWER_PRIVATE)
_GREETING = re.compile(
    r"\s*(?:@\w+\s+)*(?:(?:hi|hey|hello|dear|good (?:morning|afternoon|evening)|hallo|hola|bonjour|ciao|hej|cześć)\b"
    r"[^.,!\n?]{0,40}[,.!\n]+\s*)?",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"\s*(?:\^\w{1,20}|[-–—*/]\s?\w{1,20}|(?:(?:kind|best|warm)(?:est)? )?(?:regards|wishes|cheers)\b.{0,80})\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_SLOT = re.compile(r"\[\[(\w+)\]\]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DOUBTFUL = re.compile(r"[\d@#<>{}\[\]|\\]|https?:|www\.", re.IGNORECASE)

_A_MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""Whether an hour is promised does not depend on the day."""

Spans = Callable[[str], Iterable[tuple[int, int, str]]]
"""Finds what belongs to one person or matter in a text: start, end and kind of each stretch."""


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """One answer of ours, with slots. question: what it answered, masked."""

    template: str
    question: str = field(repr=False)
    customer: str
    case_id: str
    channel: str
    answered_at: datetime


def own_answers(answered: Iterable[Answered], spans: Spans, said_by_playbook: Collection[str]) -> list[OwnAnswer]:
    """Those answers of which nothing is one customer's, in the order given."""
    found = [
        OwnAnswer(template, each.text, each.customer, each.case_id, each.channel, each.answered_at)
        for each in answered
        if (template := _template(each, spans))
    ]
    told: dict[str, set[str]] = defaultdict(set)
    words = [_words(answer.template) for answer in found]
    for answer, said in zip(found, words, strict=True):
        for word in said:
            told[word].add(answer.customer)
    common = {word for word, customers in told.items() if len(customers) >= LEAST_CUSTOMERS}
    common.update(said_by_playbook)
    return [answer for answer, said in zip(found, words, strict=True) if said <= common]


def words_of(plays: Iterable[Play]) -> frozenset[str]:
    """Every word that a playbook says."""
    return frozenset(word for play in plays for section in play.sections for word in _words(section.body.source))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(_SLOT.sub(" ", text)))


def _template(answered: Answered, spans: Spans) -> str:
    """The words of an answer with slots; "" where it is somebody's own."""
    text = " ".join(_SIGNED.sub("", _GREETING.sub("", answered.reply, count=1)).split())
    if promised_in(text, now=_A_MONDAY, zone="UTC"):
        return ""
    for start, end, kind in sorted(spans(text), reverse=True):
        if kind not in _SLOTS:
            return ""
        text = f"{text[:start]}[[{kind}]]{text[end:]}"
    bare = _SLOT.sub(" ", text)
    named = {word for name in answered.names for word in _words(name) if len(word) > 2}
    if _DOUBTFUL.search(bare) or not named.isdisjoint(_words(bare)):
        return ""
    if not _SHORTEST <= len(bare.split()) <= _LONGEST or claims(bare) or acts(bare, filled=()):
        return ""
    return text


def passages_of(answers: Sequence[OwnAnswer]) -> list[Passage]:
    """Each answer once, as a passage that is found by what it answered."""
    by_text: dict[tuple[str, str], list[OwnAnswer]] = defaultdict(list)
    for answer in answers:
        by_text[answer.channel, answer.template].append(answer)
    return [
        Passage(
            place=alike[0].case_id,
            title=f"As on {alike[0].answered_at.day} {alike[0].answered_at:%B} to a similar message",
            sentences=(alike[0].template,),
            questions=tuple(dict.fromkeys(each.question for each in alike[:_MOST_QUESTIONS])),
            channels=frozenset({alike[0].channel}),
        )
        for alike in by_text.values()
    ]


def found_for(assessed: Assessment, premises: frozenset[str], known: Knowledge) -> Hit | None:
    """The answer to the nearest message, where the matter is an ordinary one and takes nothing to be so that is not."""
    facts = assessed.situation
    if assessed.decision.action not in _ORDINARY or facts.is_flagged or facts.danger.risks or facts.foreign:
        return None
    message = assessed.message
    for hit in known.find(message.text, channel=message.origin.channel, day=assessed.now.date()):
        if hit.is_sure and premises_told(hit.passage.text) <= premises:
            return hit
    return None


def with_told(template: str, told: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """An answer with what this customer told us, and what a person has to write."""

    def value(match: re.Match[str]) -> str:
        return (told.get(match[1]) if match[1] in _OF_THEIRS else None) or match[0]

    text = _SLOT.sub(value, template)
    return text, tuple(dict.fromkeys(_SLOT.findall(text)))


def reference_of(template: str) -> str:
    return f"{OWN_ANSWER}@{sha256(template.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A play that a team could make of answers that it gave again and again. questions: what they answered, masked."""

    id: str
    template: str
    n_customers: int
    questions: tuple[str, ...] = field(repr=False)

    def as_play(self, intents: Sequence[str]) -> str:
        """The text of its file, for somebody to read, change and accept."""
        body = _SLOT.sub(lambda match: f"{{{{ {match[1]} }}}}", self.template)
        listed = ", ".join(intents) or "any"
        title = " ".join(_SLOT.sub("", self.template).split()[:8])
        return (
            f"---\nid: {self.id}\ntitle: {json.dumps(title, ensure_ascii=False)}\nintents: [{listed}]\n"
            "actions: [answer_private, answer_public]\napproach: answer\n"
            f"unless: [others, solved]\nowner: care\n---\n## any\n{body}\n"
        )


def proposals(answers: Sequence[OwnAnswer], *, known: Collection[str] = ()) -> Iterator[Proposed]:
    """Plays worth writing, the most used first: answers of one kind to several customers.

    known: words of plays that are there already, a text each; what is like one of them is not proposed.
    """
    groups: list[tuple[frozenset[str], list[OwnAnswer]]] = []
    for answer in answers:
        words = _words(answer.template)
        near = next((group for mark, group in groups if _alike(mark, words)), None)
        if near is None:
            groups.append((words, [answer]))
        else:
            near.append(answer)
    said = [_words(text) for text in known]
    for words, group in sorted(groups, key=lambda group: -len(group[1])):
        customers = {answer.customer for answer in group}
        if len(customers) >= LEAST_CUSTOMERS and not any(_alike(words, other) for other in said):
            template = Counter(answer.template for answer in group).most_common(1)[0][0]
            digest = sha256(template.encode()).hexdigest()[:6]
            yield Proposed(
                f"own-{digest}", template, len(customers), tuple(dict.fromkeys(answer.question for answer in group))
            )


def _alike(words: frozenset[str], others: frozenset[str]) -> bool:
    return len(words & others) >= LIKE * len(words | others)
