"""A customer is forgotten: everything that is kept of them leaves, and a proof without the data stays.

The proof is a hash of who they were that only the holder of the secret key can make. It is kept outside of the store,
so that a store that is put back from a copy forgets them again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from care.case import Source
from care.customer import Customer, Identity
from care.errors import BadStep, NotFound
from care.failpoints import Point, reach
from care.keeping import Gone
from care.ports import Files
from care.unit_of_work import Store

FOREVER = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody was forgotten, and when. mark: the hash of one of their identities."""

    mark: str
    at: datetime


class Proofs(Protocol):
    """The list of who was forgotten, kept outside of the store."""

    def mark(self, identity: Identity) -> str: ...

    def add(self, proofs: Sequence[Proof]) -> None: ...

    def all(self) -> Sequence[Proof]: ...


class Copies(Protocol):
    """What else holds a customer's words, outside of the store."""

    def remove(self, identities: Iterable[Identity], ids: Iterable[str]) -> Mapping[str, int]:
        """Take out lines of files that name them. Returns how many, by file."""
        ...

    def learnt(self, texts: Sequence[str]) -> Sequence[str]:
        """Names of bundles that learnt from any of these texts."""
        ...


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done. bundles: to be trained anew without them."""

    at: datetime
    identities: int
    cases: int
    removed: Mapping[str, int]
    bundles: tuple[str, ...]
    proofs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgetting:
    store: Store
    files: Files
    proofs: Proofs
    copies: Copies
    clock: Callable[[], datetime]
    wipe: Callable[[], None] = lambda: None
    """Has the store leave nothing of deleted rows in its files."""

    def customer(self, who: str) -> set[Identity]:
        """The identities of one customer, by id, by `channel:handle`, or by a handle or address that only one has.

        Raises NotFound, and BadStep when several customers come into question.
        """
        with self.store(read=True) as work:
            if who.startswith("cus_"):
                return set(work.customers.get(who).identities)
            channel, _, handle = who.partition(":")
            if handle and (identities := work.erasure.of(Identity(channel, handle))):
                return identities
            records: dict[str, Customer] = {customer.id: customer for customer in work.customers.with_handle(who)}
        if len(records) > 1:
            raise BadStep("Several customers have this handle; name one by its id: " + ", ".join(sorted(records)))
        if not records:
            raise NotFound("customer", who if who.startswith("cus_") else "with this handle")
        return set(next(iter(records.values())).identities)

    def forget(self, who: str, *, by: str) -> Forgotten:
        """Forget a customer whole. Killed in between, the next sweep ends it: the proof is kept first."""
        at, identities = self.clock(), self.customer(who)
        with self.store(read=True) as work:
            texts = work.erasure.texts(work.erasure.cases(identities, opened_until=at))
        bundles = tuple(self.copies.learnt(texts))
        proofs = [Proof(self.proofs.mark(identity), at) for identity in sorted(identities, key=_order)]
        self.proofs.add(proofs)
        n_cases, gone = self._remove(identities, at=at, by=by, mark=proofs[0].mark if proofs else "")
        self.wipe()
        return Forgotten(
            at, len(identities), n_cases, dict(gone.counts), bundles, tuple(proof.mark for proof in proofs)
        )

    def again(self) -> dict[str, int]:
        """Forget everybody anew whom a proof names: what a copy brought back, and what was not done to its end."""
        known = {proof.mark: proof.at for proof in self.proofs.all()}
        n = 0
        for identity in self._identities() if known else ():
            mark = self.proofs.mark(identity)
            if mark in known and self._has_some(identity, known[mark]):
                self._remove({identity}, at=known[mark], by="tactful", mark=mark)
                n += 1
        return {"forgotten_again": n} if n else {}

    def everything(self, who: str) -> dict[str, list[dict[str, object]]]:
        """A customer's data, by what it is. Raises NotFound and BadStep."""
        identities = self.customer(who)
        with self.store(read=True) as work:
            return work.erasure.everything(identities)

    def retire(
        self, days: Mapping[str, Mapping[Source, int]], channels: Iterable[str], *, is_dry: bool
    ) -> dict[str, int]:
        """Delete cases that are older than their channel and kind keep them. Returns how many, by channel and kind."""
        done: dict[str, int] = {}
        for channel in channels:
            for source in Source:
                kept = days.get(channel, {}).get(source, days.get("*", {}).get(source, FOREVER))
                if kept == FOREVER:
                    continue
                n = self._retire(channel, source, before=self.clock() - timedelta(days=kept), is_dry=is_dry)
                if n:
                    done[f"{channel}.{source}"] = n
        return done

    def _retire(self, channel: str, source: Source, *, before: datetime, is_dry: bool) -> int:
        n, last = 0, ""
        while True:
            with self.store(read=True) as work:
                ids = work.erasure.over(channel, source, before=before, after=last)
            if not ids:
                return n
            n, last = n + len(ids), ids[-1]
            for case_id in () if is_dry else ids:
                self._remove_copies((), self._remove_case(case_id, by="tactful", why="retention"))

    def _remove(self, identities: set[Identity], *, at: datetime, by: str, mark: str) -> tuple[int, Gone]:
        with self.store(read=True) as work:
            cases = work.erasure.cases(identities, opened_until=at)
            names = work.erasure.names(cases) | {identity.handle for identity in identities}
        gone = Gone()
        for case_id in cases:
            gone = gone.plus(self._remove_case(case_id, by=by, why=f"proof_{mark[:16]}"))
            reach(Point.FORGET_BETWEEN)
        with self.store() as work:
            record = work.erasure.erase_record(identities)
            naming = [view for view in work.views.everybodys() if view.names_any(names)]
            for view in naming:
                work.views.drop(view.id)
            record = record.plus(Gone(counts=(("saved_view", len(naming)),) if naming else ()))
            facts = {"n_events": _n_events(record), "n_cases": len(cases)}
            work.note("customer.forgotten", f"proof_{mark[:16]}", by=by, facts=facts)
        return len(cases), self._remove_copies(identities, gone.plus(record))

    def _remove_case(self, case_id: str, *, by: str, why: str) -> Gone:
        with self.store() as work:
            try:
                work.cases.lock(case_id)
            except NotFound:
                return Gone()
            gone = work.erasure.erase(case_id)
            # In the same transaction: whoever checks the trail counts what was emptied against this.
            work.note("case.erased", why, by=by, facts={"n_events": _n_events(gone)})
            return gone

    def _remove_copies(self, identities: Iterable[Identity], gone: Gone) -> Gone:
        n_files = sum(self.files.remove(name, idle_s=0) for name in gone.files)
        lines = self.copies.remove(identities, gone.ids)
        return gone.plus(Gone(counts=tuple({**lines, "file": n_files}.items())))

    def _has_some(self, identity: Identity, at: datetime) -> bool:
        with self.store(read=True) as work:
            cases = work.erasure.cases([identity], opened_until=at)
            return bool(cases) or not work.erasure.cases([identity], opened_until=self.clock())

    def _identities(self) -> Iterator[Identity]:
        last: Identity | None = None
        while True:
            with self.store(read=True) as work:
                some = work.erasure.identities(after=last)
            if not some:
                return
            yield from some
            last = some[-1]


def _n_events(gone: Gone) -> int:
    return dict(gone.counts).get("event", 0)


def _order(identity: Identity) -> tuple[str, str]:
    return identity.channel, identity.handle
