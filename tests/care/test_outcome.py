"""What became of one try to send, whatever the channel did."""

from datetime import timedelta

import pytest

from care.errors import ChannelBusy, ChannelRefused, ChannelUnclear
from care.outcome import handed_over
from care.reply import MAY_BE_OUT, ReplyStage
from tests.doubles import MONDAY, StubChannel, a_reply, altered

REPLY = a_reply(
    id="rpl_1",
    message_id="msg_1",
    suggestion_id="sug_1",
    channel="chat",
    recipient="kim",
    thread_key="t1",
    in_reply_to="m1",
    text="We are on it.",
    stage=ReplyStage.INFLIGHT,
    approved_by="per_anna",
    approved_at=MONDAY,
    not_before=MONDAY,
    idempotency_key="idem_1",
    attempt=2,
)
UNCLEAR = [
    ChannelUnclear("chat", "no answer"),
    ConnectionResetError("a foreign word"),
    ValueError("garbage"),
]


def sent(error: Exception | None, *, is_idempotent: bool, problem: str | None = None) -> tuple[ReplyStage, str | None]:

    channel = StubChannel("chat", is_idempotent=is_idempotent, errors=[error])
    outcome = handed_over(channel, altered(REPLY, problem=problem), clock=lambda: MONDAY)
    return outcome.stage, outcome.problem


@pytest.mark.parametrize("is_idempotent", [False, True])
def test_what_is_taken_is_sent_and_what_is_refused_failed(is_idempotent: bool) -> None:
    assert sent(None, is_idempotent=is_idempotent) == (ReplyStage.SENT, None)
    assert sent(ChannelRefused("chat", "no"), is_idempotent=is_idempotent) == (ReplyStage.FAILED, "no")
    assert sent(ChannelBusy("chat"), is_idempotent=is_idempotent) == (ReplyStage.PENDING, None)


@pytest.mark.parametrize("error", UNCLEAR, ids=lambda error: type(error).__name__)
def test_what_nobody_knows_is_for_a_person_and_with_a_key_sent_again(error: Exception) -> None:
    stage, problem = sent(error, is_idempotent=False)

    assert stage is ReplyStage.UNKNOWN
    assert "foreign" not in str(problem)
    assert "garbage" not in str(problem)
    assert sent(error, is_idempotent=True) == (ReplyStage.PENDING, MAY_BE_OUT)


def test_a_refusal_after_a_try_that_may_have_got_through_proves_nothing() -> None:
    assert sent(ChannelRefused("chat", "no"), is_idempotent=True, problem=MAY_BE_OUT)[0] is ReplyStage.UNKNOWN
    assert sent(ChannelBusy("chat"), is_idempotent=True, problem=MAY_BE_OUT) == (ReplyStage.PENDING, MAY_BE_OUT)
    assert sent(None, is_idempotent=True, problem=MAY_BE_OUT) == (ReplyStage.SENT, None)


@pytest.mark.parametrize(("said", "wait_s"), [(None, 30.0), (7.0, 7.0)])
def test_the_next_try_is_when_the_channel_says_else_later_each_time(said: float | None, wait_s: float) -> None:
    channel = StubChannel("chat", errors=[ChannelBusy("chat", retry_after_s=said)])

    outcome = handed_over(channel, REPLY, clock=lambda: MONDAY)

    assert outcome.not_before == MONDAY + timedelta(seconds=wait_s)
