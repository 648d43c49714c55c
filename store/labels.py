"""What each case is about, a row a task, so that a list can be narrowed by it: labels, action, team, tier.

A person's word stands before ours, and what the customer wrote last before what they wrote earlier.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from care.case_file import labels_of, overridden
from care.classification import Classification
from care.decision import Decision
from store.rows import insert_or_update
from store.tables import CaseLabelRow, CaseRow, CorrectionRow, MessageRow

_TIER = "tier "
"""How the addend of a customer's tier begins, in a priority."""


def keep_labels(session: Session, message_id: str, labels: Mapping[str, str]) -> None:
    """Keep what a message is about for its case, where the customer has written nothing since."""
    is_of_it = MessageRow.case_id == CaseRow.id
    latest = select(CaseRow.id).join(MessageRow, is_of_it).where(MessageRow.id == message_id)
    case_id = session.scalar(latest.where(CaseRow.latest_message_id == message_id))
    if case_id is None:
        return
    for task, label in labels.items():
        insert_or_update(session, CaseLabelRow, {"case_id": case_id, "task": task, "label": label})


def read_as(session: Session, message_id: str, classification: Classification) -> dict[str, str]:
    """By task the labels of a classification, a person's corrections before ours; and the language."""
    labels = labels_of(classification, _corrections(session, message_id))
    return {**labels, "language": classification.language}


def decided_as(session: Session, message_id: str, decision: Decision) -> dict[str, str]:
    """The action, team and tier of a decision, a person's before ours."""
    made = overridden(decision, _corrections(session, message_id))
    tier = next((a.name.removeprefix(_TIER) for a in made.priority.addends if a.name.startswith(_TIER)), "")
    return {"action": str(made.action), "team": made.team, "tier": tier}


def _corrections(session: Session, message_id: str) -> dict[str, str]:
    query = select(CorrectionRow).where(CorrectionRow.message_id == message_id).order_by(CorrectionRow.number)
    return {row.task: row.corrected for row in session.scalars(query)}
