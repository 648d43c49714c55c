"""A private answer and the public word that points to it: two replies of one act.

The pointer says that the answer was sent, so it may only be said once that is so. It stands by its answer: it waits
while the answer is on its way, is held while the answer is in trouble, and goes on once a person has mended that.
"""

from care.channel_rules import ChannelRules
from care.errors import BadReply, Problem
from care.message import Message
from care.reply import Reply, ReplyStage

UNTRUE = "The private answer that it points to has not gone out: it would not be true yet."
IN_TROUBLE = (ReplyStage.HELD, ReplyStage.FAILED, ReplyStage.UNKNOWN)


def may_point(message: Message, rules: ChannelRules | None) -> bool:
    """Whether an answer to this message can go in private with a word in public beside it."""
    return message.is_public and rules is not None and bool(rules.pointer)


def refuse_pointing(message: Message, rules: ChannelRules | None) -> None:
    """Raises BadReply where the channel, or the thread, has no such act."""
    if may_point(message, rules):
        return
    what = "was written in private" if not message.is_public else "is on a channel that sends no private answers"
    fix = "send one reply" if not message.is_public else "send one reply, or give the channel a `pointer`"
    raise BadReply([Problem("the message", what, fix)], part="pointer")


def beside(pointer: Reply, answer: Reply) -> Reply | None:
    """The pointer where its answer puts it; None where it stands right."""
    if pointer.sending.stage is ReplyStage.PENDING and answer.sending.stage in IN_TROUBLE:
        return pointer.moved(ReplyStage.HELD, problem=UNTRUE)
    if (
        pointer.sending.stage is ReplyStage.HELD
        and pointer.sending.problem == UNTRUE
        and answer.sending.stage not in (*IN_TROUBLE, ReplyStage.WITHDRAWN)
    ):
        return pointer.moved(ReplyStage.PENDING, problem=None)
    # Due anew from the moment it is true: it was rung for before, in vain.
    if pointer.sending.stage is ReplyStage.PENDING and answer.has_left and answer.sending.sent_at is not None:
        sent_at = answer.sending.sent_at
        return pointer.with_sending(not_before=sent_at) if pointer.sending.not_before < sent_at else None
    return None
