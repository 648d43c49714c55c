"""Gives cases that wait and are nobody's to people, round by round; one process does it, two at once do no harm."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from care.access import Person
from care.case import Assignment
from care.case_file import CaseFile
from care.classification import UNKNOWN_LANGUAGE
from care.lists import NOBODY, Narrowing, View
from care.ports import Playbook
from care.routing import Desk, Given, RoutingPolicy, Wanted, give
from care.trail import TrailFilter
from care.unit_of_work import Store, Work

HERE = timedelta(minutes=15)
"""How long somebody counts as here after their browser last asked for anything."""
AT_ONCE = 100
"""Cases of one round, the most urgent first."""
OTHER_CASES = 10
"""Cases of the same customer that are looked at for who answered them."""


class RoutingWatch:
    """Remembers who was given a case last, so that turns are fair while it lives."""

    def __init__(self, store: Store, playbook: Callable[[], Playbook]) -> None:
        self._store, self._playbook = store, playbook
        self._last: Counter[str] = Counter()
        self._turn = 0

    def look(self, *, now: datetime) -> dict[str, int]:
        """Give what waits and is nobody's, most urgent first. Returns how many were given, counted."""
        policy = self._playbook().policy.teams.routing
        if not policy.is_on:
            return {}
        with self._store(read=True) as work:
            people, load = work.access.people(), _load(work)
            desks = self._desks(work, policy, people, load, now=now)
            if not any(desk.has_room for desk in desks.values()):
                return {}
            sources = [NOBODY, *(person.id for person in people if is_away(person, now))]
            taken_from = [assignee for assignee in sources if load[assignee]]
            waiting = [self._wanted(work, file, policy) for file in self._waiting(work, taken_from)]
        n_given = 0
        for wanted in waiting:
            given = give(wanted, list(desks.values()))
            if given is None or not self._assign(wanted, given, now=now):
                continue
            self._turn += 1
            self._last[given.person_id] = self._turn
            desk = desks[given.person_id]
            desks[given.person_id] = replace(desk, load=desk.load + 1, last=self._turn)
            n_given += 1
        return {"cases.given": n_given} if n_given else {}

    def _desks(
        self, work: Work, policy: RoutingPolicy, people: Sequence[Person], load: Counter[str], *, now: datetime
    ) -> dict[str, Desk]:
        """Those who are here, with what is theirs and waits."""
        here = {session.person_id for session in work.access.sessions(after=now) if now - session.seen_at <= HERE}
        return {
            person.id: Desk(person.id, policy.people[person.email], load[person.id], self._last[person.id])
            for person in people
            if person.email in policy.people and person.id in here and not is_away(person, now)
        }

    def _waiting(self, work: Work, taken_from: Iterable[str]) -> Iterable[CaseFile]:
        """What is nobody's, and what is of somebody who is away, as the list of what is due has it."""
        held = {hold.case_id for hold in work.holds.held()}
        for assignee in taken_from:
            page = work.lists.page(View.NOW_DUE, only=Narrowing(assignee=assignee), limit=AT_ONCE)
            yield from (file for file in page.cases if file.case.id not in held and file.decision is not None)

    def _wanted(self, work: Work, file: CaseFile, policy: RoutingPolicy) -> Wanted:
        read = file.classification
        team = file.decision.team if file.decision else ""
        before = [reply.consent.approved_by for reply in reversed(file.handled.replies)]
        if not before and file.case.customer_id:
            others = work.cases.of_customer(file.case.customer_id, limit=OTHER_CASES)
            before = [case.assignment.assigned_to for case in others if case.assignment.assigned_to]
        was = file.case.assignment.assigned_to or ""
        language = (read.language if read else "") or policy.language
        language = policy.language if language == UNKNOWN_LANGUAGE else language
        given = work.trail.search(TrailFilter(case_id=file.case.id, event="case.assigned"))
        refused = frozenset(
            event.by for event in given if event.facts.get("to") is None and event.by == event.facts.get("from")
        )
        return Wanted(file.case.id, team, file.case.channel, language, tuple(dict.fromkeys(before)), was, refused)

    def _assign(self, wanted: Wanted, given: Given, *, now: datetime) -> bool:
        """Whether it was still as it had been seen."""
        with self._store() as work:
            case = work.cases.lock(wanted.case_id)
            if (case.assignment.assigned_to or "") != wanted.was or case.is_resolved:
                return False
            work.cases.save(replace(case, assignment=Assignment(given.person_id, now, given.why)))
            facts = {"to": given.person_id, "from": wanted.was or None, "why": given.why}
            work.note("case.assigned", case.id, by="tactful", facts=facts, case_id=case.id)
        return True


def _load(work: Work) -> Counter[str]:
    """Cases that wait for us, by whose they are."""
    load: Counter[str] = Counter()
    for some in work.lists.waiting():
        load[some.assignee or NOBODY] += some.n
    return load


def is_away(person: Person, now: datetime) -> bool:
    """Whether somebody said that they are away now, or may not come in any more."""
    return not person.is_active or (person.away_until is not None and now < person.away_until)
