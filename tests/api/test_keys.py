"""Keys that were good a moment ago: quick to check, and soon gone when revoked."""

from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient

from api.keys import TRUSTED_S, KnownKeys
from care.access import Scope
from care.people import digest
from care.service_keys import new_key
from tests.api.conftest import House, sign_in


def id_of(house: House, secret: str) -> str:
    with house.store() as work:
        kept_key = work.access.key(digest(secret))
    assert kept_key is not None
    return kept_key.id


def test_a_key_that_the_store_knew_a_moment_ago_is_not_looked_up_again(anyone: TestClient, house: House) -> None:
    looked_up = []
    keys: Any = anyone.app.state.keys  # type: ignore[attr-defined]
    look_up = keys.look_up
    keys.look_up = lambda secret, parts: looked_up.append(secret) or look_up(secret, parts)  # type: ignore[func-returns-value]
    headers = {"Authorization": f"Bearer {house.keys[Scope.READ]}"}

    statuses = [anyone.get("/v1/messages", headers=headers).status_code for _ in range(3)]

    assert statuses == [200] * 3
    assert len(looked_up) == 1


def test_a_key_revoked_in_the_console_ends_at_once(anyone: TestClient, house: House) -> None:
    key = house.keys[Scope.READ]
    csrf = sign_in(anyone, "admin")
    assert anyone.get("/v1/messages", headers={"Authorization": f"Bearer {key}"}).status_code == 200

    anyone.post(f"/settings/keys/{id_of(house, key)}/revoke", data={"csrf": csrf})

    assert anyone.get("/v1/messages", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_a_key_revoked_by_another_process_ends_within_two_seconds(anyone: TestClient, house: House) -> None:
    now = [100.0]
    anyone.app.state.keys = KnownKeys(clock=lambda: now[0])  # type: ignore[attr-defined]
    key = house.keys[Scope.READ]
    headers = {"Authorization": f"Bearer {key}"}
    assert anyone.get("/v1/messages", headers=headers).status_code == 200

    with house.store() as work:
        work.access.revoke_key(id_of(house, key), at=house.clock())
    now[0] += TRUSTED_S

    assert TRUSTED_S <= 2
    assert anyone.get("/v1/messages", headers=headers).status_code == 401


def test_use_does_not_keep_a_revoked_key_alive(house: House) -> None:
    now = [100.0]
    keys = KnownKeys(clock=lambda: now[0])
    key = house.keys[Scope.READ]
    keys.look_up(key, house.parts)

    answers = []
    for _ in range(3):
        answers.append(keys.recall(key) is not None)
        now[0] += TRUSTED_S * 0.6

    assert answers == [True, True, False]


def test_a_key_revoked_while_it_is_looked_up_is_not_remembered(house: House) -> None:
    keys = KnownKeys()
    key = house.keys[Scope.READ]

    @contextmanager
    def slow_store(*, read: bool = False) -> Any:
        with house.store(read=read) as work:
            yield work
        # Whoever revokes it now tells us before this request goes on.
        keys.forget()

    slow = replace(house.parts, journey=replace(house.journey, store=slow_store))

    assert keys.look_up(key, slow) is not None
    assert keys.recall(key) is None


def test_a_wrong_or_revoked_key_is_never_remembered(house: House) -> None:
    keys = KnownKeys()
    key, stranger = house.keys[Scope.READ], new_key()
    with house.store() as work:
        work.access.revoke_key(id_of(house, key), at=house.clock())

    assert [keys.look_up(secret, house.parts) for secret in (key, stranger)] == [None, None]
    assert [keys.recall(secret) for secret in (key, stranger)] == [None, None]


def test_only_so_many_keys_are_remembered_and_only_by_their_digests(house: House) -> None:
    keys = KnownKeys(max_keys=2)
    first, second, third = (house.keys[scope] for scope in (Scope.READ, Scope.WRITE, Scope.CLASSIFY))

    for key in (first, second, third):
        keys.look_up(key, house.parts)

    assert keys.recall(first) is None
    assert keys.recall(second) is not None
    assert keys.recall(third) is not None
    assert all(key not in repr(vars(keys)) for key in (first, second, third))
