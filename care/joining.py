"""One customer: who writes from the same mail address to several mailboxes is one, until a person parts them."""

from datetime import datetime

from care.case import Case
from care.customer import Identity, IdentityMove
from care.ids import new_id
from care.unit_of_work import Work

SAME_ADDRESS = "same address"
BY = "tactful"


def joined_by_address(work: Work, case: Case, address: str, *, now: datetime) -> Case:
    """Put whoever opened a new case with the record of their mail address; the case as it is then.

    Where a person moved or parted one of the address's identities, people decide from then on.
    """
    own, others = (
        case.customer_id,
        [customer for customer in work.customers.with_address(address) if customer.id != case.customer_id],
    )
    if own is None or len(others) != 1:
        return case
    known = others[0].id
    moves = [*work.customers.moves(own), *work.customers.moves(known)]
    if any(move.identity.handle.lower() == address and (move.by != BY or move.undone_at) for move in moves):
        return case
    identity = Identity(case.channel, case.customer)
    move = IdentityMove(new_id("mov", now=now), identity, own, known, SAME_ADDRESS, BY, now)
    work.customers.move(move)
    facts = {"from": own, "move_id": move.id}
    work.note("customer.joined", known, by=BY, facts=facts, case_id=case.id)
    return work.cases.lock(case.id)
