"""The quality review, as a shape."""

from typing import Literal, Self

from care.quality import ENOUGH_PAIRS, Answer, Review
from care.quality_results import QualityStanding
from wiring.shapes.base import Moment, Out


class QuestionOut(Out):
    """One question of the form."""

    id: str
    ask: str


class PickOut(Out):
    """A reply to read. `why`: what speaks against it, empty for chance. `is_twice`: two read it."""

    reply_id: str
    case_id: str
    author: str
    week: str
    why: str
    is_twice: bool


class SharesOut(Out):
    """Of one person: replies read, and by question how many yes of how many yes and no."""

    author: str
    n_read: int
    by_question: dict[str, tuple[int, int]]


class AgreementOut(Out):
    """How two readers agree on a question. `kappa`: null where all said the same. `is_enough`: whether so many pairs
    say anything."""

    question: str
    n: int
    share: float
    kappa: float | None
    is_enough: bool


class QualityOut(Out):
    """The last twelve weeks of the quality review, and what is left to read."""

    object: Literal["quality"] = "quality"
    week: str
    n_picked: int
    n_read: int
    questions: tuple[QuestionOut, ...]
    to_read: tuple[PickOut, ...]
    people: tuple[SharesOut, ...]
    agreement: tuple[AgreementOut, ...]

    @classmethod
    def of(cls, value: QualityStanding) -> Self:
        """As the API shows it."""
        people = [
            SharesOut(author=line.author, n_read=line.n_read, by_question=dict(line.by_question))
            for line in value.people
        ]
        agreement = [
            AgreementOut(
                question=line.question, n=line.n, share=line.share, kappa=line.kappa, is_enough=line.n >= ENOUGH_PAIRS
            )
            for line in value.agreement
        ]
        return cls(
            week=value.week,
            n_picked=value.n_picked,
            n_read=value.n_read,
            questions=tuple(QuestionOut(id=question.id, ask=question.ask) for question in value.questions),
            to_read=tuple(PickOut.of(pick) for pick in value.to_read),
            people=tuple(people),
            agreement=tuple(agreement),
        )


class ReviewOut(Out):
    """What one person said of a reply."""

    object: Literal["review"] = "review"
    reply_id: str
    case_id: str
    reader: str
    answers: dict[str, Answer]
    note: str
    at: Moment

    @classmethod
    def of(cls, value: Review) -> Self:
        """As the API shows it."""
        return cls(
            reply_id=value.reply_id,
            case_id=value.case_id,
            reader=value.reader,
            answers=dict(value.answers),
            note=value.note,
            at=value.at,
        )
