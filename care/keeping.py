"""What keeping a store asks of it: which store it is, seals over its trail, and taking a customer out of it whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from care.case import Source
from care.customer import Identity
from care.reply import Reply


@dataclass(frozen=True, slots=True)
class StoreState:
    """Which store this is. epoch: grows with every backup and every hold. key_mark: of its secret key."""

    store_id: str
    epoch: int
    key_mark: str
    held_at: datetime | None = None


class Keeping(Protocol):
    """What a store knows of itself, and of what is on its way out."""

    def state(self) -> StoreState | None:
        """None for one that was never opened."""
        ...

    def lock(self) -> StoreState | None:
        """The same; until the transaction ends nobody else changes it."""
        ...

    def save(self, state: StoreState) -> None: ...

    def has_messages(self) -> bool: ...

    def n_messages(self) -> int: ...

    def n_users(self) -> int:
        """Other processes of tactful that are connected now, where the database can tell."""
        ...

    def was_ever(self, events: Sequence[str], subject_id: str) -> bool:
        """Whether the trail knows any of these of it."""
        ...

    def probe(self, name: str) -> None:
        """Write a row of no meaning. Raises Unreachable where nothing can be written."""
        ...

    def on_the_way(self) -> list[Reply]:
        """Every reply that is pending, claimed or inflight, oldest first."""
        ...

    def held(self, *, problem: str) -> list[Reply]:
        """Every reply that stands held or unknown for this reason, oldest first."""
        ...

    def park_notices(self, *, problem: str) -> list[str]:
        """Every notice that waits: given up for this reason, until a person has it told. Returns ids."""
        ...

    def parked_notices(self, *, problem: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Seal:
    """A closed segment of the audit trail, from event `first` to event `last`."""

    number: int
    first: int
    last: int
    n_events: int
    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in the trail. problem: what is wrong with it, "" for nothing."""

    n_seals: int
    n_events: int
    n_forgotten: int
    n_open: int
    problem: str = ""


class Seals(Protocol):
    """The hash chain over the audit trail; one pass at a time closes segments, writers of events wait for nothing."""

    def seal(self, *, least_age_s: float, limit: int = 10_000) -> Seal | None:
        """Close the next segment. None when nothing is old enough, or somebody else closes one now."""
        ...

    def verify(self, anchors: Mapping[int, str]) -> Verified:
        """Recompute everything. anchors: by the number of a seal, its hash as it was kept outside of the store."""
        ...


@dataclass(frozen=True, slots=True)
class Gone:
    """What left the store. files: names of kept files that nobody names any more."""

    ids: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    counts: tuple[tuple[str, int], ...] = ()

    def plus(self, other: "Gone") -> "Gone":
        sums = dict(self.counts)
        for name, n in other.counts:
            sums[name] = sums.get(name, 0) + n
        return Gone(self.ids | other.ids, self.files | other.files, tuple(sorted(sums.items())))


class Erasure(Protocol):
    """Everything that is kept of a customer, in every table."""

    def identities(self, *, after: Identity | None = None, limit: int = 1000) -> list[Identity]:
        """Whoever wrote, in order, those behind `after`."""
        ...

    def of(self, identity: Identity) -> set[Identity]:
        """The identity with all that belong to the same customer; empty when nobody knows it."""
        ...

    def cases(self, identities: Iterable[Identity], *, opened_until: datetime) -> list[str]: ...

    def texts(self, case_ids: Sequence[str]) -> list[str]:
        """What the customer wrote in these cases."""
        ...

    def names(self, case_ids: Sequence[str]) -> set[str]:
        """What whoever wrote in these cases is called, by handle and by name."""
        ...

    def over(self, channel: str, source: Source, *, before: datetime, after: str = "", limit: int = 500) -> list[str]:
        """Cases of a channel that nobody waits for and in which nothing was said since, by id, those behind `after`."""
        ...

    def erase(self, case_id: str) -> Gone:
        """Delete a locked case with everything in it; its events keep who did what kind of thing when, and no more."""
        ...

    def erase_record(self, identities: Iterable[Identity]) -> Gone:
        """Delete who they were on each channel, where no case is left of them."""
        ...

    def everything(self, identities: Iterable[Identity]) -> dict[str, list[dict[str, object]]]:
        """By table, every row of them."""
        ...
