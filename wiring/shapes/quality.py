"""The quality review, as a shape."""

from typing import Literal

from care.quality import Answer
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


class ReviewOut(Out):
    """What one person said of a reply."""

    object: Literal["review"] = "review"
    reply_id: str
    case_id: str
    reader: str
    answers: dict[str, Answer]
    note: str
    at: Moment
