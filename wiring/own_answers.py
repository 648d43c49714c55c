"""What a team answered before, as drafts ask for it: read from the store now and then, with nobody's facts in it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from care.errors import BadInput, Unreachable
from care.ports import Classifier, Redactor, utc_now
from care.unit_of_work import Store
from wiring.knowledge import LiveKnowledge
from wiring.settings import Settings
from wiring.watched import marks_of

if TYPE_CHECKING:
    from model.encoder import Encoder
    from playbook.book import Book
    from playbook.own_answers import OwnAnswer, Proposed, Spans

MOST_ANSWERS = 3000
LOOK_AGAIN_S = 900


def open_own_answers(
    settings: Settings,
    store: Store,
    redactor: Redactor,
    encoder: "Callable[[], Encoder | None]",
    book: "Callable[[], Book]",
) -> LiveKnowledge:
    """Nothing is read before somebody asks. book: the playbook in use, whose words may stand in an answer."""
    from model.retrieval import PassageIndex
    from model.vectors import VectorCache
    from playbook.own_answers import passages_of

    def index() -> PassageIndex:
        passages = passages_of(answers_of(store, redactor, book()))
        return PassageIndex.of(passages, encoder(), VectorCache(settings.home / "own_answers"))

    def state() -> object:
        return marks_of(settings.encoder_folder), int(utc_now().timestamp() // LOOK_AGAIN_S)

    return LiveKnowledge(index, state)


def answers_of(store: Store, redactor: Redactor, book: "Book") -> "list[OwnAnswer]":
    """The latest answers of the team of which nothing is one customer's; none while the store is away."""
    from playbook.own_answers import own_answers, words_of

    try:
        with store(read=True) as work:
            answered = work.learning.answered(limit=MOST_ANSWERS)
    except Unreachable:
        return []
    return own_answers(answered, spans_of(redactor), words_of(book.plays))


def spans_of(redactor: Redactor) -> "Spans":
    """Finds in a text what is sensitive, and every value that is of one matter."""
    from model.entities import entities_of
    from playbook.slots import values_by_shape

    def spans(text: str) -> Iterator[tuple[int, int, str]]:
        redaction = redactor.redact(text)
        entities = [(entity.start, entity.end, entity.kind) for entity in entities_of(text, redaction)]
        taken = [(start, end, kind) for start, end, kind in entities if kind != "product"]
        taken += [
            (span.start, span.end, span.category)
            for span in redaction.spans
            if all(span.end <= start or end <= span.start for start, end, _ in taken)
        ]
        for kind, value in values_by_shape(text).items():
            start = text.find(value)
            if start >= 0 and all(start + len(value) <= begin or end <= start for begin, end, _ in taken):
                taken.append((start, start + len(value), kind))
        yield from taken

    return spans


def proposed(store: Store, redactor: Redactor, book: "Book") -> "list[Proposed]":
    """Plays that a team could make of what it answers again and again, the most used first."""
    from playbook.own_answers import proposals

    said = [section.body.source for play in book.plays for section in play.sections]
    return list(proposals(answers_of(store, redactor, book), known=said))


def write_play(play: "Proposed", folder: Path, classifier: Classifier, *, intents: Collection[str]) -> Path:
    """Write a proposal into a playbook's folder, for those intents that it answered most. Raises BadInput."""
    path = folder / "plays" / f"{play.id}.md"
    if path.exists():
        raise BadInput(f"plays/{path.name} is there already.")
    read = classifier.classify_many(list(play.questions), tasks=("intent",))
    counts = Counter(each.tasks["intent"].label for each in read)
    known = [label for label, n in counts.most_common(2) if label in intents and n * 4 >= len(read)]
    path.parent.mkdir(exist_ok=True)
    path.write_text(play.as_play(known), "utf-8")
    return path
