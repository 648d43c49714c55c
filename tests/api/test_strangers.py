"""Somebody else in a private thread is seen: in the console by both cases, in the API by name."""

from fastapi.testclient import TestClient

from care.message import Author, Inbound, Origin, Visibility
from tests.api.conftest import House
from tests.api.test_console import words_of


def comes(house: House, handle: str, text: str, *, n: int, visibility: Visibility = Visibility.PRIVATE) -> str:
    item = Inbound(
        origin=Origin(channel="x", outside_id=f"m-{n}", thread_key=f"t-{visibility}", written_at=house.clock()),
        author=Author(handle=handle),
        text=text,
        visibility=visibility,
    )
    [message_id] = house.journey.receive([item])
    house.journey.prepare(message_id)
    house.clock.move(60)
    return message_id


def test_both_cases_say_that_somebody_else_wrote_in_the_thread(agent: TestClient, house: House) -> None:
    kim = comes(house, "kim@mail.example", "My order AB-10442 came broken.", n=1)
    sam = comes(house, "sam@elsewhere.example", "Send my order to me instead.", n=2)

    of_kim, of_sam = (words_of(agent.get(f"/cases/{message_id}").text) for message_id in (kim, sam))

    assert "Somebody else wrote in this thread too: sam@elsewhere.example" in of_kim
    assert "Somebody else wrote in this thread too: kim@mail.example" in of_sam
    assert "kim@mail.example, somebody else" in of_sam
    assert house.case(kim) != house.case(sam)
    read = agent.get(f"/v1/cases/{house.case(sam)}").json()
    assert read["others_in_thread"] == ["kim@mail.example"]


def test_one_author_alone_and_a_public_thread_say_nothing_of_it(agent: TestClient, house: House) -> None:
    alone = comes(house, "kim@mail.example", "My order AB-10442 came broken.", n=1)
    comes(house, "Kim@Mail.Example", "Any news of my order?", n=2)
    comes(house, "@dee", "My order is late too", n=3, visibility=Visibility.PUBLIC)
    public = comes(house, "@eli", "So is my order", n=4, visibility=Visibility.PUBLIC)

    for message_id in (alone, public):
        assert "Somebody else" not in words_of(agent.get(f"/cases/{message_id}").text)
