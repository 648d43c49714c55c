"""One customer: everything somebody wrote to us on all channels, in one record that can be parted again."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is on one channel."""

    channel: str
    handle: str


@dataclass(frozen=True, slots=True)
class Customer:
    """One record. name: what they call themselves, where a channel said so."""

    id: str
    created_at: datetime
    name: str | None = field(default=None, repr=False)
    identities: tuple[Identity, ...] = ()

    def spelled(self, identity: Identity) -> Identity:
        """An identity of this record as it is kept; a mail address may be written in other letters."""
        low = (identity.channel, identity.handle.lower())
        same = [own for own in self.identities if (own.channel, own.handle.lower()) == low]
        return identity if identity in same or not same else same[0]


@dataclass(frozen=True, slots=True)
class IdentityMove:
    """An identity put with another record.

    evidence: "same address", or a person's own words, masked. undone_at: when it was put back.
    """

    id: str
    identity: Identity
    from_customer: str
    to_customer: str
    evidence: str
    by: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One other open case of the same customer. intent: what it is about, where that is sure; None: not known."""

    case_id: str
    channel: str
    since: datetime
    intent: str | None = None
