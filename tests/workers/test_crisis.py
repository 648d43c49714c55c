"""Crisis mode from its declaration to its end, on both databases: what is drafted, what may be sent, who is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from care.access import Person, Role
from care.answering import Words
from care.crisis import Crisis, CrisisMatter, Statement
from care.crisis_mode import CrisisDesk, CrisisWish
from care.crisis_watch import CrisisWatch
from care.decision import Action
from care.errors import BadReply, BadStep, Conflict, SensitiveBlocked
from care.escalation import NoticeKind
from care.events import type_of
from care.journey import Journey
from care.plays import PlayEntry, PlayFile
from care.policy import Contact
from care.ports import Assessment, Drafted, Offer
from care.preparing import DraftingTools
from care.reply import Approval, Draft, Suggestion
from channels.payload import notice_text, notice_title
from store.work import SqlStore
from tests.doubles import ANNA, StubPlaybook, inbound

pytestmark = pytest.mark.issue(19)

LEAD = Person("per_lead", "lead@example.test", "Lea", Role.SUPERVISOR, "$argon2id$not-a-hash")
PRESS = Contact("press officer", "press", "phone list", timedelta(hours=1), "press@example.test")
SAID = Statement("We know that lamps get hot and are recalling them.", "Stop using the lamp; we pay it back.", "Legal")
RECALL = CrisisWish("Hot lamps", "Lamps get hot.", CrisisMatter(phrases=("lamp/lamps", "recall*")), SAID)
DRILL = replace(RECALL, name="Practice", is_drill=True)


class Offering(StubPlaybook):
    """Offers an answer, an acknowledgement and a joke; no joke where it is no time for that."""

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        plays = {"answer@1": "answer", "seen@1": "acknowledge", "joke@1": "thank"}
        if assessed.is_sober:
            del plays["joke@1"]
        drafts = tuple(Draft(play, f"Words of {play}") for play in plays)
        return Drafted(drafts, "What now?", {play: Offer(how) for play, how in plays.items()})


JOKE = PlayEntry("joke@1", "A joke", PlayFile("plays/joke.md", "care"), "thank", "cheerful")


class Walk:
    """A journey, the desk that declares a crisis, and the sweep's watch."""

    def __init__(self, store: SqlStore, journey: Journey) -> None:
        self.store, self.journey = store, journey
        with store() as work:
            work.access.add_person(LEAD)
        self.book = journey.playbook
        tone, clock = journey.tone, journey.clock
        self.desk = CrisisDesk(store, self.book, journey.channels, journey.redactor, tone, clock)
        self.watch = CrisisWatch(store, lambda: DraftingTools(self.book, tone, clock))
        self.n = 0

    def say(self, text: str, **fields: Any) -> str:
        self.n += 1
        [id] = self.journey.receive([inbound(text, outside_id=f"o{self.n}", thread_key=f"t{self.n}", **fields)])
        self.journey.prepare(id)
        return id

    def suggestion(self, message_id: str) -> Suggestion:
        with self.store() as work:
            suggestion = work.cases.file(message_id).suggestion
        assert suggestion is not None
        return suggestion

    def plays(self, message_id: str) -> list[str]:
        return [draft.play.partition("@")[0] for draft in self.suggestion(message_id).drafts]

    def looked(self) -> dict[str, int]:
        """Rounds of the sweep until nothing is left."""
        done = 0
        while self.left():
            done += self.watch.look().get("crisis_drafts", 0)
        return {"crisis_drafts": done}

    def left(self) -> bool:
        with self.store() as work:
            return work.crises.unlooked() is not None

    def approve(self, message_id: str, *, draft: int = 0) -> str:
        suggestion = self.suggestion(message_id)
        text = suggestion.drafts[draft].text
        approval = Approval(ANNA.id, text, suggestion.choice.version, draft)
        return self.journey.approve(suggestion.id, approval).id

    def events(self, prefix: str) -> list[str]:
        with self.store() as work:
            return [event.event for event in work.trail.events(after=0) if event.event.startswith(prefix)]

    def told(self) -> set[str]:
        with self.store() as work:
            notices = [work.notices.get(id) for id in work.recovery.unrung_notices(unrung_s=-1)]
        return {notice.recipient for notice in notices if notice.about.kind is NoticeKind.CRISIS}


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey]) -> Walk:
    return Walk(any_store, make_journey(any_store, playbook=Offering(plays=(JOKE,), contacts=(PRESS,))))


def test_while_it_lasts_what_matches_gets_the_statement_first_and_only_what_acknowledges_beside_it(walk: Walk) -> None:
    waiting, other = walk.say("My lamp is hot"), walk.say("Where is my parcel?")
    assert walk.plays(waiting) == walk.plays(other) == ["answer", "seen", "joke"]

    crisis = walk.desk.begin(RECALL, by=LEAD.id)
    assert walk.looked() == {"crisis_drafts": 2}
    later = walk.say("Is there a recall of these?")

    assert walk.plays(waiting) == walk.plays(later) == [crisis.id, "seen"]
    assert walk.plays(other) == walk.plays(walk.say("And my other parcel?")) == ["answer", "seen"]
    first = walk.suggestion(later).drafts[0]
    assert (first.text, first.title) == (SAID.private_text, "Crisis: Hot lamps")
    walk.approve(later)

    over = walk.desk.end(crisis.id, by=LEAD.id)
    assert walk.looked() == {"crisis_drafts": 1}
    assert walk.plays(waiting) == ["answer", "seen", "joke"]
    assert [(line.step, line.by) for line in over.log] == [("began", LEAD.id), ("ended", LEAD.id)]
    with walk.store() as work:
        counted = work.crises.counts(crisis.id)
    assert (counted.n_matched, counted.n_answered) == (2, 1)
    assert walk.events("crisis.") == ["crisis.began", "crisis.ended"]


@pytest.mark.parametrize("action", [Action.ESCALATE, Action.TAKE_OFFLINE, Action.IGNORE])
def test_no_statement_stands_over_what_is_handled_otherwise(
    store: SqlStore, make_journey: Callable[..., Journey], action: Action
) -> None:
    walk = Walk(store, make_journey(store, playbook=Offering(action=action)))
    walk.desk.begin(RECALL, by=LEAD.id)

    message = walk.say("My lamp is hot")

    assert not any(play.startswith("crs_") for play in walk.plays(message))


def test_a_statement_of_a_crisis_that_is_over_or_changed_is_not_sent(walk: Walk) -> None:
    crisis = walk.desk.begin(RECALL, by=LEAD.id)
    message = walk.say("My lamp is hot")

    changed = walk.desk.change(crisis.id, replace(SAID, private_text="Unplug the lamp, please."), by=LEAD.id)
    with pytest.raises(Conflict, match="its statement was changed"):
        walk.approve(message)
    walk.looked()
    assert walk.suggestion(message).drafts[0].text == "Unplug the lamp, please."
    assert [line.step for line in changed.log] == ["began", "changed"]

    walk.desk.end(crisis.id, by=LEAD.id)
    with pytest.raises(Conflict, match="This crisis is over"):
        walk.approve(message)
    with pytest.raises(Conflict, match="over"):
        walk.desk.change(crisis.id, SAID, by=LEAD.id)


def test_a_drill_changes_no_draft_and_none_of_its_words_is_sent(walk: Walk) -> None:
    waiting = walk.say("My lamp is hot")

    drill = walk.desk.begin(DRILL, by=LEAD.id)
    walk.looked()
    later = walk.say("A recall of lamps?")

    assert walk.plays(waiting) == walk.plays(later) == ["answer", "seen", "joke"]
    with walk.store() as work:
        assert work.crises.counts(drill.id).n_matched == 2
    words = f"Hello,  {SAID.private_text.upper()} Bye"
    with pytest.raises(BadReply, match="says the statement of a drill"):
        walk.journey.answering.answer(later, Words(ANNA.id, words))
    suggestion = walk.suggestion(later)
    with pytest.raises(BadReply, match="says the statement of a drill"):
        walk.journey.approve(suggestion.id, Approval(ANNA.id, SAID.public_text, suggestion.choice.version))
    walk.desk.end(drill.id, by=LEAD.id)
    with pytest.raises(BadReply, match="says the statement of a drill"):
        walk.journey.answering.answer(later, Words(ANNA.id, words))
    with walk.store() as work:
        assert work.cases.file(later).handled.replies == ()


def test_leads_and_press_are_told_once_and_of_a_drill_nobody_outside_the_desk(walk: Walk) -> None:
    drill = walk.desk.begin(DRILL, by=LEAD.id)
    assert walk.told() == {LEAD.email}
    walk.desk.end(drill.id, by=LEAD.id)
    assert [type_of(name) for name in walk.events("crisis.")] == [None, None]

    crisis = walk.desk.begin(RECALL, by=LEAD.id)
    assert walk.desk.begin(RECALL, by=LEAD.id) == crisis
    with walk.store() as work:
        notices = [work.notices.get(id) for id in work.recovery.unrung_notices(unrung_s=-1)]
    assert sorted(notice.recipient for notice in notices if notice.step == "crisis") == [LEAD.email, PRESS.email]
    notice = next(notice for notice in notices if notice.step == "crisis")
    assert notice_title(notice) == "A crisis began on all channels"
    assert "declared it in the console" in notice_text(notice)
    assert [type_of(name) for name in walk.events("crisis.")] == [None, None, "crisis.began"]


def test_one_is_on_at_a_time_and_ending_twice_ends_once(walk: Walk) -> None:
    crisis = walk.desk.begin(RECALL, by=LEAD.id)
    with pytest.raises(Conflict, match="A crisis is on already"):
        walk.desk.begin(DRILL, by=LEAD.id)

    over = walk.desk.end(crisis.id, by=LEAD.id)

    assert walk.desk.end(crisis.id, by="per_else") == over
    assert walk.events("crisis.") == ["crisis.began", "crisis.ended"]
    assert walk.desk.begin(DRILL, by=LEAD.id).is_drill


def test_a_crisis_that_begins_while_a_message_is_prepared_is_not_missed(walk: Walk) -> None:
    begun: list[Crisis] = []

    class Slow(Offering):
        def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
            if not begun:
                begun.append(walk.desk.begin(RECALL, by=LEAD.id))
                walk.looked()
            return super().draft(assessed, agent=agent)

    walk.journey = replace(walk.journey, playbook=Slow(plays=(JOKE,)))
    message = walk.say("My lamp is hot")
    assert walk.plays(message)[0] == "answer"

    walk.looked()

    assert walk.plays(message) == [begun[0].id, "seen"]


def test_a_case_that_cannot_be_drafted_does_not_hold_up_the_others(walk_once: Walk) -> None:
    class Broken(Offering):
        def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
            if "broken" in assessed.message.text:
                raise RuntimeError("no draft for this one")
            return super().draft(assessed, agent=agent)

    broken, other = walk_once.say("My lamp is broken"), walk_once.say("My lamp is hot")
    walk_once.book = Broken()
    crisis = walk_once.desk.begin(RECALL, by=LEAD.id)

    assert walk_once.looked() == {"crisis_drafts": 1}

    assert (walk_once.plays(broken)[0], walk_once.plays(other)[0]) == ("answer", crisis.id)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"matter": CrisisMatter()}, BadStep, "at least one intent"),
        ({"matter": CrisisMatter(channels=("fax",))}, BadStep, "no such channel"),
        ({"matter": CrisisMatter(phrases=("...",))}, BadStep, "begin and end with a word"),
        ({"reason": " "}, BadStep, "a name and a reason"),
        ({"statement": replace(SAID, approved_by="")}, BadStep, "who approved"),
        ({"statement": replace(SAID, public_text="Soon.")}, BadReply, "too short"),
        ({"statement": replace(SAID, private_text="Write to us about [[order_number]], please.")}, BadReply, "open"),
        (
            {"statement": replace(SAID, public_text="Pay to 4111111111111111, and all is well.")},
            SensitiveBlocked,
            "card",
        ),
    ],
)
def test_what_cannot_be_matched_or_said_is_refused(
    walk_once: Walk, change: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        walk_once.desk.begin(replace(RECALL, **change), by=LEAD.id)
    with walk_once.store() as work:
        assert work.crises.latest() == []


@pytest.fixture
def walk_once(store: SqlStore, make_journey: Callable[..., Journey]) -> Walk:
    return Walk(store, make_journey(store, playbook=Offering()))
