"""What knowledge lacked is counted from the drafts that wanted to say it, on both databases."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care.case import Source
from care.errors import BadInput
from care.journey import Journey
from care.knowledge import KnowledgeGap, Lack
from care.ports import Assessment, Drafted
from care.results import knowledge_gaps
from cli.main import app
from store.work import SqlStore
from tests.doubles import ANNA, MONDAY, FixedClock, StubPlaybook, inbound

pytestmark = [pytest.mark.issue(14)]

ANSWER, STEP, PRICE = Lack("answer", "delivery_problem"), Lack("next_step"), Lack("price", "delivery_problem")


class Lacking(StubPlaybook):
    """Three drafts for everything: the first lacks nothing, the others what a test says."""

    def draft(self, assessed: Assessment, *, agent: str = "") -> Drafted:
        [draft] = super().draft(assessed).drafts
        return Drafted((draft, *(replace(draft, lacks=self.lacks) for _ in range(2))), "What is it?")


@pytest.fixture
def playbook() -> Lacking:
    return Lacking()


@pytest.fixture
def walk(any_store: SqlStore, make_journey: Callable[..., Journey], playbook: Lacking) -> Journey:
    return make_journey(any_store, playbook=playbook)


@pytest.fixture
def says(walk: Journey, playbook: Lacking, clock: FixedClock) -> Callable[..., str]:
    """A customer writes, a minute after the last; its drafts lack this. Returns the message's id."""

    def say(number: int, *lacks: Lack, source: Source = Source.LIVE, thread: str = "") -> str:
        playbook.lacks = lacks
        clock.advance(60)
        words = inbound("Do you?", outside_id=f"m{number}", thread_key=thread or f"t{number}")
        [message_id] = walk.receive([words], source=source)
        walk.prepare(message_id)
        return message_id

    return say


def case_of(walk: Journey, message_id: str) -> str:
    with walk.store() as work:
        return work.cases.of_message(message_id).id


def gaps_of(walk: Journey, day: date = MONDAY.date()) -> list[KnowledgeGap]:
    return knowledge_gaps(walk.store, walk.playbook, first=day, last=day)


def test_each_message_counts_once_for_each_slot_and_the_most_wanted_comes_first(
    walk: Journey, says: Callable[..., str]
) -> None:
    first, _, second, third = says(1, ANSWER), says(2), says(3, STEP), says(4, ANSWER, PRICE)
    says(5, ANSWER, source=Source.DEMO)

    minute = timedelta(minutes=1)
    assert gaps_of(walk) == [
        KnowledgeGap(ANSWER, 2, MONDAY + 4 * minute, (case_of(walk, third), case_of(walk, first))),
        KnowledgeGap(STEP, 1, MONDAY + 3 * minute, (case_of(walk, second),)),
        KnowledgeGap(PRICE, 1, MONDAY + 4 * minute, (case_of(walk, third),)),
    ]


def test_a_case_is_named_once_and_of_many_the_latest_ten(walk: Journey, says: Callable[..., str]) -> None:
    messages = [says(number, ANSWER) for number in range(11)]
    says(11, ANSWER, thread="t10")

    [gap] = gaps_of(walk)

    assert gap.n_messages == 12
    assert gap.cases == tuple(case_of(walk, message_id) for message_id in messages[:0:-1])


def test_only_the_days_asked_for_are_counted(walk: Journey, says: Callable[..., str]) -> None:
    says(1, ANSWER)

    assert gaps_of(walk, MONDAY.date() + timedelta(days=1)) == []
    with pytest.raises(BadInput, match="its last day is before its first"):
        knowledge_gaps(walk.store, walk.playbook, first=MONDAY.date(), last=MONDAY.date() - timedelta(days=1))


def test_what_a_message_was_about_is_what_a_person_said_last(walk: Journey, says: Callable[..., str]) -> None:
    walk.casework.relabel(says(1, ANSWER), by=ANNA.id, labels={"intent": "praise"})

    assert [gap.lack for gap in gaps_of(walk)] == [Lack("answer", "praise")]


def test_the_command_prints_a_gap_a_line(
    store: SqlStore,
    sqlite_url: str,
    make_journey: Callable[..., Journey],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TACTFUL_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("TACTFUL_HOME", str(tmp_path / "home"))
    walk = make_journey(store, playbook=StubPlaybook(lacks=(ANSWER,)))
    [message_id] = walk.receive([inbound()])
    walk.prepare(message_id)

    def tactful(*words: str) -> str:
        return CliRunner().invoke(app, ["knowledge", "gaps", "--from", "2026-03-01", *words]).output

    case_id = case_of(walk, message_id)
    assert tactful("--to", "2026-03-07").split() == ["1", "answer", "delivery_problem", "2026-03-02", case_id]
    assert json.loads(tactful("--to", "2026-03-07", "--json")) == {
        "slot": "answer",
        "about": "delivery_problem",
        "messages": 1,
        "last_at": "2026-03-02T09:00:00.000Z",
        "cases": [case_id],
    }
    assert tactful("--to", "2026-03-01") == "no draft lacked knowledge from 2026-03-01 to 2026-03-01\n"
