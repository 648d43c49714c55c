"""Preparing a message: masked before anything is decided, decided before anything is drafted, checked at the end."""

from dataclasses import dataclass, field
from typing import Any

from care.classification import Classification, Entity
from care.decision import Action
from care.message import Author, Message, Origin, Turn, Visibility
from care.ports import Assessment, Drafted, Offer
from care.preparing import NOTHING_FITS, DraftingTools, Prepared, prepare, with_spans
from care.reply import Draft, Finding, ToneReport, Verdict
from care.sensitive import WITHHELD_TEXT, Handling, Redaction
from tests.doubles import MONDAY, FixedClock, StubClassifier, StubPlaybook, StubRedactor, StubTone, altered

CARD = "4111111111111111"


@dataclass
class Writing(StubPlaybook):
    """Drafts these texts, each of its own play, and remembers what it was given."""

    texts: tuple[str, ...] = ("Hello.",)
    cheerful: frozenset[str] = frozenset()
    given: list[Assessment] = field(default_factory=list)

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        self.given.append(assessed)
        drafts = tuple(Draft(f"{text.rstrip('.').lower()}@1", f"{text}{agent}") for text in self.texts)
        offers = {draft.play: Offer("answer", is_cheerful=draft.play in self.cheerful) for draft in drafts}
        return Drafted(drafts, "What should we say?", offers)


class Reading:
    """Judges a text by a word in it."""

    def __init__(self, **verdicts: ToneReport) -> None:
        self.verdicts = verdicts

    def check(self, text: str, **_: Any) -> ToneReport:
        return next((report for word, report in self.verdicts.items() if word in text), ToneReport(Verdict.SEND, 1.0))


@dataclass
class Judging:
    """Gives each text the chance it is told; half where it is told none."""

    chances: dict[str, float]
    least: float = 0.5

    def chance(self, assessed: Assessment, draft: Draft, offer: Offer) -> float:
        return self.chances.get(draft.text, 0.5)


STOP = ToneReport(Verdict.STOP, 0.1)
FOREIGN = ToneReport(Verdict.WARN, 0.5, (Finding("wrong_language", 0, 1, "The customer reads Spanish."),))


def message(text: str = "Where is my parcel?", **changes: Any) -> Message:
    kept = Message(
        id="m1",
        origin=Origin(channel="x", outside_id="1", thread_key="1", written_at=MONDAY),
        thread_id="t1",
        author=Author("kim"),
        text=text,
        visibility=Visibility.PUBLIC,
        received_at=MONDAY,
    )
    return altered(kept, **changes)


def prepared(text: str = "Where is my parcel?", **given: Any) -> Prepared:
    parts: dict[str, Any] = {
        "classifier": StubClassifier(),
        "playbook": Writing(),
        "tone": StubTone(),
        "clock": FixedClock(),
    }
    parts |= given
    tools = DraftingTools(*(parts.pop(name) for name in ("playbook", "tone", "clock")), judge=parts.pop("judge", None))
    return prepare(message(text), parts.pop("classifier"), tools, **parts)


def texts(ready: Prepared) -> list[str]:
    return [draft.text for draft in ready.drafts]


def test_the_decision_is_the_policys_and_the_playbook_drafts_for_it() -> None:
    playbook = Writing(action=Action.ESCALATE)

    ready = prepared(playbook=playbook)

    assert ready.decision.action is Action.ESCALATE
    assert playbook.given == [ready.assessed]
    assert (ready.assessed.now, ready.playbook, ready.asks) == (MONDAY, "stub", None)


def test_what_comes_unmasked_is_masked_before_anybody_decides_or_drafts() -> None:
    classifier, playbook = StubClassifier(), Writing()
    before = [Turn(f"my card is {CARD}", by_customer=True, at=MONDAY)]

    ready = prepared(f"again: {CARD}", thread=before, classifier=classifier, playbook=playbook, redactor=StubRedactor())

    assert CARD not in playbook.given[0].message.text
    assert CARD not in playbook.given[0].thread[0].text
    assert ready.situation.is_flagged
    assert ready.decision.action is Action.TAKE_OFFLINE


def test_what_could_not_be_checked_is_not_read() -> None:
    classifier = StubClassifier()

    ready = prepare(
        message(WITHHELD_TEXT, handling=Handling.WITHHELD),
        classifier,
        DraftingTools(Writing(), StubTone(), FixedClock()),
    )

    assert classifier.asked == [""]
    assert ready.situation.is_flagged


def test_every_draft_is_checked_for_who_wrote_and_what_a_stop_holds_comes_last() -> None:
    ready = prepared(playbook=Writing(texts=("Rude.", "Kind.")), tone=Reading(Rude=STOP))

    assert [(draft.text, draft.tone.verdict) for draft in ready.drafts] == [
        ("Kind.", Verdict.SEND),
        ("Rude.", Verdict.STOP),
    ]


def test_from_the_first_draft_in_another_language_on_none_is_shown() -> None:
    ready = prepared(playbook=Writing(texts=("One.", "Two.", "Three.")), tone=Reading(Two=FOREIGN))

    assert texts(ready) == ["One."]
    assert prepared(tone=Reading(Hello=FOREIGN)).asks == "What should we say?"


def test_a_cheerful_draft_never_comes_first_because_others_had_to_make_way() -> None:
    cheerful = Writing(texts=("Sober.", "Glad."), cheerful=frozenset({"glad@1"}))

    assert texts(prepared(playbook=cheerful)) == ["Sober.", "Glad."]
    assert texts(prepared(playbook=cheerful, tone=Reading(Sober=STOP))) == ["Sober."]


def test_a_draft_is_signed_by_who_asks_for_it() -> None:
    assert texts(prepared(agent=" Jo")) == ["Hello. Jo"]


def test_the_draft_most_likely_to_be_sent_stands_first_and_an_unlikely_one_is_not_shown() -> None:
    judge = Judging({"One.": 0.6, "Two.": 0.9, "Three.": 0.4})

    ready = prepared(playbook=Writing(texts=("One.", "Two.", "Three.")), judge=judge)

    assert [(draft.text, draft.score) for draft in ready.drafts] == [("Two.", 0.9), ("One.", 0.6)]


def test_of_many_drafts_the_three_likeliest_are_shown() -> None:
    many = Writing(texts=("One.", "Two.", "Three.", "Four.", "Five."))

    judged = prepared(playbook=many, judge=Judging({"Five.": 0.9, "Two.": 0.8, "Four.": 0.7, "One.": 0.6}))

    assert texts(judged) == ["Five.", "Two.", "Four."]
    assert texts(prepared(playbook=many)) == ["One.", "Two.", "Three."]


def test_where_no_draft_is_likely_to_be_sent_a_person_is_asked_instead() -> None:
    ready = prepared(judge=Judging({"Hello.": 0.1}))

    assert texts(ready) == []
    assert ready.asks == NOTHING_FITS


def test_a_stopped_draft_comes_last_however_likely() -> None:
    rude = Writing(texts=("Rude.", "Kind."))

    ready = prepared(playbook=rude, judge=Judging({"Rude.": 0.9, "Kind.": 0.6}), tone=Reading(Rude=STOP))

    assert texts(ready) == ["Kind.", "Rude."]


def test_what_escalates_always_has_its_words() -> None:
    ready = prepared(playbook=Writing(action=Action.ESCALATE), judge=Judging({"Hello.": 0.0}))

    assert texts(ready) == ["Hello."]


class StubSpans:
    def __init__(self, *read: Entity) -> None:
        self.read: tuple[Entity, ...] | None = read

    def entities(self, text: str, redaction: Redaction) -> tuple[Entity, ...] | None:
        return self.read


def read_of(*entities: Entity, language: str = "en") -> Classification:
    return Classification({}, Redaction("x"), entities, language=language)


def test_a_sure_span_takes_the_place_of_what_patterns_found_there_and_of_nothing_else() -> None:
    number, city = Entity("order_number", "LF-1", 10, 14), Entity("city", "Oslo", 20, 24)
    found = read_of(Entity("product", "book", 0, 4), number, city, Entity("product", "lamp", 30, 34))
    lamp = Entity("failed", "desk lamp", 25, 34)

    assert with_spans(found, "x", StubSpans(lamp)).entities == (found.entities[0], number, city, lamp)


def test_a_number_that_patterns_found_is_no_other_span() -> None:
    number = Entity("order_number", "LF-1", 10, 14)

    assert with_spans(read_of(number), "x", StubSpans(Entity("product", "order LF-1", 4, 14))).entities == (number,)


def test_where_nothing_can_read_spans_patterns_stay() -> None:
    book, reader = Entity("product", "book", 0, 4), StubSpans()
    reader.read = None

    assert with_spans(read_of(book), "x", reader).entities == (book,)
    assert with_spans(read_of(book), "x", None).entities == (book,)
    assert with_spans(read_of(book, language="de"), "x", StubSpans()).entities == (book,)
