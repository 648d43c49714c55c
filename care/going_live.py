"""A channel goes live: samples are archived, what was only rehearsed was never said, and from then on it sends.

Whoever wrote while it rehearsed and heard nothing real is still to be answered: their case is open, with its clock.
Safe to run twice, and to start again where it was killed.
"""

from dataclasses import dataclass, replace

from care import offline_path
from care.case import Case, Ending, Resolution, Source
from care.handing_over import move
from care.handover import HandOverState
from care.offline import OfflineState
from care.policy import Policy
from care.ports import Clock
from care.reply import NOT_SAID, Purpose, ReplyStage
from care.settling import reopened, settle
from care.trail import OPERATOR
from care.unit_of_work import Store, Work
from care.withdrawing import undo_effects

WHY = "The channel went live; this was a sample or a rehearsal."


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a channel's rehearsal left behind. n_unanswered: real customers who got answers that reached nobody."""

    n_samples: int
    n_unanswered: int


@dataclass(frozen=True, slots=True)
class GoingLive:
    """Everything it takes to switch one channel on, once its test message has gone out."""

    store: Store
    channel: str
    clock: Clock
    policy: Policy
    by: str = OPERATOR

    def ahead(self) -> Rehearsed:
        """What `go` would deal with."""
        with self.store(read=True) as work:
            return Rehearsed(*work.switches.n_rehearsed(self.channel))

    def go(self, *, is_answered_elsewhere: bool = False) -> bool:
        """Switch it on and clear up after its rehearsal. False when it was on before.

        is_answered_elsewhere: customers who got rehearsed answers have heard from us by other means; their cases are
        archived too.
        """
        with self.store() as work:
            is_first = work.switches.turn_on(self.channel, by=self.by, at=self.clock())
            if is_first:
                work.note("channel.live", self.channel, by=self.by)
        # After the switch: whoever still rehearses holds the lock of their case, and is waited for.
        after = ""
        while True:
            with self.store(read=True) as work:
                case_ids = work.switches.rehearsed(self.channel, after=after)
            for case_id in case_ids:
                with self.store() as work:
                    self._clear_up(work, work.cases.lock(case_id), is_archived=is_answered_elsewhere)
            if not case_ids:
                return is_first
            after = case_ids[-1]

    def _clear_up(self, work: Work, case: Case, *, is_archived: bool) -> None:
        was_only_rehearsed = self._withdraw_rehearsals(work, case)
        case = work.cases.lock(case.id)
        if case.source is Source.DEMO or (is_archived and was_only_rehearsed):
            self._archive(work, case)
            return
        if was_only_rehearsed:
            work.suggestions.restore(case.id, turn=case.turn)
            if case.ending.resolution is Resolution.SOLVED:
                case = reopened(work, case, by=self.by, at=self.clock(), policy=self.policy)
        settle(work, case, by=self.by)

    def _withdraw_rehearsals(self, work: Work, case: Case) -> bool:
        """Take every rehearsed reply back. True where there was an answer among them, and none that was real."""
        replies, was_answered = work.replies.of_case(case.id), False
        for reply in replies:
            if reply.sending.is_rehearsal and reply.sending.stage is not ReplyStage.WITHDRAWN:
                if work.replies.save(reply.never_sent(WHY), was=reply.sending.stage):
                    case = undo_effects(work, case, reply, by=self.by, at=self.clock(), policy=self.policy)
                was_answered = was_answered or reply.purpose is not Purpose.SATISFACTION
        is_real = any(not answer.sending.is_rehearsal and answer.sending.stage not in NOT_SAID for answer in replies)
        return was_answered and not is_real and not work.cases.facts(case).is_answered

    def _archive(self, work: Work, case: Case) -> None:
        now = self.clock()
        for handover in work.handovers.of_case(case.id):
            if handover.is_open:
                move(work, handover, HandOverState.CALLED_BACK, by=self.by, now=now)
        task = work.offline.of_case(case.id)
        if task is not None and task.is_open:
            work.offline.save(offline_path.moved(task, OfflineState.WAIVED, by=self.by, at=now, waiver=WHY))
        work.suggestions.supersede(case.id, before_turn=case.turn + 1)
        archived = replace(case, ending=Ending(case.ending.resolved_at or now, self.by, Resolution.ARCHIVED))
        work.cases.save(archived)
        work.note("case.archived", case.id, by=self.by, case_id=case.id)
        settle(work, archived, by=self.by)
