"""The hash chain over the audit trail.

Events are written without waiting for each other; one pass closes them into segments afterwards. A seal's hash covers
the seal before it and a digest of each event, and each digest a salt of its own: an event whose customer was forgotten
keeps its digest, so that the chain still holds, and loses what the digest was made of.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from itertools import takewhile
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from care.keeping import Seal, Verified
from store.moments import Now
from store.rows import insert_once
from store.tables import EventRow, SealRow
from store.trail import Trail

FORGOTTEN = "forgotten"
"""What an event says it happened to, once its customer was forgotten."""

_ERASED = ("case.erased", "customer.forgotten")
"""Events that say how many others were emptied."""

_AT_ONCE = 5000


class SqlSeals:
    def __init__(self, session: Session, now: Now, trail: Trail) -> None:
        self._session = session
        self._now = now
        self._trail = trail

    def seal(self, *, least_age_s: float, limit: int = 10_000) -> Seal | None:
        before = self._last()
        until = self._session.scalars(select(self._now(-least_age_s))).one()
        placed = self._trail.placed(after=before.last if before else 0, limit=limit)
        rows = list(takewhile(lambda row: row.at <= until, placed))
        if not rows:
            return None
        chained = sha256((before.hash if before else "").encode())
        for row in rows:
            chained.update(digest_of(row).encode())
        number = before.number + 1 if before else 1
        made = Seal(number, rows[0].place or 0, rows[-1].place or 0, len(rows), chained.hexdigest(), until)
        # Of two who close the same segment one finds the number taken.
        values = {name: getattr(made, name) for name in Seal.__slots__}
        return made if insert_once(self._session, SealRow, values) else None

    def verify(self, anchors: Mapping[int, str]) -> Verified:
        n_seals = n_events = n_forgotten = last = 0
        before = ""
        for seal in self._session.scalars(select(SealRow).order_by(SealRow.number)):
            n_seals += 1
            chained, n_here = sha256(before.encode()), 0
            for row in self._rows(last, seal.last):
                chained.update(digest_of(row).encode())
                n_here += 1
                n_forgotten += row.digest is not None
            n_events += n_here
            if problem := _wrong(seal, chained.hexdigest(), n_here, number=n_seals, anchors=anchors):
                return Verified(n_seals, n_events, n_forgotten, 0, problem)
            before, last = seal.hash, seal.last
        n_open = self._session.scalar(select(func.count()).select_from(EventRow).where(EventRow.place > last)) or 0
        return Verified(n_seals, n_events, n_forgotten, n_open, self._missing(n_seals, n_forgotten, anchors))

    def _missing(self, n_seals: int, n_forgotten: int, anchors: Mapping[int, str]) -> str:
        if anchors and max(anchors) > n_seals:
            return f"Seal {max(anchors)} is known outside of the store and is not in it: the end of the trail is gone."
        proofs = self._session.scalars(select(EventRow.facts).where(EventRow.event.in_(_ERASED)))
        told = sum(int(str(facts.get("n_events", 0))) for facts in proofs)
        if n_forgotten > told:
            return f"{n_forgotten} events were emptied, and only {told} of them because somebody was forgotten."
        return ""

    def _last(self) -> SealRow | None:
        return self._session.scalar(select(SealRow).order_by(SealRow.number.desc()).limit(1))

    def _rows(self, after: int, until: int) -> Iterator["EventRow"]:
        # Columns, not entities: half the time for a long trail.
        query = select(*EventRow.__table__.columns).where(EventRow.place > after, EventRow.place <= until)
        rows: Any = self._session.execute(query.order_by(EventRow.place).execution_options(yield_per=_AT_ONCE))
        yield from rows


def digest_of(row: EventRow) -> str:
    """The digest of an event: worked out from what it says, or kept from when it still said it."""
    if row.digest is not None:
        return row.digest
    said = [row.place, row.event, row.subject_id, row.case_id, row.by, _moment(row.at), row.facts]
    return sha256((row.salt + json.dumps(said, sort_keys=True, ensure_ascii=True)).encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _wrong(seal: SealRow, computed: str, n_here: int, *, number: int, anchors: Mapping[int, str]) -> str:
    if seal.number != number:
        return f"Seal {number} is missing."
    if anchors.get(number, seal.hash) != seal.hash:
        return f"Seal {number} is not the one that was kept outside of the store: the trail was written anew."
    if n_here != seal.n_events:
        return f"Segment {number}, events {seal.first} to {seal.last}: {seal.n_events} were sealed, {n_here} are there."
    if computed != seal.hash:
        return f"Segment {number}, events {seal.first} to {seal.last}: an event was changed, swapped or put in."
    return ""
