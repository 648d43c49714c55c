"""What people do to a case beside answering it: labels, decisions, offline steps, notes, taking, resolving."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from care import offline_path
from care.answering import Answering
from care.case import Assignment, Case, Resolution
from care.case_file import CaseFile
from care.classification import Correction
from care.correcting import keep_labels
from care.customer import Identity, IdentityMove
from care.decision import Action
from care.errors import BadStep, Conflict, NotFound, UnknownPerson
from care.escalation import Notice, NoticeState
from care.handing_over import HandOverWish, move, opened, reachable, reachable_names
from care.handover import HandOverState
from care.ids import new_id
from care.masking import check_labels, mask
from care.mentioning import mentioned
from care.note import LONGEST_NOTE, Note
from care.offline import OfflineState, OfflineTask
from care.ports import DELIVER, NOTIFY, PREPARE, JobQueue
from care.reply import Purpose, Reply, ReplyStage
from care.satisfaction import Satisfaction
from care.settling import refuse_while_offline, reopened, resolved, settle
from care.unit_of_work import Store, Work
from care.writing import refuse_held


@dataclass(frozen=True, slots=True)
class Casework:
    """People's work on cases. Shares what `Answering` needs: the store, the checks, the playbook, the queue."""

    answering: Answering

    def relabel(self, message_id: str, *, by: str, labels: Mapping[str, str]) -> None:
        """Keep a person's labels beside ours, also where they agree: what people say becomes training data.

        Raises NotFound, and BadStep or SensitiveBlocked for a label that is none.
        """
        check_labels(labels, redactor=self.answering.redactor)
        with self.answering.store() as work:
            file = work.cases.file(message_id)
            keep_labels(work, file, labels, self.answering.known_labels(), by=by)
            was = {f"was_{task}": file.labels[task] for task in labels if task in file.labels}
            work.note("message.relabelled", message_id, by=by, facts={**labels, **was}, case_id=file.case.id)

    def override(
        self, message_id: str, *, by: str, reason: str, action: Action | None = None, team: str | None = None
    ) -> None:
        """Put a person's action or team in place of ours, with their reason; both are kept and counted.

        Taking it offline opens the path away from the public; escalating hands it over at once. Raises NotFound,
        BadStep without a reason or for a team that the playbook does not know, and Conflict where there is no
        decision yet.
        """
        desk, now = self.answering, self.answering.clock()
        if not reason.strip():
            raise BadStep("Say why the decision is another one.")
        check_labels({"team": team or ""}, redactor=desk.redactor)
        why = mask(reason.strip(), redactor=desk.redactor).text
        notice = None
        with desk.store() as work:
            case = work.cases.lock(work.cases.of_message(message_id).id)
            refuse_held(work, case, by=by)
            file = work.cases.file(message_id)
            changed = _changes(file, action=action, team=team)
            self._refuse_unknown_team(changed)
            for task, (was, label) in changed.items():
                work.classifications.correct(Correction(message_id, task, was, label, by, why))
            decision = work.cases.file(message_id).decision
            assert decision is not None
            became = changed.get("action", ("", ""))[1]
            if became == Action.TAKE_OFFLINE:
                offline_path.plan(work, file.message, decision, now=now)
            if became == Action.ESCALATE and (step := reachable(desk.playbook.policy, decision.team)) is not None:
                policy = desk.playbook.policy
                _, notice = opened(work, case, HandOverWish(decision.team, step, by, why), policy=policy, now=now)
            if changed:
                facts = {task: label for task, (_, label) in changed.items()}
                facts |= {f"was_{task}": was for task, (was, _) in changed.items()}
                work.note("decision.overridden", message_id, by=by, facts=facts, case_id=case.id)
            settle(work, case, by=by)
        if notice is not None:
            desk.queue.ring(NOTIFY, notice.id)

    def _refuse_unknown_team(self, changed: Mapping[str, tuple[str, str]]) -> None:
        playbook = self.answering.playbook
        known = {*playbook.teams, *reachable_names(playbook.policy)}
        if "team" in changed and changed["team"][1] not in known:
            raise BadStep(f"The playbook knows no such team. It knows: {', '.join(sorted(known))}.")

    def move_offline(self, case_id: str, state: OfflineState, *, by: str, waiver: str | None = None) -> OfflineTask:
        """Take a case's offline task to its next state; closing takes a reply.

        waiver: a person's reason; what is sensitive in it is masked before it is kept.
        Raises NotFound, and Conflict for a move that is not allowed.
        """
        desk = self.answering
        if state is OfflineState.CLOSED:
            raise Conflict("It is closed by a reply on the channel where it began, or waived with a reason.")
        reason = mask(waiver, redactor=desk.redactor).text if waiver and state is OfflineState.WAIVED else None
        with desk.store() as work:
            case = work.cases.lock(case_id)
            open_task = offline_path.task_of(work, case_id)
            if not open_task.is_open:
                said = f"This offline task is {open_task.state} already."
                raise Conflict(said, state=open_task.state, by=open_task.changed_by)
            task = offline_path.moved(open_task, state, by=by, at=desk.clock(), waiver=reason)
            work.offline.save(task)
            work.note(f"offline.{state}", task.id, by=by, case_id=case_id)
            settle(work, case, by=by)
        return task

    def note(self, case_id: str, *, by: str, text: str) -> Note:
        """Keep an internal note; colleagues named with an @ are told. Raises NotFound and BadStep for no words."""
        desk, now = self.answering, self.answering.clock()
        said = mask(text.strip()[:LONGEST_NOTE], redactor=desk.redactor, is_public=False).text
        if not said:
            raise BadStep("Write what your colleagues should know.")
        with desk.store() as work:
            case = work.cases.lock(case_id)
            note_id = new_id("note", now=now)
            mentions, notices = mentioned(work, case, said, note_id, by=by, now=now)
            note = Note(note_id, case.id, said, by, now, mentions=mentions)
            work.notes.add(note)
            for notice in notices:
                work.notices.add(notice)
            work.note("note.added", note.id, by=by, facts={"mentions": len(mentions)}, case_id=case.id)
        for notice in notices:
            desk.queue.ring(NOTIFY, notice.id)
        return note

    def assign(self, case_id: str, *, by: str, to: str | None) -> Case:
        """Give a case to a person, or to nobody. Raises NotFound, and UnknownPerson for a person we do not have."""
        desk = self.answering
        with desk.store() as work:
            case = work.cases.lock(case_id)
            if to is not None and work.access.person(id=to) is None:
                raise UnknownPerson(to)
            giver = work.access.person(id=by)
            why = "Taken." if to == by else f"Given by {giver.name if giver else by}."
            given = replace(case, assignment=Assignment(to, desk.clock(), why) if to else Assignment())
            work.cases.save(given)
            facts = {"to": to, "from": case.assignment.assigned_to}
            work.note("case.assigned", case.id, by=by, facts=facts, case_id=case.id)
        return given

    def take_up(self, message_id: str, *, by: str) -> None:
        """Have a parked message prepared again. Raises NotFound, and Conflict for one that is not parked."""
        take_up(self.answering.store, self.answering.queue, message_id, by=by)

    def notify_again(self, notice_id: str, *, by: str) -> Notice:
        """A person saw that somebody could not be told, and wants them told: all tries anew, at the same address.

        Raises NotFound, and Conflict for a notice that has not failed or that somebody else sent again.
        """
        desk = self.answering
        with desk.store() as work:
            notice = work.notices.get(notice_id)
            if notice.sending.state is not NoticeState.FAILED or not work.notices.again(notice_id):
                raise Conflict(f"Notice {notice_id} is {notice.sending.state}; only one that failed is sent again.")
            facts = {"message_id": notice.about.message_id, "step": notice.step, "contact": notice.contact}
            work.note("notice.sent_again", notice_id, by=by, facts=facts, case_id=notice.about.case_id)
        desk.queue.ring(NOTIFY, notice_id)
        return replace(notice, sending=replace(notice.sending, state=NoticeState.WAITING, attempt=0))

    # resolved, and open again ---------------------------------------------------------------------------------------

    def resolve(self, case_id: str, *, by: str, question: str | None = None) -> Reply | None:
        """Close a case; with `question`, ask on the same channel whether the customer is content.

        Asked once a thread, never after praise alone or a sensitive matter: the question is left out then. Whoever the
        case was handed to does not have it any more. Raises NotFound, Conflict while something of it is offline, and
        what `approve` raises for a question that may not go out; nothing is written then.
        """
        desk = self.answering
        with desk.store() as work:
            file = work.cases.latest(case_id)
            case, message = file.case, file.message
            refuse_while_offline(work, case)
            may_ask = bool(question) and self._may_ask(work, case)
        reply = None
        if question and may_ask:
            # The playbook's own words, which nobody wrote today: no colleague reads them again.
            asking = desk.new_reply(file, text=question, by=by).with_consent(needs_second=False)
            reply = replace(asking, purpose=Purpose.SATISFACTION)
            desk.check_text(reply.said.text, file, labels={})
        with desk.store() as work:
            case = work.cases.lock(case_id)
            refuse_held(work, case, by=by)
            for handover in work.handovers.of_case(case_id):
                if handover.is_open:
                    move(work, handover, HandOverState.CALLED_BACK, by=by, now=desk.clock())
            # Who resolved it first did so; only the question may still be asked.
            if not case.is_resolved:
                resolved(work, case, Resolution.SOLVED, by=by, at=desk.clock())
            # Of two people who resolve at once, one asks.
            if reply is None or not work.surveys.ask(
                Satisfaction(case.thread_id, reply.id, asked_at=reply.consent.approved_at)
            ):
                return None
            work.replies.add(reply)
            facts = {"message_id": message.id}
            work.note("satisfaction.asked", reply.id, by=by, facts=facts, case_id=case.id)
        desk.queue.ring(DELIVER, reply.id)
        return reply

    def reopen(self, case_id: str, *, by: str) -> Case:
        """Open a resolved case again. Raises NotFound, and Conflict for one that is open."""
        with self.answering.store() as work:
            case = work.cases.lock(case_id)
            if case.ending.resolved_at is None:
                raise Conflict("This case is open already.", state=case.standing.state)
            desk = self.answering
            return reopened(work, case, by=by, at=desk.clock(), policy=desk.playbook.policy)

    def _may_ask(self, work: Work, case: Case) -> bool:
        """Answered, not asked before, and of a kind the playbook asks about."""
        of_thread = work.replies.of_thread(case.thread_id)
        replies = [reply for reply in of_thread if reply.sending.stage is not ReplyStage.WITHDRAWN]
        if any(reply.purpose is Purpose.SATISFACTION for reply in replies) or not replies:
            return False
        decisions = [suggestion.decision for suggestion in work.suggestions.of_case(case.id)]
        is_sensitive = (
            work.offline.of_case(case.id) is not None
            or work.messages.is_sensitive(case.id)
            or any(decision.action in (Action.TAKE_OFFLINE, Action.ESCALATE) for decision in decisions)
        )
        kinds = [decision.kind for decision in decisions]
        thread = work.messages.turns(case.thread_id)
        return not is_sensitive and self.answering.playbook.may_ask(kinds=kinds, is_sensitive=False, thread=thread)

    # one customer ---------------------------------------------------------------------------------------------------

    def join(self, identity: Identity, *, to_customer: str, by: str, evidence: str) -> IdentityMove:
        """Put an identity, with its cases, with another record. Raises NotFound, BadStep and Conflict."""
        desk, now = self.answering, self.answering.clock()
        why = mask(evidence.strip()[:500], redactor=desk.redactor).text
        if not why:
            raise BadStep("Say why these are one customer.")
        with desk.store() as work:
            known = work.customers.of(identity)
            if known is None:
                raise NotFound("customer of that handle on", identity.channel)
            if known.id == to_customer:
                raise Conflict("These are one record already.")
            theirs = known.spelled(identity)
            move = IdentityMove(new_id("mov", now=now), theirs, known.id, to_customer, why, by, now)
            work.customers.move(move)
            work.note("customer.joined", to_customer, by=by, facts={"from": known.id, "move_id": move.id})
        return move

    def part(self, move_id: str, *, by: str) -> IdentityMove:
        """Undo a move. Raises NotFound, and Conflict when it was undone or moved on since."""
        with self.answering.store() as work:
            undone = work.customers.undo(move_id, by=by)
            work.note("customer.parted", undone.to_customer, by=by, facts={"move_id": move_id})
        return undone


def take_up(store: Store, queue: JobQueue, message_id: str, *, by: str) -> None:
    """Have a parked message prepared again; needs no more than the store and a bell.

    Raises NotFound, and Conflict for one that is not parked.
    """
    with store() as work:
        case = work.cases.lock(work.cases.of_message(message_id).id)
        if not work.tasks.again(message_id):
            raise Conflict("This message is not parked; there is nothing to take up again.")
        work.note("task.taken_up", message_id, by=by, case_id=case.id)
        settle(work, case, by=by)
    queue.ring(PREPARE, message_id)


def _changes(file: CaseFile, *, action: Action | None, team: str | None) -> dict[str, tuple[str, str]]:
    """By task, what the decision was and what it becomes."""
    decision = file.decision
    if decision is None:
        raise Conflict("There is no decision to change yet.")
    is_now = {"action": str(decision.action), "team": decision.team}
    wanted = {"action": str(action) if action else is_now["action"], "team": team or is_now["team"]}
    return {task: (is_now[task], label) for task, label in wanted.items() if label != is_now[task]}
