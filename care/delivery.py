"""The end of a message's life, after a person said yes: deliver, acknowledge; and notices, which nobody has to approve.

No transaction is open while a channel sends: a slow one must not hold a connection.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from care.desk import Case
from care.errors import ChannelBusy, ChannelError, ChannelRefused, ChannelUnclear, NotFound
from care.escalation import Notice
from care.masking import masked
from care.ports import Channel, Clock, Notifier, Receipt, Redactor
from care.reply import NEXT, Reply, Stage
from care.work import Lease, Store, Work

log = logging.getLogger("tactful.journey")

TOLD_TASKS = ("intent", "urgency")
"""The labels a contact is told."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything it takes to send; no model is among it.

    lease_s: how long one worker has for one reply or notice; longer than the job's own timeout. redactor: masks what a
    channel says of a failure; None in a process that takes no receipts. notifier: tells contacts of the playbook what
    climbed to them; None in a process that never does. console_url: where people reach it.
    """

    store: Store
    channels: Mapping[str, Channel]
    clock: Clock
    lease_s: float
    redactor: Redactor | None = None
    notifier: Notifier | None = None
    console_url: str = ""

    # 4. deliver -------------------------------------------------------------------------------------------------

    def deliver(self, reply_id: str) -> None:
        """Send one approved reply. Safe to run twice: only one run can claim it.

        Raises ChannelBusy when the channel asked to come back later; every other outcome is in the store.
        """
        with self.store() as work:
            claimed = work.replies.claim(reply_id, lease_s=self.lease_s)
        if claimed is None:
            return
        reply, lease = claimed
        channel = self.channels.get(reply.channel)
        if channel is None:
            problem = f"there is no channel {reply.channel} any more"
            self._land(reply, Stage.FAILED, was=Stage.CLAIMED, problem=problem)
            return
        with self.store() as work:
            flying = work.replies.enter_flight(reply, lease)
        if flying is None:
            return
        try:
            # No transaction is open here: a slow channel must not hold a connection.
            receipt = channel.send(flying)
        except ChannelBusy as error:
            later = self.clock() + timedelta(seconds=error.retry_after_s)
            self._land(flying, Stage.PENDING, not_before=later)
            raise
        except ChannelRefused as error:
            self._land(flying, Stage.FAILED, problem=str(error))
        except ChannelUnclear as error:
            self._land(flying, Stage.UNKNOWN, problem=str(error))
        else:
            self._land(flying, Stage.SENT, receipt=receipt, sent_at=self.clock())

    def _land(self, reply: Reply, stage: Stage, *, was: Stage = Stage.INFLIGHT, **changes: object) -> None:
        landed = reply.moved(stage, **changes)
        with self.store() as work:
            if work.replies.save(landed, was=was):
                work.note(f"reply.{stage}", reply.id, by="tactful", facts={"attempt": reply.attempt})

    # 5. acknowledge ---------------------------------------------------------------------------------------------

    def acknowledge(self, channel: str, receipt: Receipt) -> Reply:
        """Close the loop: the channel says what became of a reply. The same receipt twice changes nothing.

        Raises NotFound when it names no reply of ours on this channel; the channel should try again later.
        """
        with self.store() as work:
            reply = self._received(work, channel, receipt)
            stage = Stage.DELIVERED if receipt.is_delivered else Stage.FAILED
            if reply.stage is stage or stage not in NEXT[reply.stage]:
                return reply
            # A network's reason may quote what it refused.
            detail = self._safe(receipt.detail) if receipt.detail else None
            changes: dict[str, object] = {"problem": detail} if stage is Stage.FAILED else {}
            if receipt.outside_id and not reply.receipt:
                changes["receipt"] = receipt.outside_id
            landed = reply.moved(stage, **changes)
            if work.replies.save(landed, was=reply.stage):
                work.note(f"reply.{stage}", reply.id, by="channel", facts={"channel": channel})
        return landed

    def _received(self, work: Work, channel: str, receipt: Receipt) -> Reply:
        reply: Reply | None = None
        if receipt.reply_id:
            reply = work.replies.get(receipt.reply_id)
        elif receipt.outside_id:
            reply = work.replies.find(channel=channel, receipt=receipt.outside_id)
        if reply is None or reply.channel != channel:
            raise NotFound("reply", receipt.reply_id or receipt.outside_id or "without an id")
        return reply

    def _safe(self, detail: str) -> str:
        assert self.redactor is not None
        return masked(detail, redactor=self.redactor).text

    # while nobody answers -----------------------------------------------------------------------------------------

    def notify(self, notice_id: str) -> None:
        """Tell a contact that a message climbed to them: ids, labels and the clock, no customer's word.

        Safe to run twice: only one run can claim it. What may have gone out is told again: better twice than not at
        all. Every outcome is in the store.
        """
        with self.store() as work:
            claimed = work.notices.claim(notice_id, lease_s=self.lease_s)
            if claimed is None:
                return
            kept, lease = claimed
            labels = _labels_of(work.desk.case(kept.message_id))
        assert self.notifier is not None
        notice = replace(kept, labels=labels, link=f"{self.console_url}/cases/{kept.message_id}?view=all")
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

    def _put_off(self, notice: Notice, lease: Lease, error: ChannelError, **how: Any) -> None:
        with self.store() as work:
            is_over = work.notices.fail(notice, lease, problem=str(error), **how)
        if is_over:
            # Without the address: whose it is stands in the playbook.
            log.error("contact not told: notice %s, %s, %s", notice.id, notice.step, error)


def _labels_of(case: Case) -> dict[str, str]:
    """What a message is about, where we or a person are sure."""
    tasks = case.classification.tasks if case.classification else {}
    sure = {task: one.label for task, one in tasks.items() if not one.abstained}
    return {task: label for task, label in {**sure, **dict(case.corrections)}.items() if task in TOLD_TASKS}
