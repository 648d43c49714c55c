"""The quality review: who is read, by whom, blind, with a note for the author and figures that open the cases."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from care.access import Role
from care.answering import Words
from care.errors import Conflict, NotAllowed
from care.note import NoteKind
from care.quality import Answer, Doubt, Pick, QualityPolicy, Review, SentReply, agreements, drawn
from care.quality_desk import QualityDesk, draw
from care.reporting import By
from care.results import reported, reported_cases
from tests.api.conftest import House, sign_in
from tests.doubles import MONDAY, altered

pytestmark = pytest.mark.issue(19)

GOOD = dict.fromkeys(("solved", "tone", "facts", "safe"), Answer.YES)
Reviewed = tuple[House, list[str]]


@pytest.fixture
def reviewed(house: House) -> Reviewed:
    """Six replies that the agent sent, a week ago; the sample of that week is drawn."""
    agent, replies = house.people[Role.AGENT], []
    for n in range(6):
        message_id = house.say(f"where is my order AB-1044{n}", channel="email", name=f"Cus{n} Tomer")
        reply = house.journey.answering.answer(message_id, Words(agent.id, f"It is on its way to you, parcel {n}."))
        with house.store() as work:
            sent = {"stage": "claimed"}, {"stage": "inflight"}, {"stage": "sent", "sent_at": house.clock()}
            for step in sent:
                before = work.replies.get(reply.id)
                assert work.replies.save(altered(before, is_rehearsal=False, **step), was=before.sending.stage)
        replies.append(reply.id)
    house.clock.now += timedelta(days=7)
    draw(house.store, house.parts.playbook, now=house.clock())
    return house, replies


def test_the_same_week_gives_the_same_sample_and_each_week_another() -> None:
    sent = [SentReply(f"rpl_{n}", f"cas_{n}", f"per_{n % 3}", (Doubt.UNHAPPY,) * (n % 9 == 0)) for n in range(300)]
    policy = QualityPolicy(per_week=4, doubtful=2, twice=0.25)

    first, again = drawn(sent, week="2026-W10", policy=policy), drawn(reversed(sent), week="2026-W10", policy=policy)

    assert sorted(pick.reply_id for pick in first) == sorted(pick.reply_id for pick in again)
    assert {pick.reply_id for pick in drawn(sent, week="2026-W11", policy=policy)} != {pick.reply_id for pick in first}
    by = {author: [pick for pick in first if pick.author == author] for author in ("per_0", "per_1", "per_2")}
    assert {author: len(picks) for author, picks in by.items()} == {"per_0": 4, "per_1": 4, "per_2": 4}
    assert [pick.why for pick in by["per_0"]] == ["unhappy", "unhappy", "", ""]
    weeks = [pick for n in range(60) for pick in drawn(sent, week=f"2026-W{n:02}", policy=policy)]
    assert sum(pick.is_twice for pick in weeks) / len(weeks) == pytest.approx(0.25, abs=0.06)


def test_kappa_is_agreement_beyond_chance() -> None:
    """Twenty of both yes, fifteen of both no, fifteen apart: 0.70 agree, kappa 0.40 by the formula, by hand."""
    said = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    reviews = [
        Review(f"rpl_{n}", "cas", f"per_{at}", {"tone": Answer(answer)}, MONDAY)
        for n, pair in enumerate(said)
        for at, answer in enumerate(pair)
    ]

    [line] = agreements(reviews, ["tone"])

    assert (line.n, round(line.share, 2), round(line.kappa or 0, 2)) == (50, 0.7, 0.4)
    assert agreements(reviews[:40], ["tone"])[0].kappa is None


def test_a_sample_is_drawn_once_from_what_people_sent(reviewed: Reviewed) -> None:
    house, replies = reviewed

    assert draw(house.store, house.parts.playbook, now=house.clock()) == {}
    with house.store() as work:
        picks = work.quality.picks()
    assert len(picks) == 4
    assert {pick.reply_id for pick in picks} <= set(replies)
    assert {pick.author for pick in picks} == {house.people[Role.AGENT].id}


def test_a_reply_is_read_by_the_form_and_its_author_is_told(reviewed: Reviewed, anyone: TestClient) -> None:
    house, _ = reviewed
    csrf = sign_in(anyone, "supervisor")
    with house.store() as work:
        pick = work.quality.picks()[0]
    assert f"/quality/{pick.reply_id}" in anyone.get("/quality").text
    assert "It is on its way to you" in anyone.get(f"/quality/{pick.reply_id}").text

    short = anyone.post(f"/quality/{pick.reply_id}", data={"csrf": csrf, "q.tone": "yes"})
    assert (short.status_code, "Every question takes an answer" in short.text) == (422, True)
    said = {f"q.{name}": str(answer) for name, answer in {**GOOD, "facts": Answer.NO}.items()}
    kept = anyone.post(f"/quality/{pick.reply_id}", data={"csrf": csrf, "note": "The depot was another one.", **said})

    assert kept.status_code == 303
    if pick.is_twice:
        QualityDesk(house.journey.answering).read(pick.reply_id, by=house.people[Role.ADMIN].id, answers=GOOD)
    with house.store() as work:
        (note,) = work.notes.of_case(pick.case_id)
    assert (note.kind, note.mentions) == (NoteKind.FEEDBACK, (pick.author,))
    assert anyone.post(f"/quality/{pick.reply_id}", data={"csrf": csrf, **said}).status_code == 422
    assert "0 %" in anyone.get("/quality").text


def test_the_report_counts_it_for_the_author_and_opens_the_cases(reviewed: Reviewed) -> None:
    house, _ = reviewed
    with house.store() as work:
        pick = work.quality.picks()[0]
    desk, today = QualityDesk(house.journey.answering), house.clock().date()

    desk.read(pick.reply_id, by=house.people[Role.ADMIN].id, answers={**GOOD, "facts": Answer.NO})

    line = reported(house.store, house.parts.playbook, first=today, last=today, by=By.AGENT).lines[0]
    assert line.key == pick.author
    assert (line.figures["quality.read"], line.figures["quality.lacking:facts"]) == (1, 1)
    figure = "quality.lacking:facts"
    behind = reported_cases(house.store, house.parts.playbook, figure=figure, first=today, last=today)
    assert behind == [pick.case_id]


def test_who_reads_second_is_blind_and_notes_wait_for_both(reviewed: Reviewed) -> None:
    house, replies = reviewed
    desk = QualityDesk(house.journey.answering)
    lead, admin, author = (house.people[role].id for role in (Role.SUPERVISOR, Role.ADMIN, Role.AGENT))
    with house.store() as work:
        known = {pick.reply_id for pick in work.quality.picks()}
        reply_id = next(id for id in replies if id not in known)
        case_id = work.replies.get(reply_id).case_id
        work.quality.keep([Pick(reply_id, case_id, author, "2026-W10", is_twice=True)])

    desk.read(reply_id, by=lead, answers=GOOD, note="Well said.")
    with house.store() as work:
        assert work.notes.of_case(case_id) == []
    with pytest.raises(Conflict):
        desk.read(reply_id, by=lead, answers=GOOD)
    with pytest.raises(NotAllowed):
        desk.read(reply_id, by=author, answers=GOOD)
    desk.read(reply_id, by=admin, answers={**GOOD, "tone": Answer.NO})

    with house.store() as work:
        assert [note.text for note in work.notes.of_case(case_id)] == ["Well said."]
        assert all(review.is_told for review in work.quality.of_reply(reply_id))


def test_programs_read_what_was_found_and_only_a_lead_reads_a_reply(reviewed: Reviewed, anyone: TestClient) -> None:
    house, _ = reviewed
    seen = anyone.get("/v1/quality", headers={"Authorization": f"Bearer {house.keys['read']}"}).json()
    reply_id = seen["to_read"][0]["reply_id"]
    anyone.headers["X-CSRF-Token"] = sign_in(anyone)
    answers = {"answers": dict.fromkeys(GOOD, "yes")}
    assert anyone.post(f"/v1/quality/{reply_id}", json=answers).status_code == 403
    anyone.headers["X-CSRF-Token"] = sign_in(anyone, "admin")

    assert anyone.post(f"/v1/quality/{reply_id}", json=answers).json()["answers"]["tone"] == "yes"
    assert anyone.get("/v1/quality").json()["people"][0]["by_question"]["tone"] == [1, 1]
