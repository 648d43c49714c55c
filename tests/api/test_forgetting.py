"""A customer is forgotten and handed out by HTTP, by those who may."""

import pytest
from fastapi.testclient import TestClient

from care.customer import Identity
from tests.api.conftest import House, sign_in

pytestmark = [pytest.mark.issue(15)]


def customer_of(house: House) -> str:
    house.say("Where is my parcel?", name="Zora Zeta")
    with house.store() as work:
        customer = work.customers.of(Identity("x", "@zora"))
    assert customer is not None
    return customer.id


def test_an_administrator_forgets_a_customer(anyone: TestClient, house: House) -> None:
    customer_id = customer_of(house)
    headers = {"X-CSRF-Token": sign_in(anyone, "admin"), "Origin": "http://testserver"}
    exported = anyone.get(f"/v1/customers/{customer_id}/export").json()

    answer = anyone.post(f"/v1/customers/{customer_id}/forget", headers=headers)

    assert [row["text"] for row in exported["data"]["message"]] == ["Where is my parcel?"]
    assert answer.status_code == 200
    assert answer.json()["cases"] == 1
    assert len(answer.json()["proofs"]) == 1
    assert anyone.get(f"/v1/customers/{customer_id}").status_code == 404
    assert anyone.post(f"/v1/customers/{customer_id}/forget", headers=headers).status_code == 404


def test_nobody_else_does(anyone: TestClient, house: House) -> None:
    customer_id = customer_of(house)
    headers = {"X-CSRF-Token": sign_in(anyone, "agent"), "Origin": "http://testserver"}

    assert anyone.post(f"/v1/customers/{customer_id}/forget", headers=headers).status_code == 403
    assert anyone.get(f"/v1/customers/{customer_id}").status_code == 200
