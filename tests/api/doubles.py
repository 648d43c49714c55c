"""Stand-ins for the rooms this door does not test: classifier, playbook, tone check and queue, without any files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from care.channel_rules import ChannelRules
from care.classification import Candidate, Classification, Entity, Evidence, Judgement
from care.decision import Action
from care.hours import ServiceClock, Window
from care.journey import Journey
from care.message import Turn, Visibility
from care.mood import UPSET_MOODS
from care.policy import EscalationStep, IntentLine, Policy, Teams, Weights
from care.ports import Assessment, Drafted
from care.reply import Draft, Finding, ToneReport, Verdict
from care.sensitive import WITHHELD_TEXT, Handling, Redaction, SensitiveSpan
from channels.rehearsal import RehearsalChannel
from store.work import SqlStore
from tests.doubles import StubPlaybook, always

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
CARD = re.compile(r"\b(?:\d[ -]?){15}\d\b")


@dataclass
class FixedClock:
    """Stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class CardRedactor:
    """Masks 16 digits in a row and nothing else."""

    def redact(self, text: str, *, before: str | None = None, is_public: bool | None = None) -> Redaction:
        if "BREAK THE DETECTOR" in text:
            raise RuntimeError("the detector broke")
        match = CARD.search(text)
        if match is None:
            return Redaction(text=text)
        digits = re.sub(r"\D", "", match.group())
        replacement = f"[payment card {digits[-4:]}]"
        span = SensitiveSpan(match.start(), match.end(), "payment_card", 1.0, replacement, Handling.OFFLINE)
        masked = text[: match.start()] + replacement + text[match.end() :]
        return Redaction(text=masked, spans=(span,), handling=Handling.OFFLINE)


@dataclass
class WordClassifier:
    """Looks for single words."""

    bundle_id: str = "test-bundle"
    labels: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            "intent": ("billing_problem", "delivery_problem", "order_status", "praise", "small_talk"),
            "sentiment": ("very_negative", "negative", "neutral", "positive", "very_positive"),
            "urgency": ("low", "normal", "high", "urgent"),
        }
    )

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        low = text.lower()
        intent, score = ("small_talk", 0.41)
        for word, label, how_sure in (
            ("charged", "billing_problem", 0.97),
            ("parcel", "delivery_problem", 0.83),
            ("order", "order_status", 0.91),
            ("love", "praise", 0.96),
        ):
            if word in low:
                intent, score = label, how_sure
                break
        at = next((low.find(word) for word in ("charged", "parcel", "order", "love") if word in low), -1)
        evidence = (Evidence(at, at + 7, 0.8),) if at >= 0 else ()
        others = tuple(
            Candidate(label, round((1 - score) * share, 2))
            for label, share in (("order_status", 0.6), ("small_talk", 0.2))
            if label != intent
        )
        upset = any(word in low for word in ("charged", "still", "why", "broken"))
        order = re.search(r"\b[A-Z]{2}-\d{5}\b", text)
        return Classification(
            tasks={
                "intent": Judgement(intent, score, score < 0.6, (Candidate(intent, score), *others), (), evidence),
                "sentiment": Judgement(
                    "very_negative" if upset else "neutral",
                    0.78 if upset else 0.66,
                    False,
                    (Candidate("negative", 0.16),),
                ),
                "urgency": Judgement(
                    "high" if upset else "normal", 0.88, False, (), ("money_taken",) if "charged" in low else ()
                ),
            },
            sensitive=Redaction(text=text),
            entities=(Entity("order_number", order.group(), order.start(), order.end()),) if order else (),
            bundle=self.bundle_id,
        )

    def classify_many(self, texts: Sequence[str], **_: object) -> list[Classification]:
        return [self.classify(text) for text in texts]


CHANNELS = {
    "x": ChannelRules(
        "x", True, 280, "graphemes", 10, "a private message", "Hi {name}, ", "", "", "", account="@tactful_care"
    )
}
POINTER = "We have just answered you in a direct message."
POINTING = {"x": replace(CHANNELS["x"], pointer=POINTER, private_limit=1000, sign_off=" ^{agent}")}
"""A channel that takes a private answer to a public message, and signs."""
POLICY = Policy(
    intents={
        "billing_problem": IntentLine("complaint", "billing", Action.ANSWER_PUBLIC),
        "praise": IntentLine("praise", "service", Action.ANSWER_PUBLIC),
    },
    fallback=IntentLine("question", "service", Action.ANSWER_PUBLIC),
    rules=(),
    cues=(),
    weights=Weights({"high": 40, "normal": 15}, reach=((1000, 5),)),
    clocks={
        "*": ServiceClock(
            always(60).hours,
            {
                "high": Window(promise=timedelta(hours=4), target=timedelta(minutes=25)),
                "*": Window(promise=timedelta(hours=4), target=timedelta(minutes=140)),
            },
        )
    },
    teams=Teams(offline_team="billing"),
)


@dataclass
class PlainPlaybook(StubPlaybook):
    """Three drafts for most messages, one question for small talk, an offline draft for what is flagged."""

    version: str = "book"
    channels: Mapping[str, ChannelRules] = field(default_factory=lambda: CHANNELS)
    asked: str = ""
    not_after: frozenset[str] = frozenset()
    steps: Mapping[str, tuple[EscalationStep, ...]] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return replace(POLICY, steps=self.steps)

    @property
    def question(self) -> str:
        return self.asked or super().question

    def may_ask(self, *, kinds: Sequence[str], is_sensitive: bool, thread: Sequence[Turn]) -> bool:
        if self.agreed is not None:
            return self.agreed.may_ask(kinds=kinds, is_sensitive=is_sensitive, thread=thread)
        return bool(self.asked) and not is_sensitive and not self.not_after.issuperset(kinds)

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        message, classification = assessed.message, assessed.classification
        intent = classification.tasks["intent"].label
        name = (message.author.name or message.author.handle).split()[0]
        if message.masking.handling is not Handling.ALLOW:
            text = (
                f"Hi {name}, thanks for telling us. Please delete your post, as it shows private details, and write to "
                "us at care@example.com. We will sort it out there today."
            )
            offline = Draft("move-offline@77aa01c2", text, title="Move to a safe channel", is_offline=True, score=0.9)
            return Drafted((offline,), "")
        if intent == "small_talk":
            return Drafted((), "Is this a question about an order, or just small talk?")
        rules = self.channels.get(message.origin.channel)
        is_pointing = message.is_public and rules is not None and bool(rules.pointer)
        sorry = f"Hi {name}, I am sorry about this. I have opened your account and am looking into it right now. "
        number = next(
            (entity.value for entity in classification.entities if entity.kind == "order_number"), "[[order_number]]"
        )
        drafts = (
            Draft(
                "look-into-it@3f2a91c0",
                sorry + f"Your order {number} is with our team; you will hear from me today.",
                missing=() if number[0] != "[" else ("order_number",),
                title="Look into it",
                score=0.8,
                private_text=sorry + f"Here, where only we read: {number} is with our team." if is_pointing else "",
            ),
            Draft(
                "ask-for-facts@1b2c3d4e",
                f"Hi {name}, could you tell me the e-mail address on the order? Then I can help at once.",
                title="Ask for what is missing",
                score=0.6,
            ),
            Draft(
                "explain@99aa88bb",
                f"Hi {name}, no worries lol, these things happen!",
                title="Explain",
                score=0.3,
            ),
        )
        return Drafted(drafts, "")


class WordTone:
    """Stops "stupid", warns of "lol", of "great" to who is upset, and of "some day" to who cannot wait."""

    def check(
        self,
        text: str,
        *,
        channel: str,
        to: str | None = None,
        mood: str | None = None,
        urgency: str | None = None,
        visibility: Visibility | None = None,
    ) -> ToneReport:
        for word, verdict in (("stupid", Verdict.STOP), ("lol", Verdict.WARN)):
            at = text.find(word)
            if at >= 0:
                finding = Finding(
                    "rude" if word == "stupid" else "slang", at, at + len(word), f"“{word}” does not fit here.", ""
                )
                return ToneReport(verdict, 0.1, (finding,))
        for word, is_amiss in (("great", mood in UPSET_MOODS), ("some day", urgency == "high")):
            at = text.find(word)
            if at >= 0 and is_amiss:
                return ToneReport(Verdict.WARN, 0.4, (Finding("amiss", at, at + len(word), f"Not “{word}” now.", ""),))
        return ToneReport(Verdict.SEND, 0.97)


@dataclass
class CountingQueue:
    """Remembers what was rung; away when told so."""

    rung: list[tuple[str, str]] = field(default_factory=list)
    is_away: bool = False

    def ring(self, job: str, id: str) -> bool:
        self.rung.append((job, id))
        return not self.is_away

    def is_reachable(self) -> bool:
        return not self.is_away

    def lengths(self) -> dict[str, int]:
        return {} if self.is_away else {"prepare": len([job for job, _ in self.rung if job == "prepare"])}


def a_journey(store: SqlStore, clock: FixedClock, *, undo_s: float = 10) -> Journey:
    return Journey(
        store=store,
        channels={
            "webhook": RehearsalChannel("webhook", False, (SECRET,)),
            "x": RehearsalChannel("x", True, (SECRET,)),
            "email": RehearsalChannel("email", False, (SECRET,)),
        },
        redactor=CardRedactor(),
        classifier=WordClassifier(),
        playbook=PlainPlaybook(),
        tone=WordTone(),
        queue=CountingQueue(),
        clock=clock,
        undo_s={"*": undo_s},
    )


__all__ = ["CARD", "NOON", "SECRET", "WITHHELD_TEXT", "CountingQueue", "FixedClock", "a_journey"]
