"""Draft: choose the plays that fit what was decided, fill what is known, leave open what is not."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from care.channel_rules import ChannelRules
from care.classification import Classification
from care.cues import PHOTO, SEVERAL_NAMED, cues_of_files
from care.decision import Action, Decision
from care.handing_over import reachable
from care.hours import ServiceClock, say_by
from care.knowledge import NOTHING_KNOWN, Knowledge, Source
from care.matter import Matter
from care.message import Message, Turn, Visibility
from care.policy import Situation
from care.ports import Assessment, Drafted, Offer, PlayScore
from care.reply import MOST_DRAFTS, Draft
from care.triage import interpretations
from playbook.book import Book
from playbook.knowledge.filling import Filled, Filling, joined
from playbook.lengths import length_of
from playbook.matter import matter_of
from playbook.own_answers import OWN_ANSWER, found_for, reference_of, with_told
from playbook.parts import Fact
from playbook.plays import Play, Section
from playbook.premises import premises_of
from playbook.ranking import Asked, Fit, Index, is_worth_guessing, others, plays_of, rank, says_little
from playbook.shelf import Shelf
from playbook.slots import asked_before, first_name, known_before, values_in
from playbook.wording import APOLOGY, listed

MOST_CANDIDATES = 6
"""Drafts that the judge may choose from: the plain ones that stand further down are often those worth showing."""
# A second or third draft is worth an agent's glance only while it is not far behind the first.
WORTH_SHOWING = 1.4
# A play for what the message may mean is worth it from this chance on.
WORTH_OFFERING = 0.02
HAND_OVER = "hand_over"
# Values that an answer may name back, each with the premise that it takes, and how in public those are called that are
# nobody else's business.
_NAMED = {"order_number": "order", "parcel_number": "order", "flight_number": "journey"}
_THEIRS = {"order_number": "the number", "parcel_number": "the tracking number"}
_PARAGRAPH = re.compile(r"\n\s*\n")

Suspended = Callable[[], frozenset[str]]
"""The plays that people keep rejecting, as "id@hash8"; the playbook says what becomes of them."""


def draft(
    shelf: Shelf,
    assessed: Assessment,
    *,
    agent: str,
    suspended: Suspended,
    knowledge: Knowledge,
    own_answers: Knowledge = NOTHING_KNOWN,
) -> Drafted:
    """Answers to choose from, different in kind, best first.

    agent: signs them, where the channel signs; without one they are signed as the channel says. knowledge: fills the
    slots that it has an answer for. own_answers: what was answered to like messages; one draft at most is from there.
    """
    job = _Job(shelf.book, assessed, Filling(knowledge, assessed), agent)
    drafts: list[Draft] = []
    chosen: list[Play] = []
    for fit, facts in _in_order(shelf, job, suspended):
        if any(_is_like(fit.play, play) for play in chosen):
            continue
        rendered = job.draft(fit, facts)
        if rendered is None or any(_clash(fit.play, rendered, *other) for other in zip(chosen, drafts, strict=True)):
            continue
        drafts.append(job.with_private(rendered, fit, facts))
        chosen.append(fit.play)
        if len(drafts) == MOST_CANDIDATES:
            break
    likeness = shelf.memory.likeness(job.message.text) if chosen else {}
    offers = {play.reference: _offer(play, likeness) for play in chosen}
    own = job.own(own_answers)
    if own is not None and own.play not in suspended() and all(own.text != other.text for other in drafts):
        # A third one at most: a play was agreed upon, this was said once.
        drafts.insert(MOST_DRAFTS - 1, own)
        offers[own.play] = Offer("answer", likeness=own.score, marked_as=OWN_ANSWER)
    return Drafted(tuple(drafts), job.question(), offers, job.matter)


def _offer(play: Play, likeness: Mapping[str, float]) -> Offer:
    return Offer(
        play.manner.approach,
        play.when.intents,
        play.rank.is_fallback,
        play.manner.tone == "cheerful",
        likeness.get(play.id, 0.0),
        marked_as=play.rank.marked_as or play.id,
    )


def explain(shelf: Shelf, assessed: Assessment, *, suspended: Suspended) -> list[PlayScore]:
    """Every play that comes into question, best first, with the parts of its score."""
    job = _Job(shelf.book, assessed, Filling(NOTHING_KNOWN, assessed))
    fits = _in_order(shelf, job, suspended, all_of_them=True)
    return [PlayScore(fit.play.reference, fit.score, fit.parts) for fit, _ in fits]


def _in_order(
    shelf: Shelf, job: "_Job", suspended: Suspended, *, all_of_them: bool = False
) -> Iterator[tuple[Fit, Situation]]:
    """The best play, then the best ones for what else the message may mean, then whatever is not far behind."""
    if job.decision.action is Action.IGNORE:
        return
    if job.is_foreign:
        yield from _in_their_language(shelf, job, suspended)
        return
    index, is_last = _in_use(shelf, suspended)
    if job.assessed.is_sober:
        index = index.without_playful()
    fits = _best(index, shelf, job, all_of_them=all_of_them)
    if not is_last:
        yield from fits
        return
    listed = list(fits)
    yield from sorted(listed, key=lambda fit: fit[0].play.reference in is_last)


def _in_their_language(shelf: Shelf, job: "_Job", suspended: Suspended) -> Iterator[tuple[Fit, Situation]]:
    """The plays in the customer's language. That somebody speaks it is said only where a team does."""
    language, policy = job.facts.foreign, shelf.book.policy
    spoken = job.decision.team == policy.teams.speakers.get(language)
    kept, is_last = _kept(shelf, suspended)
    plays = [play for play in kept if play.manner.language == language and job.decision.action in play.actions]
    plays.sort(key=lambda play: (play.reference in is_last, play.manner.approach != HAND_OVER, play.id))
    for play in plays:
        if (spoken or play.manner.approach != HAND_OVER) and play.when.holds_but_for_intent(job.facts):
            yield Fit.of(play, ("language", 1.0)), job.facts


def _in_use(shelf: Shelf, suspended: Suspended) -> tuple[Index, frozenset[str]]:
    """The plays to choose from, and those that come last."""
    kept, is_last = _kept(shelf, suspended)
    return (Index.of(kept) if is_last else shelf.index), is_last


def _kept(shelf: Shelf, suspended: Suspended) -> tuple[Sequence[Play], frozenset[str]]:
    """The plays that people have not rejected, and those that come last.

    What is sensitive or dangerous always has its play: such a one comes last at worst.
    """
    wanted = shelf.book.rejected_plays
    rejected = suspended() if wanted != "show" else frozenset()
    if not rejected:
        return shelf.offered, rejected
    kept = [
        play
        for play in shelf.offered
        if wanted == "last"
        or play.reference not in rejected
        or play.manner.is_offline
        or Action.ESCALATE in play.actions
    ]
    return kept, rejected


def _best(index: Index, shelf: Shelf, job: "_Job", *, all_of_them: bool) -> Iterator[tuple[Fit, Situation]]:
    asked = Asked(
        job.classification,
        job.facts,
        job.decision,
        likeness=shelf.memory.likeness(job.message.text),
        used=plays_of(job.thread),
        premises=job.premises,
        step=job.matter.step,
    )
    fits = rank(index, asked)
    meant = others(index, asked, interpretations(job.facts, job.classification, shelf.book.policy))
    # Where nothing particular can be said, a guess may come first that does no harm when it is wrong; in the middle
    # of a conversation, or in somebody else's, it would be read as not having listened.
    may_guess = job.facts.thread == "first" and SEVERAL_NAMED not in job.facts.cues
    if may_guess and says_little(fits) and meant and not job.facts.is_upset and is_worth_guessing(*meant[0]):
        yield meant[0]
    elif not fits:
        return
    yield from ((fit, job.facts) for fit in fits[:1])
    yield from ((fit, facts) for fit, facts in meant if fit.score >= WORTH_OFFERING)
    close = fits[0].score - WORTH_SHOWING if fits else 0.0
    yield from ((fit, job.facts) for fit in fits[1:] if all_of_them or fit.score >= close or fit.play.premises.lacks)


def _clash(play: Play, draft: Draft, other: Play, beside: Draft) -> bool:
    """Whether one of two drafts is for somebody glad and the other apologises: one of them has misread the mood."""
    return (_is_glad(play) and APOLOGY.is_in(beside.text)) or (_is_glad(other) and APOLOGY.is_in(draft.text))


def _is_glad(play: Play) -> bool:
    return play.manner.tone == "cheerful" or play.manner.approach in ("thank", "close")


def _is_like(play: Play, other: Play) -> bool:
    """Whether one would do what the other does: the same kind of answer about the same matters, or about any.

    Words that fit whatever it is about stand in the way of no play for what it may be about.
    """
    if play.manner.approach != other.manner.approach or play.rank.is_fallback != other.rank.is_fallback:
        return False
    return not play.when.intents or play.when.intents == other.when.intents


@dataclass(frozen=True)
class _Job:
    """One message being answered. What all plays need of it is worked out once, when the first one asks."""

    book: Book
    assessed: Assessment
    filling: Filling
    agent: str = ""

    @property
    def message(self) -> Message:
        return self.assessed.message

    @property
    def classification(self) -> Classification:
        return self.assessed.classification

    @property
    def thread(self) -> tuple[Turn, ...]:
        return self.assessed.thread

    @property
    def facts(self) -> Situation:
        return self.assessed.situation

    @property
    def decision(self) -> Decision:
        return self.assessed.decision

    @property
    def rules(self) -> ChannelRules:
        return self.book.channel(self.message.origin.channel)

    @property
    def is_foreign(self) -> bool:
        """Written in another language than ours, and safe to leave to somebody who speaks it."""
        return not self.classification.is_in(self.book.voice.language) and not self.facts.is_flagged

    def draft(self, fit: Fit, facts: Situation) -> Draft | None:
        """Render the best wording of a play that fits the channel, or None. facts: the reading that it answers."""
        play = fit.play
        if play.handed_to and reachable(self.book.policy, play.handed_to) is None:
            return None
        if any(self.filling.has(slot) for slot in play.premises.lacks):
            return None
        values, words = self._values(play, facts)
        for is_short in (False, True):
            for section in self._variants(play, play.wordings(words, is_short=is_short)):
                text, missing, sources = self._filled(section, values)
                if text:
                    return Draft(
                        play=play.reference,
                        text=text,
                        missing=missing,
                        sources=(*sources, *self.filling.beside(section.body.slots)),
                        lacks=self.filling.lacks((*missing, *play.premises.lacks)),
                        score=round(fit.score, 4),
                        title=play.title,
                        is_offline=play.manner.is_offline,
                        handed_to=play.handed_to,
                        **self._promised(section, text),
                    )
        return None

    def own(self, answers: Knowledge) -> Draft | None:
        """A draft of what was answered to a like message, marked as such; None where nothing is like it."""
        if answers is NOTHING_KNOWN or self.is_foreign or self.decision.action is Action.IGNORE:
            return None
        hit = found_for(self.assessed, self.premises, answers)
        if hit is None:
            return None
        body, missing = with_told(hit.passage.text, self._told)
        text = self._whole(body, opens_with_slot=body.startswith("[["))
        if not self._is_short_enough(text) or self._was_said(text):
            return None
        source = Source(hit.passage.place, hit.passage.title, hit.passage.text, hit.score)
        return Draft(
            play=reference_of(hit.passage.text),
            text=text,
            missing=missing,
            score=hit.score,
            title=hit.passage.title,
            sources=(source,),
        )

    def with_private(self, draft: Draft, fit: Fit, facts: Situation) -> Draft:
        """The draft with what its play says in private, where the answer to a public message can go there."""
        if not self.message.is_public or not self.rules.pointer:
            return draft
        private = self._private.draft(fit, facts)
        if private is None or private.text == draft.text:
            return draft
        promised = draft if draft.promise else private
        return replace(
            draft,
            private_text=private.text,
            promise=promised.promise,
            promised_at=promised.promised_at,
            sources=tuple(dict.fromkeys((*draft.sources, *private.sources))),
        )

    @cached_property
    def _private(self) -> "_Job":
        message = replace(self.message, visibility=Visibility.PRIVATE)
        return replace(self, assessed=replace(self.assessed, message=message))

    def _filled(
        self, section: Section, values: Mapping[str, str | bool]
    ) -> tuple[str, tuple[str, ...], tuple[Source, ...]]:
        """The text with as much of what we know as the channel takes, its open slots and sources; "" for none."""
        for filled in self.filling.fillings(section.body.slots):
            text, missing = self._render(section, values, filled)
            if text and self._is_short_enough(text) and not self._was_said(text):
                return text, missing, filled.sources
        return "", (), ()

    def _promised(self, section: Section, text: str) -> dict[str, Any]:
        """The hour that a text quotes, where its play quotes one."""
        words = str(self._given["promise"])
        if "promise" not in section.body.slots or words not in text:
            return {}
        return {"promise": words, "promised_at": self._promise_now}

    def question(self) -> str:
        """What a person has to settle before anything can be drafted."""
        if self.decision.action is Action.IGNORE:
            return "Nothing here asks for an answer. Dismiss it?"
        if self.facts.danger.risks:
            named = ", ".join(sorted(kind.replace("_", " ") for kind in self.facts.danger.risks))
            return f"It may speak of what cannot wait ({named}). What does a person say to it?"
        if self.is_foreign:
            language = self.classification.language
            return f"It is written in another language ({language}) than our plays. Who can answer it?"
        intent = self.facts.labels.intent
        if intent is None or not self.facts.labels.is_sure:
            return "What does this customer want from us? No play fits until a label is chosen."
        return f"What should we say about {intent.replace('_', ' ')} here? The playbook has no play for it."

    def _variants(self, play: Play, sections: list[Section]) -> list[Section]:
        """Variants in an order of their own for each message: the same message always gets the same text."""
        if len(sections) < 2:
            return sections
        digest = hashlib.sha256(f"{self.message.id}\0{play.id}".encode()).digest()
        start = int.from_bytes(digest[:4], "big") % len(sections)
        return sections[start:] + sections[:start]

    def _is_short_enough(self, text: str) -> bool:
        longest = self.rules.longest(self.message.visibility)
        return length_of(text, counted_as=self.rules.counted_as) <= longest

    def _was_said(self, text: str) -> bool:
        return any(not turn.by_customer and turn.text.strip() == text for turn in self.thread)

    @cached_property
    def _told_now(self) -> Mapping[str, str]:
        """What the customer tells us in this message, by kind."""
        if self.facts.is_flagged:
            return {}
        spans = (*self.message.masking.spans, *self.classification.sensitive.spans)
        return values_in(self.message, self.classification.entities, spans)

    @cached_property
    def _told(self) -> Mapping[str, str]:
        """What the customer has told us, by kind, in this message or before."""
        return {} if self.facts.is_flagged else {**known_before(self.thread), **self._told_now}

    @cached_property
    def matter(self) -> Matter:
        """How far the matter has come."""
        return matter_of(self.assessed, self.book.slots.facts, given_now=self._told_now, premises=self.premises)

    @cached_property
    def premises(self) -> frozenset[str]:
        """What a play may assume here."""
        return premises_of(self.assessed, self._told)

    @cached_property
    def _shown(self) -> frozenset[str]:
        """Cues in this message and in what the customer said and sent before."""
        policy = self.book.policy
        theirs = [turn for turn in self.thread if turn.by_customer]
        said = (policy.cues_in(turn.text) for turn in theirs)
        return self.facts.cues.union(*said, *(cues_of_files(turn.attachments) for turn in theirs))

    @property
    def _clock(self) -> ServiceClock:
        return self.book.policy.clock(self.message.origin.channel)

    @cached_property
    def _promise_now(self) -> datetime:
        is_always = self.decision.is_always
        return self._clock.promise_now(
            self.assessed.now, self.message.received_at, self.facts.labels.urgency, is_always=is_always
        )

    @cached_property
    def _given(self) -> Mapping[str, str | bool]:
        """The values that are the same for every play."""
        book, message, facts = self.book, self.message, self.facts
        safe = book.reach.safe_channels[0] if book.reach.safe_channels else None
        return {
            **self._told,
            "name": first_name(message.author, book.slots.not_names),
            "brand": book.brand.name,
            "agent": self.agent,
            "promise": say_by(self._promise_now, now=self.assessed.now, zone=self._clock.hours.zone),
            "private_channel": self.rules.private_channel,
            "safe_channel": safe.say if safe else "",
            "safe_link": safe.link if safe else "",
            "phone": book.brand.phone,
            "care_email": book.brand.care_email,
            "case_number": book.brand.case_number,
            "emergency": book.brand.emergency,
            "public": message.is_public,
            "private": not message.is_public,
            "follow_up": facts.thread == "follow_up",
            "apologised": any(not turn.by_customer and APOLOGY.is_in(turn.text) for turn in self.thread),
            "flagged": facts.is_flagged,
            "pictured": PHOTO in self._shown,
            "given": self._given_words,
            "tried": listed(list(self.matter.tried)),
        }

    @property
    def _given_words(self) -> str:
        """What they gave us in this message, as an answer names it; in public a number that is theirs alone is not."""
        hidden = _THEIRS if self.message.is_public else {}
        given = self.matter.given_now
        named = [kind for kind, premise in _NAMED.items() if kind in given and premise in self.premises]
        return listed([hidden.get(kind, given[kind]) for kind in named])

    def _values(self, play: Play, facts: Situation) -> tuple[dict[str, str | bool], frozenset[str]]:
        book = self.book
        unknown = [fact for name in play.needs if not self._is_told(fact := book.slots.facts[name])]
        asked = asked_before(self.thread, unknown)
        to_ask = [fact for fact in unknown if fact.name not in asked]
        mood = "upset" if facts.is_upset else (
            "happy" if facts.labels.sentiment in ("positive", "very_positive") else "calm")  # fmt: skip
        knowledge = "known" if not unknown else "unknown" if to_ask else "waiting"
        page = book.slots.pages.get(play.manner.page or "")
        values = {
            **self._given,
            "ask": listed([fact.ask for fact in to_ask]),
            "asked": listed([fact.ask for fact in unknown if fact.name in asked]),
            "link": page.url if page else "",
            "upset": mood == "upset",
            "happy": mood == "happy",
            "known": knowledge == "known",
            "waiting": knowledge == "waiting",
        }
        place = "public" if self.message.is_public else "private"
        words = {place, mood, knowledge, "follow-up" if facts.thread == "follow_up" else "first"}
        if self.matter.step:
            words.add(self.matter.step.value)
        if self.message.origin.channel == "email":
            words.add("email")
        return values, frozenset(words)

    def _is_told(self, fact: Fact) -> bool:
        """Whether the customer has told us, in this message or before."""
        return bool(fact.entity and fact.entity in self._told) or not fact.cues.isdisjoint(self._shown)

    def _render(
        self, section: Section, values: Mapping[str, str | bool], filled: Filled
    ) -> tuple[str, tuple[str, ...]]:
        raw, missing = section.body.render({**values, **filled.values})
        paragraphs = [" ".join(part.split()) for part in _PARAGRAPH.split(raw)]
        body = self._paragraphs([part for part in paragraphs if part])
        if not body:
            return "", ()
        body = self._paragraphs([self._elsewhere, body]) if self._elsewhere else body
        body = joined(body, filled.sources, is_continued=self._opening.endswith(" "))
        return self._whole(body, opens_with_slot=section.body.opens_with_slot), missing

    def _whole(self, body: str, *, opens_with_slot: bool) -> str:
        """A body with the greeting and the ending of the channel."""
        if self.is_foreign:
            return body  # greeting and signature are in the playbook's language
        if self._opening.endswith(" ") and not opens_with_slot:
            body = _lowered(body)
        ending = self.rules.sign_off.replace("{agent}", self.agent) if self.agent else self.rules.unsigned
        return self._opening + body + ending

    def _paragraphs(self, paragraphs: list[str]) -> str:
        return ("\n\n" if "\n" in self.rules.greeting else " ").join(paragraphs)

    @cached_property
    def _elsewhere(self) -> str:
        """What we say of the customer's other open case; in public, later in a conversation, and to who does not read
        our language, nothing."""
        words, others = self.book.voice.elsewhere, self.assessed.elsewhere
        if not others or self.is_foreign or self.message.is_public or self.facts.thread != "first":
            return ""
        since = others[0].since.astimezone(ZoneInfo(self._clock.hours.zone))
        day = f"{since.day} {since:%B}" if self.book.voice.language == "en" else f"{since:%Y-%m-%d}"
        return words.replace("{channel}", others[0].channel.replace("_", " ")).replace("{day}", day)

    @cached_property
    def _opening(self) -> str:
        # In a running conversation nobody says hello twice; a letter always opens with its salutation.
        if self.facts.thread == "follow_up" and "\n" not in self.rules.greeting:
            return ""
        name = str(self._given["name"])
        return self.rules.greeting.replace("{name}", name) if name else self.rules.unnamed


def _lowered(body: str) -> str:
    """Lower the first letter after "Hi Ana, " unless the word keeps its capital."""
    word = body.split(" ", 1)[0]
    if word == "I" or word.startswith(("I'", "I’")) or not word[1:].islower():
        return body if word != "A" else "a" + body[1:]
    return body[0].lower() + body[1:]
