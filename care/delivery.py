"""The end of a message's life, after a person said yes: deliver, acknowledge; and notices, which nobody has to approve.

No transaction is open while a channel sends: a slow one must not hold a connection.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from care.case import Source
from care.case_file import CaseFile, labels_of
from care.errors import BadReply, ChannelBusy, ChannelError, ChannelRefused, NotFound, Unreachable
from care.escalation import Notice, NoticeKind
from care.failpoints import Point, reach
from care.masking import mask
from care.outcome import Outcome, Spool, handed_over, land
from care.outgoing import check_claims, check_text
from care.ports import Channel, Clock, Links, Notifier, Receipt, Redactor, ToneChecker
from care.reply import MAY_BE_OUT, NEXT, NOT_SAID, Draft, Purpose, Reply, ReplyStage
from care.settling import settle, unsay
from care.unit_of_work import Lease, Store, Work

log = logging.getLogger("tactful.journey")

TOLD_TASKS = ("intent", "urgency")
"""The labels a contact is told."""

FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 2.0
"""Seconds between two tries to keep what a channel answered, each wait twice the one before."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything it takes to send; no classifier is among it.

    lease_s: how long one worker has for one reply or notice; longer than the job's own timeout. redactor, tone: look at
    a reply once more when it really goes. notifier: tells contacts of the playbook what they have to look at; None in a
    process that never does. links: signs the way to a matter that was handed over. console_url: where people reach it.
    spool: takes what the store cannot.
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
    spool: Spool | None = None

    # 4. deliver -------------------------------------------------------------------------------------------------

    def deliver(self, reply_id: str) -> ReplyStage | None:
        """Send one approved reply, if it is still right. Safe to run twice: only one run can claim it.

        What is not right any more is held for a person, its text kept. Returns the stage where this run left it, None
        where there was nothing to do. Raises ChannelBusy when it has to be tried again; every outcome is kept.
        """
        began = time.monotonic()
        with self.store() as work:
            claimed = work.replies.claim(reply_id, lease_s=self.lease_s)
            file = work.cases.file(claimed[0].message_id) if claimed is not None else None
        if claimed is None or file is None:
            return None
        reach(Point.DELIVER_CLAIMED)
        reply, lease = claimed
        channel = self.channels.get(reply.address.channel)
        if channel is None:
            problem = f"there is no channel {reply.address.channel} any more"
            stage = ReplyStage.UNKNOWN if reply.sending.problem == MAY_BE_OUT else ReplyStage.FAILED
            outcome = Outcome(reply.id, reply.sending.attempt, stage, reply.sending.is_rehearsal, problem=problem)
            with self.store() as work:
                land(work, outcome, now=self.clock(), was=ReplyStage.CLAIMED)
            return stage
        flying, stopped = self._take_off(reply, lease, channel, bad_words=self._bad_words(reply, file))
        if flying is None:
            return stopped
        # No transaction is open here: a slow channel must not hold a connection.
        reach(Point.DELIVER_INFLIGHT)
        outcome = handed_over(channel, flying, clock=self.clock)
        reach(Point.DELIVER_ANSWERED)
        self._keep(outcome, until=began + self.lease_s)
        if outcome.stage is ReplyStage.PENDING:
            raise ChannelBusy(channel.name, retry_after_s=outcome.retry_after_s)
        return outcome.stage

    def _take_off(
        self, reply: Reply, lease: Lease, channel: Channel, *, bad_words: str | None
    ) -> tuple[Reply | None, ReplyStage | None]:
        """The reply in flight; none, and where it stands, when it may not go as its case stands now."""
        with self.store() as work:
            # Whoever writes to this case now waits until it is decided whether the reply goes.
            case = work.cases.lock(reply.case_id)
            file = work.cases.file(reply.message_id)
            # Read once, under the lock: a channel that goes live meanwhile waits for this case.
            is_rehearsal = channel.is_rehearsal
            problem = (
                why_held(reply, file, is_rehearsal=is_rehearsal, now=self.clock())
                or _untrue_claim(_draft_of(work, reply), file)
                or bad_words
            )
            if problem is None:
                flying = work.replies.enter_flight(reply, lease)
                reach(Point.DELIVER_TAKING_OFF)
                return (None, None) if flying is None else (flying.with_sending(is_rehearsal=is_rehearsal), None)
            # What may be out already was said, as far as anybody knows.
            stage = ReplyStage.UNKNOWN if reply.sending.problem == MAY_BE_OUT else ReplyStage.HELD
            if work.replies.save(reply.moved(stage, problem=problem), was=ReplyStage.CLAIMED):
                if stage in NOT_SAID:
                    unsay(work, reply, at=self.clock())
                work.note(f"reply.{stage}", reply.id, by="tactful", case_id=case.id)
                settle(work, case, by="tactful")
            return None, stage

    def _bad_words(self, reply: Reply, file: CaseFile) -> str | None:
        """What the checks of today say of a text that passed them when it was approved."""
        try:
            check_text(
                reply.said.text,
                answers=file.message,
                labels=file.labels,
                redactor=self.redactor,
                tone=self.tone,
                visibility=reply.address.visibility,
            )
        except BadReply as error:
            return str(error)
        return None

    def _keep(self, outcome: Outcome, *, until: float) -> None:
        """Keep what is known, whatever the store does: tried until the lease ends, then written beside the store.

        until: of this process's monotonic clock. Raises the store's error where there is nothing beside it.
        """
        wait_s = FIRST_WAIT_S
        while True:
            try:
                with self.store() as work:
                    land(work, outcome, now=self.clock())
                    reach(Point.DELIVER_LANDING)
                reach(Point.DELIVER_LANDED)
                return
            except Exception as error:
                is_away = isinstance(error, Unreachable)
                if is_away and time.monotonic() + wait_s < until:
                    log.warning("outcome not kept yet: reply %s, %s", outcome.reply_id, outcome.stage)
                    time.sleep(wait_s)
                    wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                    continue
                if self.spool is None:
                    raise
                self.spool.keep(outcome)
                log.error("outcome kept beside the store: reply %s, %s", outcome.reply_id, outcome.stage)
                return

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
            if reply.sending.stage is stage or stage not in NEXT[reply.sending.stage]:
                return reply
            changes: dict[str, object] = {"problem": detail} if stage is ReplyStage.FAILED else {}
            if receipt.outside_id and not reply.sending.receipt:
                changes["receipt"] = receipt.outside_id
            landed = reply.moved(stage, **changes)
            if work.replies.save(landed, was=reply.sending.stage):
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
            labels = _told_labels(work.cases.file(kept.about.message_id)) if kept.about.message_id else {}
        assert self.notifier is not None
        notice = replace(kept, labels=labels, link=self._link(kept))
        try:
            # No transaction is open here: a slow mail server must not hold a connection.
            self.notifier.notify(notice)
        except ChannelRefused as error:
            self._put_off(notice, lease, error, is_final=True)
        except ChannelError as error:
            later_s = error.retry_after_s or 0.0 if isinstance(error, ChannelBusy) else 0.0
            self._put_off(notice, lease, error, retry_after_s=later_s)
        else:
            with self.store() as work:
                work.notices.sent(notice, lease)

    def _link(self, notice: Notice) -> str:
        about = notice.about
        if about.kind is NoticeKind.HAND_OVER and self.links is not None:
            return f"{self.console_url}/handovers/{about.subject_id}?token={self.links.token(about.subject_id)}"
        if about.kind is NoticeKind.ENDPOINT_OFF:
            return f"{self.console_url}/settings"
        if about.kind is NoticeKind.CRISIS:
            return f"{self.console_url}/crisis"
        if about.kind is NoticeKind.SURGE:
            return f"{self.console_url}/"
        return f"{self.console_url}/cases/{about.message_id}?view=all"

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
    case, since = file.case, reply.consent.approved_at
    if not is_rehearsal and case.source is Source.DEMO:
        return "It answers a sample conversation, and the channel is live now."
    if not is_rehearsal and reply.sending.is_rehearsal:
        return "It was written while the channel only rehearsed."
    if case.turn > reply.consent.turn:
        return "The customer wrote again before it went out."
    if reply.purpose is Purpose.ANSWER and _by_another(case.ending.resolved_by, case.ending.resolved_at, reply):
        return "Somebody else has resolved the case since."
    given = case.assignment
    if given.assigned_to != reply.consent.approved_by and _by_another(given.assigned_to, given.assigned_at, reply):
        return "Somebody else has taken the case since."
    if any(
        handover.is_open and _by_another(handover.opened_by, handover.opened_at, reply)
        for handover in file.handled.handovers
    ):
        return "The case was handed over since."
    promise = next((made for made in file.handled.promises if made.reply_id == reply.id), None)
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
    return next((draft for draft in drafts if draft.play == reply.said.play), None)


def _by_another(who: str | None, at: datetime | None, reply: Reply) -> bool:
    return who is not None and at is not None and who != reply.consent.approved_by and at > reply.consent.approved_at


def _received(work: Work, channel: str, receipt: Receipt) -> Reply:
    reply: Reply | None = None
    if receipt.reply_id:
        reply = work.replies.get(receipt.reply_id)
    elif receipt.outside_id:
        reply = work.replies.find(channel=channel, receipt=receipt.outside_id)
    if reply is None or reply.address.channel != channel:
        raise NotFound("reply", receipt.reply_id or receipt.outside_id or "without an id")
    return reply


def _told_labels(file: CaseFile) -> dict[str, str]:
    """What a message is about, where we or a person are sure."""
    labels = labels_of(file.classification, dict(file.corrections), is_sure=True)
    return {task: label for task, label in labels.items() if task in TOLD_TASKS}
