"""The written plan: what stands for each question, and what is missing or contradicts what is so."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from care.access import Person, Role
from care.hours import ServiceClock
from care.plan import WORKSHEET, FindingKind, Plan, document
from care.plan_rows import Agreed, ChannelState, LastMonth, Running, Worksheet
from care.plays import PlayEntry, SignOff, Wording
from care.reporting import ReportLine
from care.spoken_hours import unlike
from playbook.live import LivePlaybook
from tests.doubles import altered
from tests.playbook.builders import FOLDER

pytestmark = pytest.mark.issue(19)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LIVE = ChannelState("x", is_public=True, live_since=NOW - timedelta(days=90))


def person(role: Role) -> Person:
    return Person(f"per_{role}", f"{role}@example.org", "Somebody", role, "")


@pytest.fixture(scope="module")
def sheet() -> Worksheet:
    """A team that has written everything down, and works as it says."""
    book = LivePlaybook.open(FOLDER).edition()
    # In the shop of the example nobody is a lawyer or a doctor.
    plays = [altered(play, matters=()) for play in book.plays]
    agreed = Agreed(
        book.version,
        book.policy,
        book.channels,
        book.teams,
        book.contacts,
        plays,
        book.charter,
        book.question,
    )
    people = [person(Role.ADMIN), person(Role.SUPERVISOR)]
    return Worksheet(NOW, agreed, Running([LIVE], people, ()), LastMonth(ReportLine("total")))


def found(sheet: Worksheet, key: str) -> list[str]:
    return [finding.what for row in sheet.rows() if row.key == key for finding in row.findings]


def month(**figures: int) -> LastMonth:
    line = ReportLine("x", Counter({name.replace("__", "."): count for name, count in figures.items()}))
    return LastMonth(line, {"x": line})


def test_a_team_that_wrote_everything_down_has_nothing_to_mend(sheet: Worksheet) -> None:
    rows = sheet.rows()

    assert [row.key for row in rows] == list(WORKSHEET)
    assert [finding for row in rows for finding in row.findings] == []
    assert all(row.lines for row in rows if row.key != "integration")


def test_each_line_says_the_file_and_line_that_it_comes_from(sheet: Worksheet) -> None:
    [voice] = [row for row in sheet.rows() if row.key == "voice"]
    places = [line.where.partition(" ")[0] for line in voice.lines if line.says == "Lumo & Finch"]

    [(file, line)] = [place.split(":") for place in places]
    assert "name: Lumo & Finch" in (FOLDER / file).read_text("utf-8").splitlines()[int(line) - 1]


@pytest.mark.parametrize(
    ("in_time", "n_cases", "is_found"), [(14, 20, True), (15, 20, False), (0, 9, False)], ids=["30 %", "25 %", "few"]
)
def test_a_published_window_that_is_missed_in_thirty_of_a_hundred_is_a_contradiction(
    sheet: Worksheet, in_time: int, n_cases: int, is_found: bool
) -> None:
    kept = replace(sheet, month=month(responses=n_cases - 2, responses__in_promise=in_time, responses__overdue=2))

    assert bool(found(kept, "levels")) is is_found


def test_a_live_channel_needs_a_purpose_a_team_and_one_visibility(sheet: Worksheet) -> None:
    strange = replace(sheet.running, channels=[replace(LIVE, name="forum", is_public=False)])

    assert found(replace(sheet, running=strange), "channels") == [
        "it is not said what forum is for",
        "no team staffs forum",
        "forum is public in the playbook and not in the settings",
    ]


def test_hours_that_nobody_works_are_named_by_their_weekday(sheet: Worksheet) -> None:
    weekdays = Counter({("x", 5, "messages"): 6, ("x", 6, "messages"): 6, ("x", 6, "replies.sent"): 1})
    kept = replace(sheet, month=replace(sheet.month, by_weekday=weekdays))

    assert found(kept, "hours") == [
        "x is said to be staffed on Saturdays, and nobody answered any of 6 messages on them"
    ]


def test_a_contact_who_answered_no_hand_over_is_named_and_one_who_answered_once_is_not(sheet: Worksheet) -> None:
    asked = {"counsel": (3, 0), "billing lead": (3, 1), "press officer": (2, 0)}
    kept = replace(sheet, month=replace(sheet.month, asked=asked))

    assert found(kept, "escalation") == ["counsel answered none of 3 hand-overs"]


def test_a_play_without_an_owner_and_one_that_promises_other_hours_are_named(sheet: Worksheet) -> None:
    play = sheet.agreed.plays[0]
    odd = altered(play, owner="", wordings=(Wording("any", "We answer within two days, 09:00-17:00."),))
    kept = replace(sheet, agreed=replace(sheet.agreed, plays=[odd]))

    assert found(kept, "accountable") == [f"the play {play.id} has no owner"]
    assert [what.partition(" says ")[2].partition(",")[0] for what in found(kept, "hours")] == [
        "'09:00-17:00'",
        "'answer within two days'",
    ]


def test_a_plan_that_nobody_answers_for_or_has_read_for_a_year_says_so(sheet: Worksheet) -> None:
    charter = replace(sheet.agreed.charter, accountable="", checked=date(2025, 11, 1))
    kept = replace(sheet, agreed=replace(sheet.agreed, charter=charter))

    assert found(kept, "accountable") == [
        "nobody is named who is accountable for care",
        "nobody has gone through the plan for a year",
    ]


def test_plays_of_law_that_nobody_approved_and_old_yeses_are_named(sheet: Worksheet) -> None:
    play = altered(sheet.agreed.plays[0], matters=("legal",))
    old = altered(play, signed=(SignOff("legal", "Kim", date(2025, 11, 1)),))
    waits = altered(play, withheld="nobody has approved its words for legal matter")
    offline = next(play for play in sheet.agreed.plays if play.is_offline)

    def told(*plays: PlayEntry) -> list[str]:
        return found(replace(sheet, agreed=replace(sheet.agreed, plays=[*plays, offline])), "public")

    assert told(play, play) == ["2 plays speak of legal matter and nobody who knows it approved the words"]
    assert told(old) == [f"Kim approved {play.id} for legal matter more than a year ago"]
    assert told(waits) == [f"{play.id} is not offered: nobody has approved its words for legal matter"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("We are there 08:00-20:00.", []),
        ("We are there 8 am to 8 pm.", []),
        ("We are there 8 to 8.", []),
        ("We are here 24/7.", ["24/7"]),
        ("Call us from 9 am to 5 pm.", ["9 am to 5 pm"]),
        ("You will hear from us within 4 hours.", []),
        ("You will hear from us within 24 hours.", ["hear from us within 24 hours"]),
        ("The money is there within 5 days.", []),
        ("We answer within {{ promise }}.", []),
    ],
)
def test_hours_in_a_text_are_held_against_those_that_are_kept(sheet: Worksheet, text: str, said: list[str]) -> None:
    clock: ServiceClock = sheet.agreed.policy.clock("x")

    assert list(unlike(text, [clock])) == said


def test_the_document_has_every_question_and_every_finding_and_no_markdown_of_others(sheet: Worksheet) -> None:
    rows = replace(sheet, running=replace(sheet.running, channels=())).rows()
    plan = Plan("A *b*", NOW, "abc", NOW.date(), NOW.date(), rows)

    told = document(plan)

    assert all(f"## {n}. {asks}\n" in told for n, asks in enumerate(WORKSHEET.values(), 1))
    assert plan.findings[0].kind is FindingKind.MISSING
    assert "- **Missing:** no channel is live." in told
