"""The end of a message's life, after a person said yes: deliver, acknowledge; and notices, which nobody has to approve.

No transaction is open while a channel sends: a slow one must not hold a connection.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from care.case import Source
from care.case_file import CaseFile, labels_of
from care.errors import BadReply, ChannelBusy, ChannelError, ChannelRefused, ChannelUnclear, NotFound
from care.escalation import Notice, NoticeKind
from care.masking import mask
from care.outgoing import check_claims, check_text
from care.ports import Channel, Clock, Links, Notifier, Receipt, Redactor, ToneChecker
from care.reply import NEXT, NOT_SAID, Draft, Purpose, Reply, ReplyStage
from care.settling import settle, unsay
from care.unit_of_work import Lease, Store, Work

log = logging.getLogger("tactful.journey")

TOLD_TASKS = ("intent", "urgency")
"""The labels a contact is told."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything it takes to send; no classifier is among it.

    lease_s: how long one worker has for one reply or notice; longer than the job's own timeout. redactor, tone: look at
    a reply once more when it really goes. notifier: tells contacts of the playbook what they have to look at; None in a
    process that never does. links: signs the way to a matter that was handed over. console_url: where people reach it.
    """

    store: Store
    channels: Mapping[str, Channel]
    clock: Clock
    lease_s: float
    redactor: Redactor
    tone: ToneChecker
    notifier: Notifier | None = None
    links: Links | None = None
    console_url: str = ""

    # 4. deliver -------------------------------------------------------------------------------------------------

    def deliver(self, reply_id: str) -> None:
        """Send one approved reply, if it is still right. Safe to run twice: only one run can claim it.

        What is not right any more is held for a person, its text kept. Raises ChannelBusy when the channel asked to
        come back later; every other outcome is in the store.
        """
        with self.store() as work:
            claimed = work.replies.claim(reply_id, lease_s=self.lease_s)
            file = work.cases.file(claimed[0].message_id) if claimed is not None else None
        if claimed is None or file is None:
            return
        reply, lease = claimed
        channel = self.channels.get(reply.channel)
        if channel is None:
            self._land(
                reply,
                ReplyStage.FAILED,
                was=ReplyStage.CLAIMED,
                problem=f"there is no channel {reply.channel} any more",
            )
            return
        problem = self._bad_words(reply, file)
        with self.store() as work:
            # Whoever writes to this case now waits until it is decided whether the reply goes.
            case = work.cases.lock(reply.case_id)
            file = work.cases.file(reply.message_id)
            # Read once, under the lock: a channel that goes live meanwhile waits for this case.
            is_rehearsal = channel.is_rehearsal
            problem = (
                why_held(reply, file, is_rehearsal=is_rehearsal, now=self.clock())
                or _untrue_claim(_draft_of(work, reply), file)
                or problem
            )
            if problem:
                if work.replies.save(reply.moved(ReplyStage.HELD, problem=problem), was=ReplyStage.CLAIMED):
                    unsay(work, reply, at=self.clock())
                    work.note("reply.held", reply.id, by="tactful", case_id=case.id)
                    settle(work, case, by="tactful")
                return
            flying = work.replies.enter_flight(reply, lease)
        if flying is None:
            return
        flying = replace(flying, is_rehearsal=is_rehearsal)
        try:
            # No transaction is open here: a slow channel must not hold a connection.
            receipt = channel.send(flying)
        except ChannelBusy as error:
            later = self.clock() + timedelta(seconds=error.retry_after_s)
            self._land(flying, ReplyStage.PENDING, not_before=later)
            raise
        except ChannelRefused as error:
            self._land(flying, ReplyStage.FAILED, problem=str(error))
        except ChannelUnclear as error:
            self._land(flying, ReplyStage.UNKNOWN, problem=str(error))
        else:
            self._land(flying, ReplyStage.SENT, receipt=receipt, sent_at=self.clock())

    def _bad_words(self, reply: Reply, file: CaseFile) -> str | None:
        """What the checks of today say of a text that passed them when it was approved."""
        try:
            check_text(
                reply.text,
                answers=file.message,
                labels=file.labels,
                redactor=self.redactor,
                tone=self.tone,
                visibility=reply.visibility,
            )
        except BadReply as error:
            return str(error)
        return None

    def _land(
        self, reply: Reply, stage: ReplyStage, *, was: ReplyStage = ReplyStage.INFLIGHT, **changes: object
    ) -> None:
        landed = reply.moved(stage, **changes)
        with self.store() as work:
            case = work.cases.lock(reply.case_id)
            if work.replies.save(landed, was=was):
                if stage in NOT_SAID:
                    unsay(work, reply, at=self.clock())
                facts = {"attempt": reply.attempt, "is_rehearsal": landed.is_rehearsal}
                work.note(f"reply.{stage}", reply.id, by="tactful", facts=facts, case_id=case.id)
                settle(work, case, by="tactful")

    # 5. acknowledge ---------------------------------------------------------------------------------------------

    def acknowledge(self, channel: str, receipt: Receipt) -> Reply:
        """Close the loop: the channel says what became of a reply. The same receipt twice changes nothing.

        Raises NotFound when it names no reply of ours on this channel; the channel should try again later.
        """
        # A network's reason may quote what it refused.
        detail = mask(receipt.detail, redactor=self.redactor).text if receipt.detail else None
        with self.store() as work:
            reply = _received(work, channel, receipt)
            case = work.cases.lock(reply.case_id)
            reply = work.replies.get(reply.id)
            stage = ReplyStage.DELIVERED if receipt.is_delivered else ReplyStage.FAILED
            if reply.stage is stage or stage not in NEXT[reply.stage]:
                return reply
            changes: dict[str, object] = {"problem": detail} if stage is ReplyStage.FAILED else {}
            if receipt.outside_id and not reply.receipt:
                changes["receipt"] = receipt.outside_id
            landed = reply.moved(stage, **changes)
            if work.replies.save(landed, was=reply.stage):
                if stage is ReplyStage.FAILED:
                    unsay(work, reply, at=self.clock())
                work.note(f"reply.{stage}", reply.id, by="channel", facts={"channel": channel}, case_id=case.id)
                settle(work, case, by="channel")
        return landed

    # while nobody answers -----------------------------------------------------------------------------------------

    def notify(self, notice_id: str) -> None:
        """Tell somebody that they have to look: ids, labels and the clock, no customer's word.

        Safe to run twice: only one run can claim it. What may have gone out is told again: better twice than not at
        all. Every outcome is in the store.
        """
        with self.store() as work:
            claimed = work.notices.claim(notice_id, lease_s=self.lease_s)
            if claimed is None:
                return
            kept, lease = claimed
            labels = _told_labels(work.cases.file(kept.message_id)) if kept.message_id else {}
        assert self.notifier is not None
        notice = replace(kept, labels=labels, link=self._link(kept))
        try:
            # No transaction is open here: a slow mail server must not hold a connection.
            self.notifier.notify(notice)
        except ChannelRefused as error:
            self._put_off(notice, lease, error, is_final=True)
        except ChannelError as error:
            later_s = error.retry_after_s if isinstance(error, ChannelBusy) else 0.0
            self._put_off(notice, lease, error, retry_after_s=later_s)
        else:
            with self.store() as work:
                work.notices.sent(notice, lease)

    def _link(self, notice: Notice) -> str:
        if notice.kind is NoticeKind.HAND_OVER and self.links is not None:
            return f"{self.console_url}/handovers/{notice.subject_id}?token={self.links.token(notice.subject_id)}"
        if notice.kind is NoticeKind.ENDPOINT_OFF:
            return f"{self.console_url}/settings"
        return f"{self.console_url}/cases/{notice.message_id}?view=all"

    def _put_off(self, notice: Notice, lease: Lease, error: ChannelError, **how: Any) -> None:
        with self.store() as work:
            is_over = work.notices.fail(notice, lease, problem=str(error), **how)
        if is_over:
            # Without the address: whose it is stands in the playbook.
            log.error("contact not told: notice %s, %s, %s", notice.id, notice.step, error)


def why_held(reply: Reply, file: CaseFile, *, is_rehearsal: bool, now: datetime) -> str | None:
    """Why an approved reply may not go out as the case stands now; None when it may.

    is_rehearsal: whether its channel only rehearses now. What the author of the reply did since holds nothing back.
    """
    case, since = file.case, reply.approved_at
    if not is_rehearsal and case.source is Source.DEMO:
        return "It answers a sample conversation, and the channel is live now."
    if not is_rehearsal and reply.is_rehearsal:
        return "It was written while the channel only rehearsed."
    if case.turn > reply.turn:
        return "The customer wrote again before it went out."
    if reply.purpose is Purpose.ANSWER and _by_another(case.resolved_by, case.resolved_at, reply):
        return "Somebody else has resolved the case since."
    if case.assigned_to != reply.approved_by and _by_another(case.assigned_to, case.assigned_at, reply):
        return "Somebody else has taken the case since."
    if any(one.is_open and _by_another(one.opened_by, one.opened_at, reply) for one in file.handled.handovers):
        return "The case was handed over since."
    promise = next((one for one in file.handled.promises if one.reply_id == reply.id), None)
    if promise is not None and promise.until <= now:
        return f"It promises an hour that has passed since {since:%H:%M}."
    return None


def _untrue_claim(draft: Draft | None, file: CaseFile) -> str | None:
    """What a reply says that is not so any more, since a hand-over was called back."""
    try:
        check_claims(draft, file)
    except BadReply as error:
        return str(error)
    return None


def _draft_of(work: Work, reply: Reply) -> Draft | None:
    """The draft that a reply was made from; None for a person's own words."""
    if reply.suggestion_id is None:
        return None
    drafts = work.suggestions.get(reply.suggestion_id).drafts
    return next((one for one in drafts if one.play == reply.play), None)


def _by_another(who: str | None, at: datetime | None, reply: Reply) -> bool:
    return who is not None and at is not None and who != reply.approved_by and at > reply.approved_at


def _received(work: Work, channel: str, receipt: Receipt) -> Reply:
    reply: Reply | None = None
    if receipt.reply_id:
        reply = work.replies.get(receipt.reply_id)
    elif receipt.outside_id:
        reply = work.replies.find(channel=channel, receipt=receipt.outside_id)
    if reply is None or reply.channel != channel:
        raise NotFound("reply", receipt.reply_id or receipt.outside_id or "without an id")
    return reply


def _told_labels(file: CaseFile) -> dict[str, str]:
    """What a message is about, where we or a person are sure."""
    labels = labels_of(file.classification, dict(file.corrections), is_sure=True)
    return {task: label for task, label in labels.items() if task in TOLD_TASKS}
