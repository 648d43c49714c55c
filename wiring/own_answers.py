"""What a team answered before, as drafts ask for it: read from the store now and then, with nobody's facts in it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from care.errors import Unreachable
from care.ports import Redactor, utc_now
from care.unit_of_work import Store
from wiring.knowledge import LiveKnowledge
from wiring.settings import Settings
from wiring.watched import marks_of

if TYPE_CHECKING:
    from model.encoder import Encoder
    from playbook.book import Book
    from playbook.own_answers import OwnAnswer, Spans

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
