"""What messages are about beyond their labels: topics, which keep their name from week to week until a person gives
them another."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

NO_TOPIC = -1
"""In `Grouping.of`: too few messages are like this one."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Messages that are about the same.

    id: stays as long as the topic is carried on. name: its most distinctive phrases, or what a person called it.
    centres: where its messages lie, each a unit vector as little-endian float16; several where topics were merged.
    reach: the least cosine with a centre of a message that belongs. reader: id of what made the vectors; vectors of
    different readers cannot be compared. n: messages in the grouping that made it.
    """

    id: str
    name: str
    phrases: tuple[str, ...]
    centres: tuple[bytes, ...] = field(repr=False)
    reach: float
    reader: str
    n: int


@dataclass(frozen=True, slots=True)
class Grouping:
    """Texts by topic.

    topics: those carried on first, in their order, then new ones, the largest first. of: for each text the place of
    its topic in `topics`, or NO_TOPIC. typical: for each topic up to five places of texts, the most typical first.
    """

    topics: tuple[Topic, ...]
    of: tuple[int, ...]
    typical: tuple[tuple[int, ...], ...]

    def members(self, at: int) -> tuple[int, ...]:
        """Places of the texts of the topic at this place."""
        return tuple(place for place, topic in enumerate(self.of) if topic == at)


class TopicFinder(Protocol):
    """Groups texts without labels. Takes seconds for thousands of texts: for jobs, never for a request."""

    def find(self, texts: Sequence[str], *, known: Sequence[Topic] = ()) -> Grouping:
        """Group masked texts; those that a known topic reaches stay with it, the others are grouped anew."""
        ...


def merged(first: Topic, second: Topic) -> Topic:
    """One topic of two, under the id and the name of the first. Raises ValueError for topics of different readers."""
    if first.reader != second.reader:
        raise ValueError("Topics of different readers cannot be merged.")
    return replace(
        first,
        phrases=tuple(dict.fromkeys((*first.phrases, *second.phrases))),
        centres=(*first.centres, *second.centres),
        reach=min(first.reach, second.reach),
        n=first.n + second.n,
    )
