"""Nothing is left unanswered: the steps that a waiting message has reached, each of them told once."""

from dataclasses import dataclass
from datetime import datetime

from care.decision import Action
from care.policy import Policy

WARNING = "warning"
"""The internal target comes near and nobody has answered."""
BREACHED = "breached"
"""The internal target has passed."""
WARN_AT = 0.75
"""Share of the staffed time up to the target after which a message is nearly late."""


@dataclass(frozen=True, slots=True)
class Climbed:
    """One step that a message has reached. step: warning, breached, or "step 1", "step 2" and so on.

    contact: whom it climbed to, as the playbook names them; empty for the first two.
    """

    step: str
    contact: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A message that still waits for us. due_at: None where nothing could be decided yet. steps: those it has taken."""

    message_id: str
    channel: str
    received_at: datetime
    due_at: datetime | None = None
    team: str = ""
    action: Action | None = None
    steps: frozenset[str] = frozenset()


def reached(waiting: Unanswered, policy: Policy, *, now: datetime) -> list[Climbed]:
    """The steps that are due now and were not taken before, lowest first. What asks for no answer never climbs.

    Counts staffed time only. After a pause all steps that came due in it are given: nobody on the way is left out.
    """
    if waiting.action is Action.IGNORE:
        return []
    clock = policy.clock(waiting.channel)
    due_at = waiting.due_at or clock.due_at(waiting.received_at)
    if now <= due_at:
        allowed = clock.hours.staffed(waiting.received_at, due_at)
        is_near = clock.hours.staffed(waiting.received_at, now) >= allowed * WARN_AT
        found = [Climbed(WARNING, "", now)] if is_near else []
    else:
        overdue = clock.hours.staffed(due_at, now)
        ladder = policy.steps.get(waiting.team, policy.steps.get("*", ()))
        found = [Climbed(BREACHED, "", now)]
        found += [Climbed(f"step {n}", one.contact, now) for n, one in enumerate(ladder, 1) if one.after <= overdue]
    return [one for one in found if one.step not in waiting.steps]


def most_steps(policy: Policy) -> int:
    """How many steps a message can take at most, warning and breach among them."""
    return 2 + max((len(ladder) for ladder in policy.steps.values()), default=0)
