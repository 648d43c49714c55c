"""Who the customer is, and their other cases on all channels."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.console import wording
from api.console.standing_view import Chip, chip_of
from api.console.viewer import Viewer
from care.case import Case
from care.case_file import CaseFile
from care.customer import Customer
from care.unit_of_work import Work

SHOWN_CASES = 6


@dataclass(frozen=True, slots=True)
class OtherCase:
    """Another case of the same customer."""

    case: Case
    chip: Chip
    about: str
    due: wording.DueLabel | None


@dataclass(frozen=True, slots=True)
class CustomerView:
    """Who the customer is, over all channels. more: cases of theirs that are not shown."""

    record: Customer | None = None
    others: Sequence[OtherCase] = ()
    more: int = 0


def customer_view(work: Work, case: CaseFile, viewer: Viewer) -> CustomerView:
    """The record of who wrote, and their other cases on all channels, latest first."""
    customer_id = case.case.customer_id
    if customer_id is None:
        return CustomerView()
    cases = [other for other in work.cases.of_customer(customer_id) if other.id != case.case.id]
    files = work.cases.files([other.latest_message_id for other in cases[:SHOWN_CASES]])
    others = [
        OtherCase(
            file.case,
            chip_of(file.case, viewer.names, handovers=file.handled.handovers),
            wording.words(file.labels.get("intent", "")),
            wording.due(file.case.standing.due_at, viewer.now) if file.case.standing.due_at else None,
        )
        for file in files
    ]
    return CustomerView(work.customers.get(customer_id), others, max(0, len(cases) - SHOWN_CASES))
