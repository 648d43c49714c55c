"""What became of one try to send a reply, known from the moment its channel answered.

Four things can be so: it was taken, it was refused for good, it was not taken and may be tried again, or nobody knows.
Where a channel takes one key once, what nobody knows is tried again with the same key.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear, NotFound, TactfulError
from care.ports import Channel, Clock
from care.reply import MAY_BE_OUT, NOT_SAID, Reply, ReplyStage
from care.retries import DELIVER
from care.settling import settle, unsay
from care.unit_of_work import Store, Work

log = logging.getLogger("tactful.journey")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one try. attempt: which one of the reply's. not_before: of the next, where there is one.

    retry_after_s: seconds for which the whole channel asked to be left alone; None where it did not say.
    """

    reply_id: str
    attempt: int
    stage: ReplyStage
    is_rehearsal: bool
    receipt: str | None = None
    sent_at: datetime | None = None
    problem: str | None = None
    not_before: datetime | None = None
    retry_after_s: float | None = None

    def of(self, reply: Reply) -> Reply:
        """The reply as this try left it."""
        was = reply.sending
        return reply.with_sending(
            stage=self.stage,
            is_rehearsal=self.is_rehearsal,
            receipt=self.receipt or was.receipt,
            sent_at=self.sent_at or was.sent_at,
            problem=self.problem,
            not_before=self.not_before or was.not_before,
        )


def handed_over(channel: Channel, reply: Reply, *, clock: Clock) -> Outcome:
    """Hand a reply in flight to its channel, and say what became of it. Never raises for what a channel does."""
    outcome = Outcome(reply.id, reply.sending.attempt, ReplyStage.SENT, reply.sending.is_rehearsal)
    try:
        receipt = channel.send(reply)
    except ChannelBusy as error:
        return _later(outcome, reply, problem=reply.sending.problem, retry_after_s=error.retry_after_s, now=clock())
    except ChannelRefused as error:
        # A refusal of this try says nothing of one before that nobody can be sure of.
        stage = ReplyStage.UNKNOWN if reply.sending.problem == MAY_BE_OUT else ReplyStage.FAILED
        return replace(outcome, stage=stage, problem=str(error))
    except ChannelUnclear as error:
        problem, retry_after_s = str(error), error.retry_after_s
    except Exception as error:  # noqa: BLE001  it may have gone out; its words could quote the reply
        problem, retry_after_s = f"{channel.name}: sending was interrupted ({type(error).__name__})", None
    else:
        return replace(outcome, receipt=receipt, sent_at=clock())
    if channel.is_idempotent:
        return _later(outcome, reply, problem=MAY_BE_OUT, retry_after_s=retry_after_s, now=clock())
    return replace(outcome, stage=ReplyStage.UNKNOWN, problem=problem)


def _later(
    outcome: Outcome, reply: Reply, *, problem: str | None, retry_after_s: float | None, now: datetime
) -> Outcome:
    wait_s = DELIVER.wait_s(reply.sending.attempt) if retry_after_s is None else retry_after_s
    return replace(
        outcome,
        stage=ReplyStage.PENDING,
        problem=problem,
        not_before=now + timedelta(seconds=wait_s),
        retry_after_s=retry_after_s,
    )


class Spool(Protocol):
    """Outcomes that the store could not take, kept beside it. Safe from several processes; one kept twice is one."""

    def keep(self, outcome: Outcome) -> None: ...

    def outcomes(self) -> Sequence[Outcome]:
        """Oldest first."""
        ...

    def drop(self, outcome: Outcome) -> None: ...


def land(work: Work, outcome: Outcome, *, now: datetime, was: ReplyStage = ReplyStage.INFLIGHT) -> None:
    """Put a reply where a try left it; a later try, and what a person did since, stays. Raises NotFound."""
    case = work.cases.lock(work.replies.get(outcome.reply_id).case_id)
    reply = work.replies.get(outcome.reply_id)
    landed = outcome.of(reply)
    # A store that was put back from a copy may know of fewer tries than its channel has seen.
    attempt = reply.sending.attempt
    is_newest = attempt == outcome.attempt or (landed.has_left and attempt < outcome.attempt)
    if is_newest and work.replies.save(landed, was=was):
        if landed.sending.stage in NOT_SAID:
            unsay(work, reply, at=now)
        facts = {"attempt": outcome.attempt, "is_rehearsal": landed.sending.is_rehearsal}
        work.note(f"reply.{landed.sending.stage}", reply.id, by="tactful", facts=facts, case_id=case.id)
        settle(work, case, by="tactful")


def take_back(store: Store, spool: Spool, *, now: datetime) -> int:
    """Bring what was kept beside the store into it. Returns how many; what cannot be kept yet stays beside it.

    Raises Unreachable while the store takes nothing.
    """
    n = 0
    for outcome in spool.outcomes():
        try:
            with store() as work:
                land(work, outcome, now=now)
            n += 1
        except NotFound:
            # Its customer was forgotten since.
            log.warning("the outcome of a reply that is gone: %s", outcome.reply_id)
        except TactfulError:
            raise
        except Exception as error:
            log.error("an outcome stays beside the store: %s", outcome.reply_id, exc_info=error)
            continue
        spool.drop(outcome)
    return n
