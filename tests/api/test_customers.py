"""One customer over all channels: read, joined with evidence, and parted again."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import House
from tests.api.test_cases import CARD, ok, refused


@pytest.fixture
def two(agent: TestClient, house: House) -> tuple[str, str]:
    """The records of one person on two channels."""
    ids = (house.say("where is my order"), house.say("where is my order", channel="email", name="Ana2 Alvarez"))
    first, second = (ok(agent.get(f"/v1/cases/{house.case(id)}"))["customer_id"] for id in ids)
    return first, second


def join(agent: TestClient, customer: str, **more: str) -> Any:
    sent = {"channel": "email", "handle": "@ana2", "evidence": "They said so in private.", **more}
    return agent.post(f"/v1/customers/{customer}/join", json=sent)


def cases_of(agent: TestClient, customer: str) -> int:
    return len(ok(agent.get(f"/v1/customers/{customer}/cases"))["data"])


def test_a_record_says_who_they_are_on_each_channel(agent: TestClient, two: tuple[str, str]) -> None:
    record = ok(agent.get(f"/v1/customers/{two[0]}"))

    assert (record["object"], record["name"], record["moves"]) == ("customer", "Ana Alvarez", [])
    assert record["identities"] == [{"channel": "x", "handle": "@ana"}]
    assert cases_of(agent, two[0]) == 1


def test_two_records_are_joined_with_evidence_and_parted_again(
    agent: TestClient, house: House, two: tuple[str, str]
) -> None:
    first, second = two
    move = ok(join(agent, first, evidence=f"They gave card {CARD} in both."))

    assert (move["from_customer"], move["to_customer"], move["by"]) == (second, first, house.people["agent"].id)
    assert move["evidence"] == "They gave card [payment card 1111] in both."
    assert (cases_of(agent, first), cases_of(agent, second)) == (2, 0)
    assert len(ok(agent.get(f"/v1/customers/{first}"))["identities"]) == 2

    undone = ok(agent.post(f"/v1/customers/moves/{move['id']}/undo"))

    assert undone["undone_by"] == house.people["agent"].id
    assert (cases_of(agent, first), cases_of(agent, second)) == (1, 1)


def test_what_cannot_be_joined_or_parted_is_refused_and_names_nobody(agent: TestClient, two: tuple[str, str]) -> None:
    first, second = two
    own = refused(join(agent, second))
    unknown = refused(join(agent, first, handle="@nobody"), 404, "not_found")
    blank = refused(join(agent, first, evidence="  "), 422, "validation_failed")
    nowhere = refused(join(agent, "cus_none"), 404, "not_found")
    undo = f"/v1/customers/moves/{ok(join(agent, first))['id']}/undo"
    ok(agent.post(undo))
    twice = refused(agent.post(undo))

    assert own["detail"] == "These are one record already."
    assert blank["detail"] == "Say why these are one customer."
    assert "look again" in twice["detail"]
    assert not [refusal for refusal in (own, unknown, blank, nowhere, twice) if "@" in refusal["detail"]]


def test_a_key_reads_a_record_and_joins_none(anyone: TestClient, house: House) -> None:
    with house.store() as work:
        case_id = house.case(house.say("where is my order"))
        customer = work.cases.get(case_id).customer_id
    assert customer is not None
    key = {"Authorization": f"Bearer {house.keys['all']}"}
    sent = {"channel": "x", "handle": "@ana", "evidence": "x"}

    refused(anyone.post(f"/v1/customers/{customer}/join", json=sent, headers=key), 403, "needs_person")
    refused(anyone.post("/v1/customers/moves/mov_1/undo", headers=key), 403, "needs_person")

    assert ok(anyone.get(f"/v1/customers/{customer}", headers=key))["id"] == customer
    cases = ok(anyone.get(f"/v1/customers/{customer}/cases", headers=key))["data"]
    assert [case["id"] for case in cases] == [case_id]
