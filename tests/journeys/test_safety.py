"""Safety does not depend on a label: with any bundle, at night and on a holiday, somebody is told at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from care.classification import OUT_OF_SCOPE, Candidate, Classification, Judgement, Risk
from care.clocks import climb, lapse_handovers
from care.decision import Action
from care.escalation import NoticeKind
from care.journey import Journey
from care.message import Turn
from care.ports import NOTIFY
from care.sensitive import Redaction
from store.work import SqlStore
from tests.doubles import FixedClock, RecordingQueue, inbound
from tests.playbook.builders import the_playbook

MESSAGES = {
    "self_harm": (
        "I don't think I'll still be here next week",
        "honestly there's nothing left to stay for",
        "my brother says he won't wake up tomorrow and that it's better so",
        "I've got the pills lined up and nobody cares",
        "tell my kids I loved them, I'm done",
        "I keep standing on the bridge on my way home",
        "it would be easier for everyone if I just wasn't around",
        "I cut again last night because of this bill",
    ),
    "danger": (
        "the charger got so hot it scorched the sofa",
        "my wife's hand is blistered from the kettle handle",
        "the swing snapped with our son on it",
        "there's a hissing from the stove and it stinks",
        "found a screw in the soup, nearly went down",
        "the cot rail gave in, she was hanging by an arm",
        "black stuff drips out of the wall socket since your man left",
        "the ladder folded and dad lies on the floor",
        "our dog can't stand up since the flea drops",
        "the battery puffed up and it's ticking",
        "the glass door burst over the toddler",
        "brakes of the bike I bought yesterday just went on a hill",
        "whole family can't stop throwing up since your lasagne",
        "there are wires bare behind the lamp and my girl touched them",
    ),
    "assault": (
        "your driver grabbed my arm and shoved me",
        "the man who came about the boiler locked the door behind us",
        "a guard at your shop hit my son in the face",
        "the courier followed me up the stairs and would not go",
        "somebody on your staff put his hand where it doesn't belong",
        "the fitter pulled a knife when I asked for his name",
        "one of your people spat at my mother",
    ),
    "threat_to_staff": (
        "whoever signed this letter won't enjoy going home tonight",
        "I'll be waiting at your back door when you close",
        "tell Marta at the desk I've got her number plate",
        "next time I come I bring a bat",
        "your office burns easily, remember that",
        "I'll make sure the lad who sold me this never walks again",
        "you people want to check under your cars",
    ),
    "fraud": (
        "money keeps leaving my account to your shop and it isn't me",
        "a lad rang as your bank team and has my code now",
        "someone bought four phones with my login this morning",
        "my gran read her card out to a caller who said he's you",
        "a page that looks like yours just took my details",
        "six charges since noon, none of them mine",
        "they've got my login and are sending parcels to some flat in Leeds",
        "a text with your name on it made me pay a fee twice",
    ),
    "data_leak": (
        "your app shows me the orders of a woman I don't know",
        "a letter for my neighbour with his bank details was in my envelope",
        "the link in your mail opens everyone's invoices",
        "I can scroll through strangers' addresses in your portal",
        "your newsletter had three hundred addresses in the to line",
        "I was given the medical file of another patient",
        "typed in my number and got some man's full name and street",
        "the label on my parcel carries somebody's passport number",
    ),
    "legal": (
        "my solicitor takes it from here",
        "see you before the judge then",
        "the regulator has my file since this morning",
        "you'll get a writ on Monday",
    ),
    "press": (
        "I write for the evening paper and we print at six, what do you say to this",
        "our programme airs tonight, who can go on camera",
        "fact check for tomorrow's front page, please confirm by five",
        "I'm with the local radio, we have three listeners with the same story",
    ),
}  # fmt: skip
OF_MESSAGE = {text: kind for kind, texts in MESSAGES.items() for text in texts}


def sure(label: str, score: float = 0.98) -> Judgement:
    return Judgement(label, score, False, (Candidate(label, score),))


BUNDLES: Mapping[str, Mapping[str, Judgement]] = {
    "one of a bank's intents": {"intent": sure("card_arrival")},
    "spam": {"intent": sure("spam"), "sentiment": sure("positive"), "urgency": sure("low")},
    "small talk": {"intent": sure("small_talk"), "sentiment": sure("very_positive"), "urgency": sure("low")},
    "nothing of ours": {"intent": sure(OUT_OF_SCOPE), "urgency": sure("low")},
    "nothing it is sure of": {"intent": Judgement("praise", 0.06, True, (Candidate("praise", 0.06),))},
    "no task at all": {},
}
MOMENTS = {
    "at night": datetime(2026, 11, 28, 22, 47, tzinfo=UTC),  # a Saturday
    "on a holiday": datetime(2026, 12, 25, 12, 5, tzinfo=UTC),
}


@dataclass
class Reader:
    """Labels as one bundle gives them, and beside them what the risk heads see."""

    tasks: Mapping[str, Judgement]
    bundle_id: str = "other@1"
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def classify(self, text: str, *, thread: Sequence[Turn] = ()) -> Classification:
        return Classification(self.tasks, Redaction(text), risk=(Risk(OF_MESSAGE[text], 0.3),))


def test_there_are_sixty_messages() -> None:
    assert len(OF_MESSAGE) == 60


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("bundle", BUNDLES)
def test_every_safety_message_is_escalated_and_told_at_once(
    bundle: str,
    moment: str,
    store: SqlStore,
    make_journey: Callable[..., Journey],
    clock: FixedClock,
    queue: RecordingQueue,
) -> None:
    clock.now = now = MOMENTS[moment]
    walk = make_journey(store, playbook=the_playbook(), classifier=Reader(BUNDLES[bundle]))
    missed: list[str] = []
    for number, (text, kind) in enumerate(OF_MESSAGE.items()):
        queue.rung.clear()
        one = replace(inbound(text, channel="x", outside_id=f"m{number}", thread_key=f"t{number}"), written_at=now)
        [message_id] = walk.receive([one])
        walk.prepare(message_id)
        with store() as work:
            file = work.cases.file(message_id)
            handed = work.handovers.of_case(file.message.case_id)
            notices = [work.notices.get(notice_id) for notice_id in queue.of(NOTIFY)]
        assert file.suggestion is not None
        decision = file.suggestion.decision
        is_told = [
            (notice.kind, notice.team, bool(notice.recipient))
            for notice in notices
            if notice.at - now < timedelta(minutes=1)
        ] == [(NoticeKind.HAND_OVER, decision.team, True)]
        is_in_time = not decision.is_always or decision.due_at - now <= timedelta(minutes=15)
        plays = [the_playbook().book.play(draft.play.partition("@")[0]) for draft in file.suggestion.drafts]
        is_fit = bool(plays) and all(play is not None and kind in play.when.risks for play in plays[:1])
        if not (decision.action is Action.ESCALATE and len(handed) == 1 and is_told and is_in_time and is_fit):
            missed.append(text)

    assert missed == []


def test_a_danger_that_nobody_answers_climbs_at_night(
    store: SqlStore, make_journey: Callable[..., Journey], clock: FixedClock
) -> None:
    clock.now = MOMENTS["at night"]
    text = "the battery puffed up and it's ticking"
    walk = make_journey(store, playbook=the_playbook(), classifier=Reader({}))
    [message_id] = walk.receive([replace(inbound(text, channel="x"), written_at=clock())])
    walk.prepare(message_id)
    with store() as work:
        [handed] = work.handovers.of_case(work.cases.file(message_id).message.case_id)
    # The officer was told at once and has a quarter of an hour, also on a Saturday night; then it is ours again.
    assert handed.until == clock() + timedelta(minutes=15)
    clock.advance(15 * 60 + 1)
    lapse_handovers(store, now=clock())
    clock.advance(16 * 60)
    done = climb(store, the_playbook().policy, now=clock())

    assert done["sla.breached"] == 1
    assert done["case.climbed"] == 2


def test_a_death_goes_to_a_person_with_words_of_its_own(
    store: SqlStore, make_journey: Callable[..., Journey], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "dad isn't with us any more, please close his account"
    monkeypatch.setitem(OF_MESSAGE, text, "bereavement")
    for number, tasks in enumerate(BUNDLES.values()):
        walk = make_journey(store, playbook=the_playbook(), classifier=Reader(tasks))
        [message_id] = walk.receive([inbound(text, channel="x", outside_id=f"m{number}", thread_key=f"t{number}")])
        walk.prepare(message_id)
        with store() as work:
            suggestion = work.cases.file(message_id).suggestion

        assert suggestion is not None
        assert (suggestion.decision.action, suggestion.decision.team) == (Action.ANSWER_PRIVATE, "care")
        assert [draft.play.partition("@")[0] for draft in suggestion.drafts] == ["bereaved"]


def test_sensitive_data_in_it_changes_who_can_read_it_and_not_who_is_told(
    store: SqlStore, make_journey: Callable[..., Journey], queue: RecordingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "the oven door burnt my hand, card 4111111111111111"
    monkeypatch.setitem(OF_MESSAGE, text.replace("4111111111111111", "[card_number]"), "danger")
    walk = make_journey(store, playbook=the_playbook(), classifier=Reader({}))
    [message_id] = walk.receive([inbound(text, channel="x")])
    walk.prepare(message_id)

    with store() as work:
        file = work.cases.file(message_id)
        notices = [work.notices.get(notice_id) for notice_id in queue.of(NOTIFY)]
    assert file.suggestion is not None
    assert file.suggestion.decision.action is Action.TAKE_OFFLINE
    assert [(one.team, one.contact) for one in notices] == [("safety", "safety officer")]
