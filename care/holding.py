"""A store that may be older than what it has sent: everything on its way out is for a person to release or drop."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from care.answering import Answering
from care.casework import Casework
from care.errors import ChannelError, NotFound
from care.keeping import StoreState
from care.ports import Channel, Remembering
from care.reply import MAY_BE_OUT, Reply, ReplyStage
from care.settling import settle
from care.unit_of_work import Store, Work

PROBLEM = "The store was put back from a copy: this may have gone out since. Look on the channel."
"""What stands at everything that was held so."""


# A promise of what is held stands: it was most likely made.


def hold_everything(work: Work, state: StoreState, *, at: datetime) -> dict[str, int]:
    """Hold what waits, call unclear what was being sent, give up notices that wait. Returns what was held, counted."""
    n_replies = 0
    for sending in work.keeping.on_the_way():
        case = work.cases.lock(sending.case_id)
        reply = work.replies.get(sending.id)
        is_unclear = reply.sending.stage is ReplyStage.INFLIGHT or reply.sending.problem == MAY_BE_OUT
        stage = ReplyStage.UNKNOWN if is_unclear else ReplyStage.HELD
        if work.replies.save(reply.moved(stage, problem=PROBLEM), was=reply.sending.stage):
            n_replies += 1
            work.note(f"reply.{stage}", reply.id, by="tactful", facts={"why": "restored"}, case_id=case.id)
            settle(work, case, by="tactful")
    notices = work.keeping.park_notices(problem=PROBLEM)
    work.keeping.save(replace(state, held_at=at))
    work.note("store.held", state.store_id, by="tactful", facts={"replies": n_replies, "notices": len(notices)})
    return {"replies": n_replies, "notices": len(notices)}


def held(store: Store) -> tuple[list[Reply], list[str]]:
    """Replies, and ids of notices, that wait for a person since the store was put back."""
    with store(read=True) as work:
        return work.keeping.held(problem=PROBLEM), work.keeping.parked_notices(problem=PROBLEM)


def ask(store: Store, channels: Mapping[str, Channel]) -> int:
    """Ask the channels that can tell which of the held replies they took; those are sent. Returns how many."""
    n_sent = 0
    for reply in held(store)[0]:
        receipt = _receipt(channels.get(reply.address.channel), reply)
        if receipt is not None and mark_sent(store, reply.id, by="channel", receipt=receipt):
            n_sent += 1
    return n_sent


def _receipt(channel: object, reply: Reply) -> str | None:
    try:
        return channel.receipt_of(reply) if isinstance(channel, Remembering) else None
    except ChannelError:
        return None


def mark_sent(store: Store, id: str, *, by: str, receipt: str | None = None) -> bool:
    """Keep that a held reply was seen on its channel. False when it is not held any more."""
    with store() as work:
        case = work.cases.lock(work.replies.get(id).case_id)
        reply = work.replies.get(id)
        if reply.sending.stage not in (ReplyStage.HELD, ReplyStage.UNKNOWN) or reply.sending.problem != PROBLEM:
            return False
        unclear = reply if reply.sending.stage is ReplyStage.UNKNOWN else reply.moved(ReplyStage.UNKNOWN)
        sent = unclear.moved(ReplyStage.SENT, receipt=receipt or reply.sending.receipt, problem=None)
        if not work.replies.save(sent, was=reply.sending.stage):
            return False
        work.note("reply.marked_sent", id, by=by, case_id=case.id)
        settle(work, case, by=by)
    return True


def release(answering: Answering, casework: Casework, id: str, *, by: str) -> None:
    """Have one sent after all. Raises NotFound, and Conflict when it is not held."""
    if id in held(answering.store)[1]:
        casework.notify_again(id, by=by)
        return
    answering.send_again(id, by=by)


def drop(answering: Answering, id: str, *, by: str) -> None:
    """Never send one: what was being sent counts as sent, any other is taken back. Raises NotFound and Conflict."""
    reply = next((candidate for candidate in held(answering.store)[0] if candidate.id == id), None)
    if reply is None:
        raise NotFound("held reply", id)
    if reply.sending.stage is ReplyStage.UNKNOWN:
        mark_sent(answering.store, id, by=by)
    else:
        answering.withdraw(id, by=by)
