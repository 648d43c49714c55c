import pytest

from model.urgency import raised, rules_of


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("the charger started smoking next to my bed", "danger_to_people"),
        ("I smell gas since your fitter left", "danger_to_people"),
        ("my daughter had an allergic reaction to your cookies", "danger_to_people"),
        ("the brakes failed on the new bike", "danger_to_people"),
        ("honestly i just want to die", "self_harm"),
        ("someone is using my card right now", "fraud_in_progress"),
        ("there are transactions i didn't make", "fraud_in_progress"),
        ("my account was hacked an hour ago", "fraud_in_progress"),
        ("I can see other customers' orders in my account", "security_breach"),
        ("you will hear from my lawyer", "legal_threat"),
        ("I am reporting this to the ombudsman", "legal_threat"),
        ("I'm a journalist with the Herald, need a comment on a story by 5", "press"),
        ("is the website down for everyone", "outage"),
        ("we are stranded at the airport", "stranded_now"),
    ],
)
def test_what_must_not_be_missed_fires_its_rule(text: str, rule: str) -> None:
    assert rule in {named.name for named in rules_of(text)}


@pytest.mark.parametrize(
    "text",
    [
        "this deal is fire",
        "dying to try the new flavour",
        "that dress is to die for",
        "does the fire tablet come in blue",
        "no allergic reaction so far, great cream",
        "where is my parcel",
        "can I pay by card",
        "the price went up again",
        "my order arrived broken",
        "great customer service!",
    ],
)
def test_everyday_words_fire_nothing(text: str) -> None:
    assert rules_of(text) == ()


def test_rules_only_raise() -> None:
    fired = rules_of("is the website down for everyone")

    assert raised("low", fired) == "high"
    assert raised("urgent", fired) is None
    assert raised("P1", fired) is None
