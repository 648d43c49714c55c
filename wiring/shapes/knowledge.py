"""What a team knows, and what it lacks."""

from typing import Literal, Self

from care.knowledge import Hit, KnowledgeGap
from care.parts import flat
from wiring.shapes.base import Moment, OrNull, Out, Score


class HitOut(Out):
    """A passage that came close. `score`: the chance that it answers; `sure`: a draft would be filled from it."""

    place: str
    title: str
    text: str
    link: OrNull[str]
    owner: OrNull[str]
    internal: bool
    score: Score
    sure: bool

    @classmethod
    def of(cls, value: Hit) -> Self:
        passage = value.passage
        more = {"text": passage.text, "internal": passage.is_internal, "score": value.score, "sure": value.is_sure}
        return cls.model_validate({**flat(passage), **more})


class GapOut(Out):
    """Something that knowledge lacked for `messages` messages, last at `last_at`. `about`: the intent, where it was
    sure. `cases`: ids of some, the latest first."""

    slot: str
    about: OrNull[str]
    messages: int
    last_at: Moment
    cases: tuple[str, ...]

    @classmethod
    def of(cls, value: KnowledgeGap) -> Self:
        more = {"slot": value.lack.slot, "about": value.lack.about, "messages": value.n_messages}
        return cls.model_validate({**flat(value), **more})


class GapsOut(Out):
    """Most wanted first."""

    object: Literal["list"] = "list"
    data: tuple[GapOut, ...]
