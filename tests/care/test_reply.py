import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from care.offline import OfflineState, OfflineTask
from care.reply import NEXT, ReplyStage, open_slots
from tests.doubles import a_reply

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPLY = a_reply(
    id="rpl_1",
    message_id="msg_1",
    suggestion_id="sug_1",
    channel="x",
    recipient="ana",
    thread_key="t1",
    in_reply_to="1",
    text="Hello Ana",
    stage=ReplyStage.PENDING,
    approved_by="per_1",
    approved_at=NOW,
    not_before=NOW,
    idempotency_key="idem_1",
)


def test_no_walk_reaches_sent_without_being_claimed_and_in_flight() -> None:
    chance = random.Random(7)
    for _ in range(2_000):
        reply, seen = REPLY, [ReplyStage.PENDING]
        while NEXT[reply.sending.stage]:
            reply = reply.moved(chance.choice(sorted(NEXT[reply.sending.stage])))
            seen.append(reply.sending.stage)
            if reply.sending.stage in (ReplyStage.SENT, ReplyStage.DELIVERED) and ReplyStage.UNKNOWN not in seen:
                assert seen.index(ReplyStage.CLAIMED) < seen.index(ReplyStage.INFLIGHT) < len(seen) - 1
            if len(seen) > 60:
                break


@pytest.mark.parametrize("stage", [stage for stage in ReplyStage if stage not in NEXT[ReplyStage.PENDING]])
def test_a_pending_reply_refuses_a_move_that_the_map_does_not_show(stage: ReplyStage) -> None:
    with pytest.raises(ValueError, match="cannot go from pending"):
        REPLY.moved(stage)


def test_a_delivered_or_withdrawn_reply_never_moves_again() -> None:
    assert NEXT[ReplyStage.DELIVERED] == NEXT[ReplyStage.WITHDRAWN] == frozenset()


def test_the_text_of_a_reply_never_shows_in_its_repr() -> None:
    assert "Hello" not in repr(REPLY)


def test_open_slots_are_found_by_name() -> None:
    text = "Your order [[order_number]] arrives [[ date ]]. [1] and [Enter] are none, [Name] and {{x}} are."

    assert open_slots(text) == ["order_number", "date", "[Name]", "{{x}}"]


def offline_task(state: OfflineState = OfflineState.OPEN) -> OfflineTask:
    return OfflineTask("off_1", "thr_1", "msg_1", ("payment_card",), state, NOW, NOW)


def test_an_offline_matter_is_not_closed_before_the_customer_was_reached() -> None:
    with pytest.raises(ValueError, match="cannot go from open to closed"):
        offline_task().moved(OfflineState.CLOSED, by="per_1", at=NOW)


@pytest.mark.parametrize("waiver", [None, "", "   "])
def test_a_waiver_needs_a_reason(waiver: str | None) -> None:
    with pytest.raises(ValueError, match="Say why"):
        offline_task().moved(OfflineState.WAIVED, by="per_1", at=NOW, waiver=waiver)


def test_only_a_closed_or_waived_offline_matter_lets_its_thread_go() -> None:
    contacted = offline_task().moved(OfflineState.CONTACTED, by="per_1", at=NOW)

    assert offline_task().is_open
    assert contacted.is_open
    assert not contacted.moved(OfflineState.CLOSED, by="per_1", at=NOW).is_open
    assert not replace(contacted, state=OfflineState.WAIVED).is_open
