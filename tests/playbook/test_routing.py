"""Who a playbook says is given which cases."""

import pytest

from care.errors import Problem
from care.routing import RoutingPolicy, Skills
from playbook.routing import routing
from playbook.source import read_yaml

pytestmark = pytest.mark.issue(19)


def read(text: str) -> tuple[RoutingPolicy, list[Problem]]:
    problems: list[Problem] = []
    entry = read_yaml(text, file="playbook.yaml", problems=problems)
    return routing(entry, teams=("care", "billing"), channels=("x", "email"), language="en"), problems


def test_people_are_named_by_their_address_and_what_is_not_said_is_open() -> None:
    policy, problems = read(
        "{people: {Anna@example.com: {teams: [care], languages: [en, de], most: 3}, b@example.com: {}}}"
    )

    assert problems == []
    assert policy.people == {
        "anna@example.com": Skills(frozenset({"care"}), languages=frozenset({"en", "de"}), most=3),
        "b@example.com": Skills(),
    }


def test_without_it_nobody_is_given_anything() -> None:
    assert read("{}")[0].is_on is False


@pytest.mark.parametrize("wrong", ["{teams: [legal]}", "{channels: [fax]}", "{most: 0}", "{skill: x}"])
def test_what_cannot_be_is_named(wrong: str) -> None:
    assert read(f"{{people: {{a@example.com: {wrong}}}}}")[1]


def test_a_name_that_is_no_address_is_told() -> None:
    assert read("{people: {anna: {}}}")[1]
