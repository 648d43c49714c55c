"""Slots filled from what a team knows: a sentence or two of a passage, word for word, with where they stand."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from care.knowledge import KNOWLEDGE_SLOTS, Hit, Knowledge, Lack, Source
from care.ports import Assessment
from playbook.templates import MAX_VALUE

MOST_SENTENCES = 2
_LONGEST_BESIDE = 600
"""Characters of an internal passage that stand beside a draft."""
_TELLS_MORE = 0.15
"""How much more of the question a later sentence has to carry than the first, which answers as a rule."""
_LEANS = re.compile(
    r"(?:it|its|this|that|these|those|they|then|them|there|but|and|or|so|otherwise|else|both|after that|without that"
    r"|in that case|if so|if not|also|too)\b",
    re.IGNORECASE,
)
"""How a sentence begins that says nothing without the one before it."""
_FEW_WORDS = 4
_MONEY = re.compile(r"\d")
_LOWERED = frozenset(
    "a after all an as at before both by each every for from here if in it no not nothing of on once only our please"
    " that the their there these they this three to two under until up we when with within without yes you your".split()
)


@dataclass(frozen=True, slots=True)
class Filled:
    """Values for slots, and where each is from."""

    values: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Filling:
    """What knowledge has for one message. It is asked when a draft first has a slot for it, once."""

    knowledge: Knowledge
    assessed: Assessment

    @cached_property
    def hits(self) -> Sequence[Hit]:
        message, question = self.assessed.message, _question(self.assessed)
        if not question or self.assessed.situation.is_flagged:
            return ()
        found = self.knowledge.find(question, channel=message.origin.channel, day=self.assessed.now.date())
        return [hit for hit in found if hit.is_sure]

    def has(self, slot: str) -> bool:
        """Whether a slot could be filled."""
        return self._source(slot, MOST_SENTENCES) is not None

    def fillings(self, slots: frozenset[str]) -> Iterator[Filled]:
        """Ways to fill these slots, the fullest first; the last one fills nothing."""
        wanted = slots.intersection(KNOWLEDGE_SLOTS)
        seen: set[tuple[str, ...]] = set()
        for most in range(MOST_SENTENCES, 0, -1) if wanted else ():
            sources = [source for slot in sorted(wanted) if (source := self._source(slot, most)) is not None]
            quotes = tuple(source.quote for source in sources)
            if sources and quotes not in seen:
                seen.add(quotes)
                yield Filled({source.slot: source.quote for source in sources}, tuple(sources))
        yield Filled()

    def _source(self, slot: str, most: int) -> Source | None:
        for hit in self.hits:
            passage = hit.passage
            if passage.is_internal or slot not in passage.fills:
                continue
            words = quote(hit, most=most)
            if words and (slot != "price" or _MONEY.search(words)):
                return Source(
                    passage.place, passage.title, words, hit.score, slot=slot, link=passage.link, owner=passage.owner
                )
        return None

    def beside(self, slots: frozenset[str]) -> tuple[Source, ...]:
        """What the agent alone should read with a draft that has such slots."""
        if slots.isdisjoint(KNOWLEDGE_SLOTS):
            return ()
        return tuple(
            Source(hit.passage.place, hit.passage.title, hit.passage.text[:_LONGEST_BESIDE], hit.score,
                   link=hit.passage.link, owner=hit.passage.owner, is_internal=True)
            for hit in self.hits
            if hit.passage.is_internal
        )  # fmt: skip

    def lacks(self, missing: Sequence[str]) -> tuple[Lack, ...]:
        """What knowledge should have had for the slots that stay open."""
        facts = self.assessed.situation
        about = facts.labels.intent if facts.labels.intent and facts.labels.is_sure else ""
        return tuple(Lack(slot, about) for slot in missing if slot in KNOWLEDGE_SLOTS)


def quote(hit: Hit, *, most: int) -> str:
    """Neighbouring sentences of a passage that carry the answer, as they stand; "" where none fits."""
    sentences = hit.passage.sentences
    best = max(range(len(sentences)), key=lambda at: (hit.weights[at] if hit.weights else 0.0, -at), default=0)
    if hit.weights and hit.weights[best] < hit.weights[0] + _TELLS_MORE:
        best = 0
    start = best - 1 if best and _LEANS.match(sentences[best]) else best
    chosen = sentences[start : start + most]
    if any(sentence.endswith("?") for sentence in chosen) or (start and _LEANS.match(sentences[start])):
        return ""
    words = " ".join(sentence if sentence[-1] in ".!…" else f"{sentence}." for sentence in chosen)
    return words if len(words) < MAX_VALUE else ""


def joined(body: str, sources: Sequence[Source], *, is_continued: bool) -> str:
    """A rendered body in which quotes end as sentences do. is_continued: it follows a greeting on the same line."""
    for source in sources:
        # The play ends its sentence too.
        body = body.replace(f"{source.quote}.", source.quote)
    first = body.partition(" ")[0]
    opens = any(source.quote and body.startswith(source.quote) for source in sources)
    if is_continued and opens and first.strip(",").lower() in _LOWERED:
        return body[0].lower() + body[1:]
    return body


def _question(assessed: Assessment) -> str:
    """The customer's words; where they are few, with what they said before."""
    text = assessed.message.text
    if len(text.split()) >= _FEW_WORDS:
        return text
    before = [turn.text for turn in assessed.thread if turn.by_customer][-1:]
    return "\n".join((*before, text)).strip()
