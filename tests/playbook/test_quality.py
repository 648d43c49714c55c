"""What a playbook says of the quality review."""

import pytest

from care.errors import Problem
from care.quality import QUESTIONS, QualityPolicy, ReviewQuestion
from playbook.quality import quality
from playbook.source import read_yaml

pytestmark = pytest.mark.issue(19)


def read(text: str) -> tuple[QualityPolicy, list[Problem]]:
    problems: list[Problem] = []
    return quality(read_yaml(text, file="playbook.yaml", problems=problems)), problems


def test_a_playbook_that_says_nothing_has_the_usual_form() -> None:
    policy, problems = read("{}")

    assert (policy, problems) == (QualityPolicy(), [])
    assert [question.id for question in QUESTIONS] == ["solved", "tone", "facts", "safe"]


def test_a_team_asks_what_it_wants() -> None:
    policy, problems = read("{questions: {kind: Is it kind?}, per_week: 10, doubtful: 5, twice: 0.5}")

    assert problems == []
    assert policy == QualityPolicy((ReviewQuestion("kind", "Is it kind?"),), 10, 5, 0.5)


@pytest.mark.parametrize("wrong", ["{twice: 2}", "{per_week: 2, doubtful: 3}", "{questions: {Kind: x}}", "{ever: 1}"])
def test_what_cannot_be_is_named(wrong: str) -> None:
    assert read(wrong)[1]
