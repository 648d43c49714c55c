"""Laws that hold for every draft, on ten thousand generated messages: open slots, names, promises, sensitive values."""

import random
import re

from care.classification import Candidate, Classification, Entity, Judgement
from care.hours import say_by
from care.message import Author, Masking, Message, Origin, Turn, Visibility
from care.sensitive import Handling, Redaction, SensitiveSpan
from playbook.lengths import length_of
from playbook.slots import first_name
from tests.playbook.builders import MONDAY, drafter, ours, the_book, theirs
from tests.playbook.test_templates import INJECTIONS

N_CASES = 10_000
NAMES = (
    None,
    "Ana Lopez",
    "peter",
    "MARIA",
    "Jean-Luc",
    "Zoë",
    "115712",
    "xX_dark_Xx",
    "The Garden Guy",
    "Angry Bob",
    "🔥",
    "",
)
SECRETS = (
    "4111 1111 1111 1111",
    "5555555555554444",
    "DE89370400440532013000",
    "078-05-1120",
    "hunter2!secret",
    "480193",
)
WORDS = (
    "where is my order",
    "refund",
    "my card was charged twice",
    "please call me",
    "it arrived broken",
    "how do I",
    "thank you",
    "my lawyer",
    "the lamp smells of smoke",
    "are you open",
    "cancel it",
    "this is the third time",
    "how much is it",
    "hello",
    "my password",
    "journalist here",
    "delete my data",
    "{{ order_number }}",
    "[[name]]",
    "%s",
    "still waiting",
)
ENTITIES = {
    "order_number": ("LF-204817", "#88123", "4111111111111111", "[order]", "{{7*7}}", "LF 1\n2", "x" * 90),
    "product": ("oak table", "lamp", "{{7*7}}", "http://evil.example", "a\nb", "y" * 200),
    "city": ("Leipzig", "<b>x</b>"),
    "amount": ("129.90 EUR", "$12", "${x}"),
    "date": ("Monday", "%s"),
    "name": ("Karl", "Imani"),
    "parcel_number": ("JD000212345678901234", "1Z999AA10123456784"),
    "time": ("16:30",),
}
PROMISE = re.compile(
    r"(?:we|i)(?:'ll| will| shall) (?:refund|compensate|pay|replace|reimburse|credit)|guarantee|promise|compensation"
    r"|free of charge|full refund|within \d+ |in \d+ (?:days|hours)|money back|legally|we are liable",
    re.IGNORECASE,
)
HOUR = re.compile(r"\bby \d{1,2}:\d{2}")
SLOT = re.compile(r"\[\[(\w+)\]\]")


def generated(n: int, chance: random.Random) -> tuple[Message, Classification, list[Turn], list[str]]:
    """One message with labels, thread and the secrets that were masked in it."""
    book = the_book()
    channel = chance.choice(list(book.channels))
    text = " ".join(chance.choices((*WORDS, *chance.sample(INJECTIONS, 3)), k=chance.randint(0, 6)))
    spans: list[SensitiveSpan] = []
    secrets: list[str] = []
    handling = Handling.ALLOW
    entities: list[Entity] = []
    if chance.random() < 0.25:
        secret = chance.choice(SECRETS)
        secrets.append(secret)
        start = len(text) + 1
        text = f"{text} {secret}"
        handling = chance.choice((Handling.OFFLINE, Handling.MASK))
        spans.append(SensitiveSpan(start, len(text), "payment_card", 0.99, "[payment_card]", handling))
        entities.append(Entity("order_number", secret, start, len(text)))
    masked = text
    for secret in secrets:
        masked = masked.replace(secret, "[payment_card]")
    for kind in chance.sample(sorted(ENTITIES), chance.randint(0, 3)):
        entities.append(Entity(kind, chance.choice(ENTITIES[kind]), 0, 1))
    if chance.random() < 0.02:
        handling, masked = Handling.WITHHELD, "[withheld]"
    rules = book.channel(channel)
    message = Message(
        id=f"msg_{n}",
        origin=Origin(channel=channel, outside_id=str(n), thread_key=str(n), written_at=MONDAY),
        thread_id="t",
        author=Author(f"user{n}", chance.choice((*NAMES, chance.choice(INJECTIONS))), chance.choice((None, 5, 50_000))),
        text=masked,
        visibility=Visibility.PUBLIC if rules.is_public else Visibility.PRIVATE,
        received_at=MONDAY,
        masking=Masking(handling=handling, spans=tuple(spans)),
    )
    intents = list(book.policy.intents)
    first, second = chance.sample(intents, 2)
    score = chance.uniform(0.1, 0.99)
    tasks = {
        "intent": Judgement(first, score, score < 0.4, (Candidate(first, score), Candidate(second, (1 - score) / 2))),
        "sentiment": _sure(chance.choice(("very_negative", "negative", "neutral", "positive", "very_positive"))),
        "urgency": _sure(chance.choice(("low", "normal", "high", "urgent"))),
    }
    thread = chance.sample(
        [
            theirs("my order is LF-111222"),
            ours("I'm sorry. Could you send your order number?"),
            theirs("hello?"),
            ours("I have your message and am looking into it."),
        ],
        chance.randint(0, 4),
    )
    return (
        message,
        Classification(tasks, Redaction(masked, tuple(spans), handling=handling), tuple(entities)),
        thread,
        secrets,
    )


def _sure(label: str) -> Judgement:
    return Judgement(label, 0.9, False, (Candidate(label, 0.9),))


def test_the_laws_hold_for_ten_thousand_drafted_messages() -> None:
    chance = random.Random(2026)
    book, drafts_made = the_book(), 0
    desk = drafter(agent="Jo")
    for n in range(N_CASES):
        message, classification, thread, secrets = generated(n, chance)
        rules, clock = book.channel(message.origin.channel), book.policy.clock(message.origin.channel)
        urgency = classification.tasks["urgency"].label
        is_flagged = classification.sensitive.handling in (Handling.OFFLINE, Handling.WITHHELD)

        proposal = desk.propose(message, classification, thread=thread, now=MONDAY)

        assert len(proposal.drafts) <= 3
        assert bool(proposal.drafts) != bool(proposal.asks)
        for draft in proposal.drafts:
            drafts_made += 1
            text = draft.text
            where = f"case {n}, {draft.play}: {text!r}"
            # An open slot never passes as complete.
            assert set(SLOT.findall(text)) == set(draft.missing), where
            # The name is the author's own, or none.
            name = first_name(message.author, book.slots.not_names)
            greeted = re.match(r"(?:Hi|Hello) ([^,]+),", text)
            assert (greeted[1] if greeted else "") in (name, ""), where
            assert not re.search(r"\b(?:Karl|Imani)\b", text), where
            # No promise; an hour only if it is the clock's.
            assert not PROMISE.search(text), where
            if HOUR.search(text):
                promised = clock.promise_now(MONDAY, message.received_at, urgency)
                assert say_by(promised, now=MONDAY, zone=clock.hours.zone) in text, where
            # Nothing sensitive comes back, whole or in part.
            for secret in secrets:
                assert secret not in text, where
                assert re.sub(r"\D", "", secret)[-4:] not in re.sub(
                    r"JD\d+|1Z\w+|LF-\d+|#\d+|030 5550 0120|112", "", text
                ) or (not re.search(r"\d{4}", secret)), where
            assert "[payment_card]" not in text, where
            # Nothing was evaluated, nothing of the template is left.
            assert not re.search(r"\{[{%#]|[%#}]\}|\b49\b|__class__|<script|\bNone\b|[\ue000\ue001]", text), where
            assert length_of(text, counted_as=rules.counted_as) <= rules.limit, where
            assert draft.is_offline is is_flagged, where
            assert sum(not turn.by_customer and "sorry" in turn.text for turn in thread) == 0 or not re.search(
                r"\b(?:sorry|apolog)", text, re.IGNORECASE
            ), where
    assert drafts_made > N_CASES


def test_the_same_message_gives_the_same_proposal() -> None:
    chance = random.Random(7)
    desk = drafter()

    for n in range(200):
        message, classification, thread, _ = generated(n, chance)

        first = desk.propose(message, classification, thread=thread, now=MONDAY)
        assert first == desk.propose(message, classification, thread=thread, now=MONDAY)


def test_no_injection_as_name_and_text_is_ever_evaluated() -> None:
    desk = drafter()
    for n, injection in enumerate(INJECTIONS):
        message = Message(
            id=f"msg_{n}",
            origin=Origin(channel="chat", outside_id=str(n), thread_key=str(n), written_at=MONDAY),
            thread_id="t",
            author=Author("a", injection),
            text=injection,
            visibility=Visibility.PRIVATE,
            received_at=MONDAY,
        )
        asked = Classification(
            {"intent": _sure("order_status")}, Redaction(injection), (Entity("product", injection, 0, len(injection)),)
        )
        for draft in desk.propose(message, asked, now=MONDAY).drafts:
            assert not re.search(r"\b49\b|7777777|__class__|uid=", draft.text.replace(injection, "")), injection
