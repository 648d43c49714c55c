"""What else a customer has open with us: known to the decision and to private drafts, never told in public."""

from care.case import Case, Source
from care.customer import Elsewhere
from care.unit_of_work import Work

MOST = 3
_LOOKED_AT = 20


def open_elsewhere(work: Work, case: Case) -> tuple[Elsewhere, ...]:
    """The other open cases of a customer, the newest first, at most MOST."""
    if case.customer_id is None:
        return ()
    others = work.cases.of_customer(case.customer_id, limit=_LOOKED_AT)
    open_cases = [
        other for other in others if other.id != case.id and not other.is_resolved and other.source is Source.LIVE
    ]
    files = work.cases.files([other.latest_message_id for other in open_cases[:MOST]]) if open_cases else []
    return tuple(
        Elsewhere(file.case.id, file.case.channel, file.case.opened_at, file.labels.get("intent") or None)
        for file in files
    )


def said_of(elsewhere: tuple[Elsewhere, ...]) -> tuple[str, ...]:
    """Each as a reason of a decision, for people."""
    return tuple(
        f"they have an open case on {case.channel} since {case.since:%d %B}"
        + (f" ({case.intent.replace('_', ' ')})" if case.intent else "")
        for case in elsewhere
    )
