"""Customers, colleagues, and the trail of what they did."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AliasPath, Field

from care.access import Role
from care.customer import Customer, IdentityMove
from care.lists import View
from care.parts import flat
from care.saved_view import SavedView
from wiring.shapes.base import ListOut, Moment, Out


class IdentityOut(Out):
    """Who somebody is on one channel."""

    channel: str
    handle: str


class IdentityMoveOut(Out):
    """An identity put with another record. `undone_at`: when it was put back."""

    object: Literal["identity_move"] = "identity_move"
    id: str
    channel: Annotated[str, Field(validation_alias=AliasPath("identity", "channel"))]
    handle: Annotated[str, Field(validation_alias=AliasPath("identity", "handle"))]
    from_customer: str
    to_customer: str
    evidence: str
    by: str
    at: Moment
    undone_by: str | None
    undone_at: Moment | None


class CustomerOut(Out):
    """One customer on all channels, with what was put together on what evidence."""

    object: Literal["customer"] = "customer"
    id: str
    name: str | None
    created_at: Moment
    identities: tuple[IdentityOut, ...]
    moves: tuple[IdentityMoveOut, ...]

    @classmethod
    def of(cls, value: Customer, moves: Sequence[IdentityMove] = ()) -> Self:
        return cls.model_validate({**flat(value), "moves": moves})


class PersonOut(Out):
    """A colleague, as colleagues know them: without their address.

    `is_checked`: a colleague reads their replies before they go out. `away_until`: until then they are given no cases.
    """

    object: Literal["person"] = "person"
    id: str
    name: str
    role: Role
    signs_as: str
    is_active: bool
    is_checked: bool
    away_until: Moment | None


class SavedViewOut(Out):
    """A list of the inbox under a name. `cases`: how many stand in it, counted up to 100."""

    object: Literal["view"] = "view"
    id: str
    name: str
    view: View
    filters: dict[str, str]
    for_all: Annotated[bool, Field(validation_alias="is_for_all")]
    made_by: str
    made_at: Moment
    cases: int

    @classmethod
    def of(cls, value: SavedView, *, n: int = 0) -> Self:
        return cls.model_validate({**flat(value), "is_for_all": value.is_for_all, "cases": n})


class SignedInOut(Out):
    id: str
    name: str
    role: Role


class SessionOut(Out):
    """Who is signed in. `csrf` goes into X-CSRF-Token on every request that changes something."""

    object: Literal["session"] = "session"
    csrf: str
    person: SignedInOut


class EventOut(Out):
    """One row of the audit trail: ids and labels, never a text."""

    object: Literal["event"] = "event"
    number: int
    event: str
    subject_id: str
    case_id: str | None
    by: str
    at: Moment
    facts: dict[str, Any]


class PersonListOut(ListOut[PersonOut]):
    """Colleagues."""


class EventListOut(ListOut[EventOut]):
    """Rows of the audit trail, oldest first."""


class CustomerDataOut(Out):
    """Everything that is kept of a customer: rows by table."""

    object: Literal["customer_data"] = "customer_data"
    id: str
    data: dict[str, Any]


class ForgottenOut(Out):
    """What was deleted of a customer, by table. bundles: those that learnt from them; proofs: ids of what stays."""

    object: Literal["forgotten"] = "forgotten"
    cases: int
    removed: dict[str, int]
    bundles: list[str]
    proofs: list[str]


class SavedViewListOut(ListOut[SavedViewOut]):
    """Saved views, those for all among them."""
