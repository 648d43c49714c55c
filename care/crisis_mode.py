"""A supervisor or administrator declares a crisis, changes what is said, and ends it; who has to know is told once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from care import placeholders
from care.crisis import PREFIX, Crisis, CrisisLine, CrisisMatter, CrisisStep, Statement
from care.errors import BadReply, BadStep, Conflict, Problem
from care.escalation import Notice, NoticeClock, NoticeKind, NoticeSubject
from care.ids import new_id
from care.masking import mask
from care.message import Visibility
from care.outgoing import check_sensitive, read_by
from care.people import leads
from care.phrases import PhraseBook
from care.ports import Channel, Clock, Playbook, Redactor, ToneChecker
from care.reply import ToneReport, Verdict
from care.unit_of_work import Store, Work

TOLD_TEAMS = frozenset({"press", "legal"})
"""Words in the names of teams and contacts that are told of a crisis beside the leads."""
SHORTEST = 20
"""Characters of a statement: what is shorter says nothing, and the words of a drill could stand in any reply."""
LONGEST = 4000
MOST = 40
"""Intents, phrases and channels, each."""
_ANSWER_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CrisisWish:
    """What somebody declares."""

    name: str
    reason: str
    matter: CrisisMatter
    statement: Statement
    is_drill: bool = False

    def is_said_by(self, crisis: Crisis) -> bool:
        """Whether a crisis is the one that is declared here."""
        said = (crisis.name, crisis.reason, crisis.matter, crisis.statement, crisis.is_drill)
        return said == (self.name, self.reason, self.matter, self.statement, self.is_drill)


@dataclass(frozen=True, slots=True)
class CrisisDesk:
    """Everything it takes to declare a crisis and to end it."""

    store: Store
    playbook: Playbook
    channels: Mapping[str, Channel]
    redactor: Redactor
    tone: ToneChecker
    clock: Clock

    def begin(self, wish: CrisisWish, *, by: str) -> Crisis:
        """Declare it. The same declaration again gives the one that is on.

        Raises BadStep for what cannot be matched, BadReply and SensitiveBlocked for a statement that may not be said,
        and Conflict while another one is on.
        """
        wish = self._checked(wish)
        now = self.clock()
        log = (CrisisLine(CrisisStep.BEGAN, by, now, wish.statement),)
        crisis = Crisis(
            id=new_id(PREFIX, now=now),
            name=wish.name,
            reason=wish.reason,
            is_drill=wish.is_drill,
            matter=wish.matter,
            statement=wish.statement,
            began_by=by,
            began_at=now,
            log=log,
        )
        with self.store() as work:
            if not work.crises.begin(crisis):
                on = work.crises.on()
                if on is not None and wish.is_said_by(on):
                    return on
                what = "A drill" if on is not None and on.is_drill else "A crisis"
                raise Conflict(f"{what} is on already. End it before you declare another one.", state="on")
            _note(work, crisis, CrisisStep.BEGAN, by=by)
            for notice in self._notices(work, crisis):
                work.notices.add(notice)
        return crisis

    def change(self, crisis_id: str, statement: Statement, *, by: str) -> Crisis:
        """Say something else from now on. Raises what `begin` raises, NotFound, and Conflict for one that is over."""
        with self.store(read=True) as work:
            matter = work.crises.lock(crisis_id).matter
        statement = self._statement(statement, matter)
        with self.store() as work:
            crisis = work.crises.lock(crisis_id)
            if crisis.statement == statement and crisis.is_on:
                return crisis
            if not crisis.is_on:
                raise Conflict("This crisis is over; declare a new one.", state="over", by=crisis.ended_by)
            crisis = crisis.changed(statement, by=by, at=self.clock())
            work.crises.save(crisis)
            _note(work, crisis, CrisisStep.CHANGED, by=by)
        return crisis

    def end(self, crisis_id: str, *, by: str) -> Crisis:
        """End it; one that is over stays as it is. Raises NotFound."""
        with self.store() as work:
            crisis = work.crises.lock(crisis_id)
            if not crisis.is_on:
                return crisis
            crisis = crisis.over(by=by, at=self.clock())
            work.crises.save(crisis)
            _note(work, crisis, CrisisStep.ENDED, by=by)
        return crisis

    def tone_of(self, statement: Statement, matter: CrisisMatter) -> Mapping[str, ToneReport]:
        """By "public" and "private", the tone of a statement where it is least fit of the channels that it is for."""
        reports: dict[str, ToneReport] = {}
        for part, text, place in _texts(statement):
            known = matter.channels or tuple(self.channels)
            kept = [name for name in known if place is Visibility.PRIVATE or self.channels[name].is_public]
            each = [self.tone.check(text, channel=name, visibility=place) for name in kept or known]
            order = list(Verdict)
            if each:
                reports[part] = max(each, key=lambda report: (order.index(report.verdict), -report.score))
        return reports

    # what is declared -----------------------------------------------------------------------------------------------

    def _checked(self, wish: CrisisWish) -> CrisisWish:
        name, reason = self._said(wish.name), self._said(wish.reason)
        if not name or not reason:
            raise BadStep("A crisis needs a name and a reason, so that everybody knows what it is about.")
        matter = self._matter(wish.matter)
        return replace(wish, name=name, reason=reason, matter=matter, statement=self._statement(wish.statement, matter))

    def _matter(self, matter: CrisisMatter) -> CrisisMatter:
        intents, phrases, channels = (_once(kept) for kept in (matter.intents, matter.phrases, matter.channels))
        if not (intents or phrases or channels):
            raise BadStep("Say what it is about: at least one intent, phrase or channel.")
        if max(map(len, (intents, phrases, channels))) > MOST:
            raise BadStep(f"It can be about {MOST} intents, phrases and channels each at most.")
        if set(channels) - set(self.channels):
            raise BadStep(f"There is no such channel. The channels are: {', '.join(sorted(self.channels))}.")
        known = self.playbook.policy.intents
        if known and set(intents) - set(known):
            raise BadStep(f"There is no such intent. The intents of the playbook are: {', '.join(sorted(known))}.")
        try:
            PhraseBook({"crisis": phrases})
        except ValueError:
            raise BadStep("A phrase must begin and end with a word that is always there.") from None
        return CrisisMatter(intents, phrases, channels)

    def _statement(self, statement: Statement, matter: CrisisMatter) -> Statement:
        approved_by = self._said(statement.approved_by)
        if not approved_by:
            raise BadStep("Say who approved the statement.")
        statement = Statement(statement.public_text.strip(), statement.private_text.strip(), approved_by)
        for part, text, place in _texts(statement):
            problems = [Problem(gap.name, "is still open", "fill it in") for gap in placeholders.find(text)]
            if not SHORTEST <= len(text) <= LONGEST:
                fix = f"write {SHORTEST} to {LONGEST} characters"
                problems.append(Problem(f"the {part} statement", "is too short or too long", fix))
            if problems:
                raise BadReply(problems, part=part)
            check_sensitive(text, redactor=self.redactor, is_public=read_by(place))
        for part, report in self.tone_of(statement, matter).items():
            if report.verdict is Verdict.STOP:
                where = f"the {part} statement"
                raise BadReply(
                    [Problem(where, finding.message, finding.fix or "") for finding in report.findings]
                    or [Problem(where, "is stopped by the tone check", "write it otherwise")],
                    part=part,
                )
        return statement

    def _said(self, text: str) -> str:
        return mask(" ".join(text.split())[:200], redactor=self.redactor).text

    # who is told ----------------------------------------------------------------------------------------------------

    def _notices(self, work: Work, crisis: Crisis) -> list[Notice]:
        """What leads are told, and of what is no drill press and legal too; each address once."""
        told = {person.email: person.email for person in leads(work)}
        if not crisis.is_drill:
            told = {**self._contacts(), **told}
        at = crisis.began_at
        channels = ", ".join(crisis.matter.channels) or "all channels"
        about = NoticeSubject(channels, kind=NoticeKind.CRISIS, subject_id=crisis.id)
        clock = NoticeClock(at, at, timedelta(), at + _ANSWER_WITHIN)
        step = "drill" if crisis.is_drill else "crisis"
        return [
            Notice(new_id("ntc", now=at), step, contact, address, about, clock) for address, contact in told.items()
        ]

    def _contacts(self) -> dict[str, str]:
        """By address, the contacts of the playbook for press and legal."""
        found = {
            step.email: step.contact
            for team, steps in self.playbook.policy.steps.items()
            if _words(team) & TOLD_TEAMS
            for step in steps
            if step.email
        }
        for contact in self.playbook.contacts:
            if contact.email and _words(f"{contact.name} {contact.role}") & TOLD_TEAMS:
                found[contact.email] = contact.name
        return found


def _texts(statement: Statement) -> tuple[tuple[str, str, Visibility], ...]:
    return (
        ("public", statement.public_text, Visibility.PUBLIC),
        ("private", statement.private_text, Visibility.PRIVATE),
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _words(name: str) -> set[str]:
    return set(name.casefold().replace("_", " ").replace("-", " ").split())


def _note(work: Work, crisis: Crisis, step: CrisisStep, *, by: str) -> None:
    """Tell the trail. A drill has names of its own there: other systems are not told of it."""
    name = f"crisis.drill_{step}" if crisis.is_drill else f"crisis.{step}"
    facts: dict[str, object] = {}
    if step is CrisisStep.ENDED:
        counted = work.crises.counts(crisis.id)
        facts = {"n_matched": counted.n_matched, "n_answered": counted.n_answered}
    work.note(name, crisis.id, by=by, facts=facts)
