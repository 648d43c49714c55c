"""Decide and draft: choose the plays that fit, fill what is known, leave open what is not, check the tone."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from care.classification import Classification
from care.decision import Action, Decision
from care.message import Message, Turn
from care.policy import Situation, decide_for, situation
from care.ports import Proposal, ToneChecker
from care.reply import Draft, Verdict
from playbook.book import Playbook
from playbook.parts import ChannelRules, Fact
from playbook.plays import Play, Section
from playbook.ranking import Fit, rank
from playbook.shelf import Shelf as Shelf
from playbook.slots import asked_before, first_name, known_before, values_in
from playbook.wording import APOLOGY, listed
from playbook.workshop import Workshop

MOST_DRAFTS = 3
# A second or third draft is worth an agent's glance only while it is not far behind the first.
WORTH_SHOWING = 1.4
_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class PlaybookDrafter:
    """care.ports.Drafter over a playbook. Pure but for `shelf`, which may hand out a newer playbook.

    shelf: gives the playbook to use; asked once per proposal, so that one proposal never mixes two versions.
    agent: signs the drafts, where the channel signs; without one a draft is signed as the channel says.
    """

    shelf: Callable[[], Shelf]
    tone: ToneChecker
    agent: str = ""

    @property
    def playbook(self) -> Playbook:
        return self.shelf().book

    def workshop(self) -> Workshop:
        """The playbook in use, for those who mend it."""
        return Workshop(self.shelf().book, self, self.tone)

    def propose(
        self, message: Message, classification: Classification, *, thread: Sequence[Turn] = (), now: datetime
    ) -> Proposal:
        """Decide what to do and draft at most three answers, different in kind, or ask one question."""
        shelf = self.shelf()
        facts = situation(message, classification, shelf.book.policy, thread=thread, now=now)
        decision = decide_for(facts, message, shelf.book.policy, thread=thread, now=now)
        job = _Job(shelf.book, message, classification, tuple(thread), facts, decision, now, self.agent)
        drafts: list[Draft] = []
        shown: set[tuple[str, bool]] = set()
        for fit in self._fits(shelf, job):
            # Words that fit whatever it is about do not stand in the way of a play for what it may be about.
            kind = (fit.play.approach, fit.play.is_fallback)
            if kind in shown or (drafts and fit.score < drafts[0].score - WORTH_SHOWING):
                continue
            draft = job.draft(fit)
            if draft is None:
                continue
            drafts.append(self._checked(draft, job))
            shown.add(kind)
            if len(drafts) == MOST_DRAFTS:
                break
        drafts.sort(key=lambda draft: draft.tone.verdict is Verdict.STOP)
        asks = None if drafts else job.question()
        return Proposal(decision=decision, drafts=tuple(drafts), asks=asks, playbook=shelf.book.version)

    def explain(
        self, message: Message, classification: Classification, *, thread: Sequence[Turn] = (), now: datetime
    ) -> list[Fit]:
        """Every play that came into question, best first, with the parts of its score."""
        shelf = self.shelf()
        facts = situation(message, classification, shelf.book.policy, thread=thread, now=now)
        decision = decide_for(facts, message, shelf.book.policy, thread=thread, now=now)
        return self._fits(
            shelf, _Job(shelf.book, message, classification, tuple(thread), facts, decision, now, self.agent)
        )

    def _fits(self, shelf: Shelf, job: "_Job") -> list[Fit]:
        if job.decision.action is Action.IGNORE or job.is_foreign:
            return []
        return rank(
            shelf.book.plays,
            text=job.message.text,
            classification=job.classification,
            situation=job.facts,
            decision=job.decision,
            thread=job.thread,
            memory=shelf.memory,
        )

    def _checked(self, draft: Draft, job: "_Job") -> Draft:
        report = self.tone.check(
            draft.text,
            channel=job.message.channel,
            to=job.message.text,
            mood=job.facts.sentiment,
            urgency=job.facts.urgency,
        )
        return replace(draft, tone=report)


@dataclass(frozen=True, slots=True)
class _Job:
    """One message being answered."""

    book: Playbook
    message: Message
    classification: Classification
    thread: tuple[Turn, ...]
    facts: Situation
    decision: Decision
    now: datetime
    agent: str

    @property
    def rules(self) -> ChannelRules:
        return self.book.channel(self.message.channel)

    @property
    def is_foreign(self) -> bool:
        """Written in another language than ours, and safe to leave to somebody who speaks it."""
        return self.classification.language != self.book.voice.language and not self.facts.is_flagged

    def draft(self, fit: Fit) -> Draft | None:
        """Render the best wording of a play that fits the channel, or None."""
        values, words = self._values(fit.play)
        for is_short in (False, True):
            for section in self._in_order(fit.play, fit.play.wordings(words, is_short=is_short)):
                text, missing = self._render(section, values)
                if text and self.rules.length(text) <= self.rules.limit and not self._was_said(text):
                    return Draft(
                        play=fit.play.reference,
                        text=text,
                        missing=missing,
                        score=round(fit.score, 4),
                        title=fit.play.title,
                        is_offline=fit.play.is_offline,
                    )
        return None

    def question(self) -> str:
        """What a person has to settle before anything can be drafted."""
        if self.decision.action is Action.IGNORE:
            return "Nothing here asks for an answer. Dismiss it?"
        if self.is_foreign:
            language = self.classification.language
            return f"It is written in another language ({language}) than our plays. Who can answer it?"
        if self.facts.intent is None or not self.facts.is_sure:
            return "What does this customer want from us? No play fits until a label is chosen."
        return f"What should we say about {self.facts.intent.replace('_', ' ')} here? The playbook has no play for it."

    def _in_order(self, play: Play, sections: list[Section]) -> list[Section]:
        """Variants in an order of their own for each message: the same message always gets the same text."""
        if len(sections) < 2:
            return sections
        digest = hashlib.sha256(f"{self.message.id}\0{play.id}".encode()).digest()
        start = int.from_bytes(digest[:4], "big") % len(sections)
        return sections[start:] + sections[:start]

    def _was_said(self, text: str) -> bool:
        return any(not turn.by_customer and turn.text.strip() == text for turn in self.thread)

    def _values(self, play: Play) -> tuple[dict[str, str | bool], frozenset[str]]:
        book, message, facts = self.book, self.message, self.facts
        spans = (*message.spans, *self.classification.sensitive.spans)
        told = {} if facts.is_flagged else values_in(message, self.classification.entities, spans)
        if not facts.is_flagged:
            told = {**known_before(self.thread), **told}
        needed = [book.facts[name] for name in play.needs]
        unknown = [fact for fact in needed if not self._is_told(fact, told)]
        asked = asked_before(self.thread, unknown)
        to_ask = [fact for fact in unknown if fact.name not in asked]
        is_follow_up = facts.thread == "follow_up"
        mood = "upset" if facts.is_upset else (
            "happy" if facts.sentiment in ("positive", "very_positive") else "calm")  # fmt: skip
        knowledge = "known" if not unknown else "unknown" if to_ask else "waiting"
        place = "public" if message.is_public else "private"
        safe = book.safe_channels[0] if book.safe_channels else None
        page = book.pages.get(play.page or "")
        clock = book.policy.clock(message.channel)
        values: dict[str, str | bool] = {
            **told,
            "name": first_name(message.author, book.not_names),
            "brand": book.brand.name,
            "agent": self.agent,
            "promise": clock.promise_text(self.now, message.received_at, facts.urgency),
            "private_channel": self.rules.private_channel,
            "safe_channel": safe.say if safe else "",
            "safe_link": safe.link if safe else "",
            "ask": listed([fact.ask for fact in to_ask]),
            "asked": listed([fact.ask for fact in unknown if fact.name in asked]),
            "link": page.url if page else "",
            "phone": book.brand.phone,
            "care_email": book.brand.care_email,
            "upset": mood == "upset",
            "happy": mood == "happy",
            "public": message.is_public,
            "private": not message.is_public,
            "follow_up": is_follow_up,
            "apologised": any(not turn.by_customer and APOLOGY.search(turn.text) for turn in self.thread),
            "known": knowledge == "known",
            "waiting": knowledge == "waiting",
            "flagged": facts.is_flagged,
        }
        words = {place, mood, knowledge, "follow-up" if is_follow_up else "first"}
        if message.channel == "email":
            words.add("email")
        return values, frozenset(words)

    def _is_told(self, fact: Fact, told: Mapping[str, str]) -> bool:
        """Whether the customer has told us, in this message or before."""
        if fact.entity and fact.entity in told:
            return True
        policy = self.book.policy
        before = (policy.cues_in(turn.text) for turn in self.thread if turn.by_customer)
        return bool(fact.cues) and any(not fact.cues.isdisjoint(cues) for cues in (self.facts.cues, *before))

    def _render(self, section: Section, values: Mapping[str, str | bool]) -> tuple[str, tuple[str, ...]]:
        raw, missing = section.body.render(values)
        paragraphs = [" ".join(part.split()) for part in _PARAGRAPH.split(raw)]
        body = self._paragraphs([part for part in paragraphs if part])
        if not body:
            return "", ()
        opening = self._opening(str(values["name"]), is_follow_up=bool(values["follow_up"]))
        if opening.endswith(" ") and not section.body.opens_with_slot:
            body = _lowered(body)
        ending = self.rules.sign_off.replace("{agent}", self.agent) if self.agent else self.rules.unsigned
        return opening + body + ending, missing

    def _paragraphs(self, paragraphs: list[str]) -> str:
        return ("\n\n" if "\n" in self.rules.greeting else " ").join(paragraphs)

    def _opening(self, name: str, *, is_follow_up: bool) -> str:
        # In a running conversation nobody says hello twice; a letter always opens with its salutation.
        if is_follow_up and "\n" not in self.rules.greeting:
            return ""
        return self.rules.greeting.replace("{name}", name) if name else self.rules.unnamed


def _lowered(body: str) -> str:
    """Lower the first letter after "Hi Ana, " unless the word keeps its capital."""
    word = body.split(" ", 1)[0]
    if word == "I" or word.startswith(("I'", "I’")) or not word[1:].islower():
        return body if word != "A" else "a" + body[1:]
    return body[0].lower() + body[1:]
