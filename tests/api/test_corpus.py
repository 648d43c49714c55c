"""Every case of the corpus is answered as it says: never a 500, never an echo, always a problem."""

from collections import Counter

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import House, sign_in
from tests.api.corpus import CANARY, Case, corpus

CASES = list(corpus())
PARTS = 4
"""Each part takes a second or two, and they run beside each other."""


def test_there_are_enough_cases_and_each_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 450
    assert [name for name, n in Counter(case.id for case in CASES).items() if n > 1] == []


@pytest.mark.parametrize("part", range(PARTS))
def test_every_case_is_answered_as_it_says(house: House, anyone: TestClient, part: int) -> None:
    csrf = sign_in(anyone, "admin")
    cookies = dict(anyone.cookies)
    wrong = []
    for case in CASES[part::PARTS]:
        anyone.cookies.clear()
        headers = dict(case.headers)
        if case.who == "admin":
            anyone.cookies.update(cookies)
            headers |= {"X-CSRF-Token": csrf}
        elif case.who == "key":
            headers |= {"Authorization": f"Bearer {house.keys['all']}"}
        answer = anyone.request(case.method, case.path, content=case.body, headers=headers)
        if why := said_wrongly(case, answer.status_code, answer.headers.get("content-type", ""), answer.text):
            wrong.append((case.id, answer.status_code, why, answer.text[:160]))

    assert wrong == []


def said_wrongly(case: Case, status: int, kind: str, text: str) -> str:
    if status not in case.statuses:
        return f"not one of {sorted(case.statuses)}"
    if status >= 400 and kind != "application/problem+json":
        return f"an error of {kind}"
    if status >= 400 and CANARY in text:
        return "an echo"
    return ""
