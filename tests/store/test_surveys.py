"""The satisfaction question: asked once a conversation, its answer read and kept, on both databases."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from care.case_file import CaseFile
from care.decision import Action
from care.errors import BadInput, BadReply, Conflict
from care.journey import Journey
from care.lists import View
from care.reply import Approval, Purpose, Reply, ReplyStage, SuggestionState
from store.work import SqlStore
from tests.doubles import ANNA, BEN, FixedClock, StubChannel, StubPlaybook, StubTone, inbound
from tests.playbook.builders import the_playbook

SURVEY = the_playbook()


@dataclass
class Talk:
    """One conversation, from the first word to the question and what follows."""

    walk: Journey
    clock: FixedClock
    n: int = 0

    def says(self, text: str, *, handle: str = "kim") -> CaseFile:
        self.n += 1
        self.clock.advance(60)
        [message_id] = self.walk.receive(
            [inbound(text, outside_id=f"m{self.n}", handle=handle, written_at=self.clock())]
        )
        self.walk.prepare(message_id)
        return self.case(message_id)

    def case(self, message_id: str) -> CaseFile:
        with self.walk.store() as work:
            return work.cases.file(message_id)

    def is_answered(self, case: CaseFile) -> None:
        assert case.suggestion is not None
        self.clock.advance(60)
        self.walk.deliver(self.walk.approve(case.suggestion.id, Approval(ANNA.id, "We are on it.", version=1)).id)

    def resolves(self, case: CaseFile, *, by: str = ANNA.id) -> Reply | None:
        self.clock.advance(60)
        asked = self.walk.casework.resolve(case.message.case_id, by=by, question=SURVEY.question)
        if asked is not None:
            self.walk.deliver(asked.id)
        return asked

    def up_to_the_question(self) -> CaseFile:
        case = self.says("Where is my parcel?")
        self.is_answered(case)
        assert self.resolves(case) is not None
        return case


@pytest.fixture
def talk(any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock) -> Talk:
    return Talk(make_journey(any_store, playbook=StubPlaybook(agreed=SURVEY)), clock)


def test_an_answer_is_kept_and_needs_no_draft(talk: Talk) -> None:
    first = talk.up_to_the_question()

    answer = talk.says("4, thanks")

    assert answer.suggestion is not None
    assert (answer.suggestion.decision.action, answer.suggestion.drafts) == (Action.IGNORE, ())
    assert answer.suggestion.decision.reasons == ("It answers the satisfaction question: 4 of 5.",)
    kept = talk.case(first.message.id).handled.satisfaction
    assert kept is not None
    assert (kept.score, kept.message_id) == (4, answer.message.id)


def test_a_good_bare_score_leaves_every_list_and_the_thread_resolved(talk: Talk, any_store: SqlStore) -> None:
    talk.up_to_the_question()

    answer = talk.says("5")

    assert answer.suggestion is not None
    assert answer.suggestion.choice.state is SuggestionState.DISMISSED
    assert answer.case.is_resolved
    with any_store() as work:
        assert work.lists.counts()[View.NOW_DUE] == 0


@pytest.mark.parametrize("text", ["1", "not happy", "4 but where is my refund for the other one", "3?"])
def test_a_low_score_or_more_words_stay_for_a_person(talk: Talk, text: str) -> None:
    talk.up_to_the_question()

    answer = talk.says(text)

    assert answer.handled.satisfaction is not None
    assert answer.handled.satisfaction.score is not None
    assert answer.suggestion is not None
    assert answer.suggestion.choice.state is SuggestionState.PROPOSED
    assert (
        answer.suggestion.asks
        == f"The customer gave {answer.handled.satisfaction.score} of 5. Is there anything left to do?"
    )
    assert not answer.case.is_resolved


def test_a_good_score_settles_nothing_that_is_drafted_for_because_it_cannot_wait(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    playbook = StubPlaybook(agreed=SURVEY)
    talk = Talk(make_journey(any_store, playbook=playbook), clock)
    talk.up_to_the_question()
    playbook.action = Action.ESCALATE

    answer = talk.says("5")

    assert answer.handled.satisfaction is not None
    assert answer.handled.satisfaction.score == 5
    assert answer.suggestion is not None
    assert answer.suggestion.choice.state is SuggestionState.PROPOSED
    assert answer.suggestion.drafts
    assert not answer.case.is_resolved


def test_other_words_close_the_question_and_are_answered_like_any(talk: Talk) -> None:
    talk.up_to_the_question()

    other = talk.says("Where is the second parcel?")
    late = talk.says("5")

    assert other.suggestion is not None
    assert other.suggestion.drafts
    assert not other.case.is_resolved
    assert late.handled.satisfaction is not None
    assert (late.handled.satisfaction.score, late.handled.satisfaction.message_id) == (None, other.message.id)
    assert late.suggestion is not None
    assert late.suggestion.drafts


def test_somebody_else_in_the_thread_does_not_answer_for_the_customer(talk: Talk) -> None:
    talk.up_to_the_question()

    bystander = talk.says("1", handle="troll")
    customer = talk.says("5")

    assert bystander.suggestion is not None
    assert bystander.suggestion.drafts
    assert customer.handled.satisfaction is not None
    assert customer.handled.satisfaction.score == 5


def test_a_message_from_before_the_question_is_no_answer(talk: Talk) -> None:
    case = talk.says("Where is my parcel?")
    talk.is_answered(case)
    [message_id] = talk.walk.receive([inbound("5", outside_id="early", written_at=talk.clock())])
    talk.resolves(case)

    talk.walk.prepare(message_id)

    early = talk.case(message_id)
    assert early.handled.satisfaction is not None
    assert early.handled.satisfaction.message_id is None


def test_a_sensitive_answer_is_handled_as_sensitive(talk: Talk) -> None:
    talk.up_to_the_question()

    answer = talk.says("5 secret:swordfish")

    assert answer.offline is not None
    assert answer.handled.satisfaction is not None
    assert answer.handled.satisfaction.score is None


def test_what_cannot_wait_keeps_its_own_decision(
    any_store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    talk = Talk(make_journey(any_store, playbook=StubPlaybook(agreed=SURVEY)), clock)
    talk.up_to_the_question()
    talk.walk = make_journey(any_store, playbook=StubPlaybook(action=Action.ESCALATE, agreed=SURVEY))

    answer = talk.says("5, but it smokes")

    assert answer.suggestion is not None
    assert answer.suggestion.decision.action is Action.ESCALATE
    assert answer.suggestion.drafts


def test_the_question_is_asked_once_a_conversation(talk: Talk) -> None:
    case = talk.up_to_the_question()
    talk.says("Where is the second parcel?")

    assert talk.resolves(case) is None


def test_of_two_people_who_resolve_one_asks(talk: Talk, channel: StubChannel) -> None:
    case = talk.says("Where is my parcel?")
    talk.is_answered(case)

    assert talk.resolves(case) is not None
    assert talk.resolves(case, by=BEN.id) is None
    assert len([reply for reply in channel.takes if reply.purpose is Purpose.SATISFACTION]) == 1


def test_a_question_taken_back_in_time_was_never_asked(talk: Talk, channel: StubChannel) -> None:
    case = talk.says("Where is my parcel?")
    talk.is_answered(case)
    asked = talk.walk.casework.resolve(case.message.case_id, by=ANNA.id, question=SURVEY.question)
    assert asked is not None

    talk.walk.answering.withdraw(asked.id, by=ANNA.id)

    assert talk.case(case.message.id).handled.satisfaction is None
    again = talk.resolves(case)
    assert again is not None
    assert again.sending.stage is ReplyStage.PENDING


def test_nobody_is_asked_who_was_never_answered(talk: Talk) -> None:
    case = talk.says("Where is my parcel?")

    assert talk.resolves(case) is None
    assert talk.case(case.message.id).case.is_resolved


def test_nobody_is_asked_after_a_sensitive_matter(talk: Talk) -> None:
    case = talk.says("My password is secret:swordfish")
    talk.is_answered(case)
    with pytest.raises(Conflict):
        talk.resolves(case)
    from care.offline import OfflineState

    talk.walk.casework.move_offline(
        case.message.case_id, OfflineState.WAIVED, by=ANNA.id, waiver="She wrote by mistake."
    )

    assert talk.resolves(case) is None


def test_nobody_is_asked_after_praise_alone(talk: Talk) -> None:
    thread = []

    assert not SURVEY.may_ask(kinds=["praise", "small_talk"], is_sensitive=False, thread=thread)
    assert SURVEY.may_ask(kinds=["complaint", "praise"], is_sensitive=False, thread=thread)
    assert not SURVEY.may_ask(kinds=["complaint"], is_sensitive=True, thread=thread)


def test_a_question_that_may_not_go_out_leaves_the_thread_as_it_is(talk: Talk) -> None:
    case = talk.says("Where is my parcel?")
    talk.is_answered(case)
    assert isinstance(talk.walk.tone, StubTone)

    with pytest.raises(BadReply):
        talk.walk.casework.resolve(case.message.case_id, by=ANNA.id, question="Happy now, idiot?")

    assert not talk.case(case.message.id).case.is_resolved


def test_whoever_writes_again_opens_a_resolved_thread(talk: Talk, any_store: SqlStore) -> None:
    case = talk.says("Where is my parcel?")
    talk.is_answered(case)
    talk.walk.casework.resolve(case.message.case_id, by=ANNA.id)

    again = talk.says("It still has not come")

    assert not again.case.is_resolved
    with any_store() as work:
        assert work.lists.counts()[View.NOW_DUE] == 1
        assert "case.reopened" in [event.event for event in work.trail.events(after=0)]


def test_a_person_puts_their_decision_in_place_of_ours(talk: Talk, any_store: SqlStore) -> None:
    case = talk.says("My lamp is warm")

    talk.walk.casework.override(
        case.message.id, by=ANNA.id, action=Action.ESCALATE, team="safety", reason="Might be a fire."
    )

    changed = talk.case(case.message.id)
    assert changed.decision is not None
    assert (changed.decision.action, changed.decision.team) == (Action.ESCALATE, "safety")
    assert changed.suggestion is not None
    assert changed.suggestion.decision.action is Action.ANSWER_PUBLIC
    with any_store() as work:
        [event] = [event for event in work.trail.events(after=0) if event.event == "decision.overridden"]
    assert event.facts == {"action": "escalate", "team": "safety", "was_action": "answer_public", "was_team": "care"}


def test_a_decision_is_not_changed_without_a_reason_or_before_there_is_one(talk: Talk) -> None:
    case = talk.says("My lamp is warm")
    [unread] = talk.walk.receive([inbound("Hi", outside_id="unread", thread_key="t9")])

    with pytest.raises(BadInput):
        talk.walk.casework.override(case.message.id, by=ANNA.id, team="legal", reason="  ")
    with pytest.raises(Conflict):
        talk.walk.casework.override(unread, by=ANNA.id, team="legal", reason="A letter came.")


def test_a_person_who_takes_it_offline_opens_that_path(talk: Talk) -> None:
    case = talk.says("My lamp is warm")

    talk.walk.casework.override(case.message.id, by=ANNA.id, action=Action.TAKE_OFFLINE, reason="It needs her address.")

    offline = talk.case(case.message.id).offline
    assert offline is not None
    assert offline.is_open
