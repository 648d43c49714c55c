"""What a channel signed and nobody can read is kept, counted and shown; it refuses nothing else."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from care import quarantine
from care.errors import Unreachable
from care.message import Inbound
from care.unreadable import Quarantined
from channels import payload
from channels.mail.masked import masked_mail
from channels.mail.reading import parse_mail
from model.sensitive import SensitiveFinder
from tests.api.conftest import House, sign_in
from tests.api.test_main_path import MESSAGE, signed
from workers.sweep import forget_unread

pytestmark = pytest.mark.issue(18)
CARD = "4111 1111 1111 1111"
BROKEN = {"id": "m2", "text": 5, "author": {"handle": "ben"}}


def items(house: House) -> list[Quarantined]:
    with house.store(read=True) as work:
        return work.quarantine.page()


def batch(*messages: object) -> dict[str, object]:
    return {"messages": list(messages)}


def test_one_malformed_message_of_a_batch_is_put_aside_and_the_others_are_kept(
    anyone: TestClient, house: House
) -> None:
    others = [{**MESSAGE, "id": f"m{n}", "thread_id": f"t{n}"} for n in (1, 3)]

    answer = anyone.post("/inbox/x", **signed(batch(others[0], BROKEN, others[1]), house))

    told = answer.json()
    assert (answer.status_code, len(told["ids"]), told["accepted"]) == (202, 2, 2)
    [item] = items(house)
    unread = {"id": item.id, "position": 1, "problem": "message/text: expected a string."}
    assert told["quarantined"] == [unread]
    assert (item.channel, item.problem, item.n_seen) == ("x", unread["problem"], 1)
    assert json.loads(item.content or "") == BROKEN
    with house.store(read=True) as work:
        assert work.lists.figures()["quarantine"] == {"x": 1}
        assert [event.event for event in work.trail.events(after=0)].count("quarantine.kept") == 1


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"\xff\xfe", b"[" * 5000, b'{"messages": 3}', b'{"hello": 1}', "Größe".encode("latin-1")],
)
def test_a_payload_that_is_no_payload_is_taken_and_kept(anyone: TestClient, house: House, raw: bytes) -> None:
    answer = anyone.post("/inbox/x", **signed(raw, house))

    assert (answer.status_code, answer.json()["accepted"]) == (202, 0)
    assert [item.n_bytes for item in items(house)] == [len(raw)]


def test_what_is_broken_in_the_middle_of_a_batch_takes_only_its_own_end_along(anyone: TestClient, house: House) -> None:
    whole = json.dumps(batch(MESSAGE, {**MESSAGE, "id": "m9", "thread_id": "t9"}))
    cut = whole[: whole.rindex('"author"')].encode()

    answer = anyone.post("/inbox/x", **signed(cut, house))

    assert (answer.status_code, len(answer.json()["ids"]), answer.json()["accepted"]) == (202, 1, 1)
    assert (items(house)[0].content or "").startswith('{"id": "m9"')


def test_junk_that_nobody_signed_is_refused_and_not_kept(anyone: TestClient, house: House) -> None:
    assert anyone.post("/inbox/x", content=b"{").status_code == 401
    assert items(house) == []


def test_the_same_thing_again_is_counted_and_kept_once(anyone: TestClient, house: House) -> None:
    ids = {
        anyone.post("/inbox/x", **signed(batch(BROKEN), house, id=f"evt_{n}")).json()["quarantined"][0]["id"]
        for n in range(3)
    }

    assert [(item.id, item.n_seen) for item in items(house)] == [(ids.pop(), 3)]


def test_a_message_on_which_tactful_itself_fails_is_put_aside_alone(
    anyone: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = type(house.journey.intake).receive

    def fails_on_one(self: object, inbound: list[Inbound], **more: object) -> list[str]:
        if any(message.origin.outside_id == "m2" for message in inbound):
            raise ZeroDivisionError("my card is " + CARD)
        return really(self, inbound, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(house.journey.intake), "receive", fails_on_one)
    two = {**MESSAGE, "id": "m2", "thread_id": "t2"}

    answer = anyone.post("/inbox/x", **signed(batch(MESSAGE, two), house))

    assert (answer.status_code, len(answer.json()["ids"])) == (202, 1)
    assert items(house)[0].problem == "tactful failed with ZeroDivisionError on it; that is an error of tactful."


def test_a_store_that_is_away_puts_nothing_aside(
    anyone: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> list[str]:
        raise Unreachable("The database cannot be used now.")

    monkeypatch.setattr(type(house.journey.intake), "receive", away)

    assert anyone.post("/inbox/x", **signed(MESSAGE, house)).status_code == 503
    assert items(house) == []


def test_what_does_not_fit_any_more_is_left_with_its_network(
    anyone: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MOST_ITEMS", 1)
    anyone.post("/inbox/x", **signed(batch(BROKEN), house))

    answer = anyone.post("/inbox/x", **signed(batch(MESSAGE, {**BROKEN, "id": "m3"}), house, id="evt_2"))

    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    with house.store(read=True) as work:
        assert work.messages.find("x", str(MESSAGE["id"])) is not None
    assert len(items(house)) == 1


def test_a_receipt_that_cannot_be_read_holds_up_no_other(anyone: TestClient, house: House) -> None:
    receipts = {"receipts": [{"status": "vanished"}, {"reply_id": "rpl_no", "status": "delivered"}]}

    answer = anyone.post("/inbox/x/receipts", **signed(receipts, house))

    # The one that can be read names a reply that is not ours, or not yet: its network tries again.
    assert answer.status_code == 404
    assert [(item.door, item.problem) for item in items(house)] == [
        ("receipts", "receipt/status: delivered or failed.")
    ]


def test_no_card_number_is_kept_of_what_cannot_be_read(anyone: TestClient, house: House) -> None:
    finder = SensitiveFinder()
    said = f"my card is {CARD}"
    bodies = [
        json.dumps({"id": "m1", "text": 5, "note": said, "author": {"handle": "ben", "name": CARD}}).encode(),
        f'{{"id": "m1", "text": "{said}"'.encode(),
        json.dumps({"id": CARD, "number": 4111111111111111, "deep": [{"er": said}], said: 1}).encode(),
    ]
    mail = (
        "To: care@shop.example\nSubject: =?utf-8?q?card_4111_1111_1111_1111?=\nContent-Type: text/html\n\n"
        f"<p>{said}</p>"
    ).encode()

    kept = [payload.masked(body, finder) for body in bodies] + [masked_mail(mail, finder)]

    for text in kept:
        assert "4111 1111" not in text
        assert "4111111111111111" not in text
    assert '"handle": "ben"' in kept[0]


def test_a_mail_that_nobody_sent_can_be_read_again_as_it_is_kept() -> None:
    finder = SensitiveFinder()
    mail = (
        b"From: Kim <kim@mail.example>\nTo: care@shop.example\nSubject: Where is it?\nMessage-ID: <a1@mail.example>\n"
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: quoted-printable\n\nDie Gr=C3=B6=C3=9Fe passt nicht.\n--b--\n"
    )

    [again] = parse_mail(masked_mail(mail, finder).encode(), channel="email", own_address="care@shop.example")
    [first] = parse_mail(mail, channel="email", own_address="care@shop.example")

    assert (again.text, again.author, again.subject) == (first.text, first.author, first.subject)
    assert again.origin.outside_id == first.origin.outside_id


def test_an_item_is_tried_again_after_an_upgrade_and_then_it_is_gone(
    anyone: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = {**MESSAGE, "written_at": 1767225600}
    anyone.post("/inbox/x", **signed(batch(odd), house))
    [item] = items(house)
    form = {"csrf": sign_in(anyone, "admin")}
    shown = anyone.get("/service").text

    refused = anyone.post(f"/service/quarantine/{item.id}/retry", data=form)
    monkeypatch.setattr(payload, "_moment", lambda value, where: house.clock())
    taken = anyone.post(f"/service/quarantine/{item.id}/retry", data=form, follow_redirects=False)

    assert f"/service/quarantine/{item.id}" in shown
    assert "Could not be read (1)" in shown
    assert (refused.status_code, "It still cannot be read" in refused.text, "1 times" in refused.text) == (
        409,
        True,
        True,
    )
    assert (taken.status_code, items(house)) == (303, [])
    with house.store(read=True) as work:
        assert work.messages.find("x", str(MESSAGE["id"])) is not None
        last = work.trail.events(after=0)[-1]
    assert (last.event, last.subject_id, last.by[:4]) == ("quarantine.taken", item.id, "per_")


def test_an_item_is_dropped_by_a_person_or_by_time(anyone: TestClient, house: House) -> None:
    for n in range(2):
        anyone.post("/inbox/x", **signed(batch({**BROKEN, "id": f"m{n}"}), house, id=f"evt_{n}"))
    first, second = items(house)

    house.parts.quarantine.drop(first.id, by="operator")
    with house.store() as work:
        assert [event.event for event in work.trail.events(after=0)][-1] == "quarantine.dropped"
    assert forget_unread(house.store, days=30, now=house.clock() + timedelta(days=29)) == {}
    assert forget_unread(house.store, days=30, now=house.clock() + timedelta(days=31)) == {"quarantined_forgotten": 1}
    assert items(house) == []
    assert second.id != first.id


def test_what_was_cut_is_shown_and_not_tried_again(
    anyone: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "LONGEST", 20)
    anyone.post("/inbox/x", **signed(batch(BROKEN), house))
    [item] = items(house)
    sign_in(anyone, "admin")

    page = anyone.get(f"/service/quarantine/{item.id}").text

    assert "of which not all is kept" in page
    assert "/retry" not in page
    assert replace(item, content=None).is_whole is False
