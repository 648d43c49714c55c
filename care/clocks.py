"""What the clock does to cases: promises that pass, hand-overs nobody answered, messages nobody looked at.

Each function looks without a lock and writes one case at a time; of two sweeps at once one writes each step.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from care.escalation import BREACHED, WARNING, most_steps, reached
from care.events import PROMOTED
from care.handing_over import move
from care.handover import HandOverState
from care.policy import Policy
from care.ports import Playbook
from care.promise import PromiseState
from care.settling import end_promise, end_snooze, settle
from care.unit_of_work import Store

_EVENTS = {WARNING: "sla.warning", BREACHED: "sla.breached"}


def break_promises(store: Store, *, now: datetime) -> dict[str, int]:
    """Every promise whose hour has passed is broken, and its case is due. Returns events, counted."""
    with store(read=True) as work:
        passed = work.promises.passed(at=now)
    n_broken = 0
    for promise in passed:
        with store() as work:
            case = work.cases.lock(promise.case_id)
            still_open = any(other.id == promise.id and other.is_open for other in work.promises.of_case(case.id))
            if still_open:
                end_promise(work, case, PromiseState.BROKEN, at=now)
                settle(work, case, by="tactful")
                n_broken += 1
    return {"promise.broken": n_broken} if n_broken else {}


def lapse_handovers(store: Store, *, now: datetime) -> dict[str, int]:
    """Every hand-over that nobody answered in time comes back. Returns events, counted."""
    with store(read=True) as work:
        passed = work.handovers.passed(at=now)
    n_lapsed = 0
    for handover in passed:
        with store() as work:
            case = work.cases.lock(handover.case_id)
            known = work.handovers.get(handover.id)
            if known.is_open:
                move(work, known, HandOverState.LAPSED, by="tactful", now=now)
                settle(work, case, by="tactful")
                n_lapsed += 1
    return {"handover.lapsed": n_lapsed} if n_lapsed else {}


def wake_snoozed(store: Store) -> dict[str, int]:
    """Every snooze whose hour has passed ends, and open pages hear of it. Returns events, counted."""
    with store(read=True) as work:
        passed = work.snoozes.passed()
    n_woken = 0
    for case_id in passed:
        with store() as work:
            case = work.cases.lock(case_id)
            if work.snoozes.passed(of=case_id) and end_snooze(work, case, by="tactful"):
                settle(work, case, by="tactful")
                n_woken += 1
    return {"case.woken": n_woken} if n_woken else {}


def climb(store: Store, policy: Policy, *, now: datetime) -> dict[str, int]:
    """Let every case that waits past its target climb: each step once, told in the trail. Returns events, counted.

    What a contact has to be told is kept with the step; the next round of the sweep rings for it.
    """
    done: Counter[str] = Counter()
    after, most = "", most_steps(policy)
    while True:
        with store(read=True) as work:
            waiting = work.escalations.unanswered(most_steps=most, after=after)
        due = [(unanswered, steps) for unanswered in waiting if (steps := reached(unanswered, policy, now=now))]
        if due:
            with store() as work:
                for unanswered, steps in due:
                    for step in steps:
                        if work.escalations.record(unanswered.message_id, step):
                            event = _EVENTS.get(step.step.partition(",")[0], "case.climbed")
                            facts = {"step": step.step, "contact": step.contact} if step.contact else {}
                            facts["team"] = unanswered.team
                            work.note(
                                event, unanswered.message_id, by="tactful", facts=facts, case_id=unanswered.case_id
                            )
                            done[event] += 1
        if not waiting:
            return dict(done)
        after = waiting[-1].message_id


def tell_promoted(store: Store, serving: Mapping[str, str]) -> dict[str, int]:
    """Tell, once, that other bundles read messages now. serving: their ids by task. Returns events, counted."""
    bundles = ", ".join(sorted(set(serving.values())))
    with store(read=True) as work:
        was = work.trail.latest(PROMOTED)
    if not bundles or (was is not None and was.subject_id == bundles):
        return {}
    with store() as work:
        work.note(PROMOTED, bundles, by="tactful", facts={"was": was.subject_id} if was else {})
    return {PROMOTED: 1}


def review(store: Store, playbook: Playbook) -> dict[str, int]:
    """Tell the owners of plays that people keep rejecting or rewriting, once for each version and change."""
    with store(read=True) as work:
        outcomes = work.learning.outcomes()
    _, flags = playbook.learn(outcomes)
    n_told = 0
    for flag in flags:
        with store() as work:
            if work.learning.flag(flag):
                work.note("play.flagged", flag.play, by="tactful", facts={"kind": flag.kind, "owner": flag.owner})
                n_told += 1
    return {"play.flagged": n_told} if n_told else {}
