"""Who gets a case: by what they may take, by who knew the customer, in fair turns, and why."""

from collections import Counter
from dataclasses import replace

import pytest

from care.routing import Desk, Skills, Wanted, give

pytestmark = pytest.mark.issue(19)

ANNA = Desk("per_anna", Skills(frozenset({"care"}), languages=frozenset({"en", "de"})), load=1)
BEN = Desk("per_ben", Skills(frozenset({"care", "billing"}), languages=frozenset({"en"})), load=0)
CLO = Desk("per_clo", Skills(channels=frozenset({"x"})), load=0)


def wanted(team: str = "care", channel: str = "email", language: str = "en", **more: object) -> Wanted:
    return replace(Wanted("cas_1", team, channel, language), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "who"),
    [
        (wanted(), "per_ben"),
        (wanted(language="de"), "per_anna"),
        (wanted(team="billing"), "per_ben"),
        (wanted(channel="x", language="fr", team="press"), "per_clo"),
        (wanted(language="fr"), None),
        (wanted(before=("per_gone", "per_anna")), "per_anna"),
        (wanted(before=("per_clo",)), "per_ben"),
    ],
)
def test_a_case_goes_to_who_may_take_it(case: Wanted, who: str | None) -> None:
    given = give(case, [ANNA, BEN, CLO])

    assert (given.person_id if given else None) == who


def test_nobody_gets_more_than_their_most_not_even_who_knew_the_customer() -> None:
    full = replace(ANNA, load=8)

    assert give(wanted(language="de"), [full]) is None
    given = give(wanted(before=("per_anna",)), [full, BEN])
    assert given is not None
    assert given.person_id == "per_ben"


def test_every_assignment_says_why() -> None:
    said = [give(case, [ANNA, BEN]) for case in (wanted(), wanted(language="de"), wanted(before=("per_anna",)))]

    assert [given.why for given in said if given] == [
        "Has fewest of 2 who may take it (team care, language en); had 0 of 8.",
        "Alone may take it now (team care, language de); had 1 of 8.",
        "Answered this customer before; had 1 of 8.",
    ]


def test_turns_are_fair() -> None:
    desks = {f"per_{n}": Desk(f"per_{n}", Skills(most=1000), load=0) for n in range(7)}
    given_to: Counter[str] = Counter()
    for turn in range(1, 701):
        given = give(wanted(), list(desks.values()))
        assert given is not None
        given_to[given.person_id] += 1
        # Each is answered at once: only turns can tell them apart.
        desks[given.person_id] = replace(desks[given.person_id], last=turn)

    assert set(given_to.values()) == {100}


def test_who_has_one_channel_is_not_blended() -> None:
    assert (CLO.skills.is_blended, ANNA.skills.is_blended) == (False, True)
