"""A customer is forgotten and handed out by HTTP, by those who may."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from care.customer import Identity
from care.forgetting import Forgetting
from store.files import FolderFiles
from tests.api.conftest import House, sign_in
from wiring.beside import ProofList
from wiring.copies import FileCopies
from wiring.settings import Settings

pytestmark = [pytest.mark.issue(15)]


@pytest.fixture
def client(house: House, tmp_path: Path) -> Iterator[TestClient]:
    files = FolderFiles(tmp_path / "attachments", False, 1, 1, frozenset())
    proofs, copies = ProofList(tmp_path, "a secret"), FileCopies(Settings(home=tmp_path))
    forgetting = Forgetting(house.store, files, proofs, copies, house.clock)
    with TestClient(create_app(parts=replace(house.parts, forgetting=forgetting))) as client:
        yield client


def customer_of(house: House) -> str:
    house.say("Where is my parcel?", name="Zora Zeta")
    with house.store() as work:
        customer = work.customers.of(Identity("x", "@zora"))
    assert customer is not None
    return customer.id


def test_an_administrator_forgets_a_customer(client: TestClient, house: House) -> None:
    customer_id = customer_of(house)
    headers = {"X-CSRF-Token": sign_in(client, "admin"), "Origin": "http://testserver"}
    exported = client.get(f"/v1/customers/{customer_id}/export").json()

    answer = client.post(f"/v1/customers/{customer_id}/forget", headers=headers)

    assert [row["text"] for row in exported["data"]["message"]] == ["Where is my parcel?"]
    assert answer.status_code == 200
    assert answer.json()["cases"] == 1
    assert len(answer.json()["proofs"]) == 1
    assert client.get(f"/v1/customers/{customer_id}").status_code == 404
    assert client.post(f"/v1/customers/{customer_id}/forget", headers=headers).status_code == 404


def test_nobody_else_does(client: TestClient, house: House) -> None:
    customer_id = customer_of(house)
    headers = {"X-CSRF-Token": sign_in(client, "agent"), "Origin": "http://testserver"}

    assert client.post(f"/v1/customers/{customer_id}/forget", headers=headers).status_code == 403
    assert client.get(f"/v1/customers/{customer_id}").status_code == 200
