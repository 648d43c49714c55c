"""The second yes: what a new colleague writes goes out once somebody else has read it.

Whoever is checked approves as everybody does; their reply waits, and nothing but a colleague's yes lets it go. The
database has a check for it too.
"""

from care.access import Person
from care.reply import Reply, ReplyStage
from care.unit_of_work import Work

OWN = "Nobody reads their own reply first: a colleague does."
CHECKED = "A colleague reads your own replies first, so you cannot let those of others go out."


def why_not(person: Person, reply: Reply) -> str:
    """Why this person cannot be the second to read a reply; "" where they can."""
    if person.id == reply.consent.approved_by:
        return OWN
    return CHECKED if person.is_checked else ""


def tell_unread(work: Work, reply: Reply) -> None:
    """Tell the trail that a reply waits for a colleague."""
    if reply.waits_for_colleague:
        by = reply.consent.approved_by
        work.note("reply.to_read", reply.id, by=by, facts={"message_id": reply.message_id}, case_id=reply.case_id)


def read_again(work: Work, reply: Reply, *, was: ReplyStage, by: str) -> Reply:
    """A reply that somebody sends once more: a colleague's yes is one for the case as it stands now.

    was: where it stood. What was held was agreed to before something changed: it needs a new yes.
    """
    if not reply.consent.needs_second:
        return reply
    person = work.access.person(id=by)
    if person is not None and not why_not(person, reply):
        return reply.with_consent(second_by=by)
    return reply.with_consent(second_by=None) if was is ReplyStage.HELD else reply
