"""Which sentences say that somebody else has the matter."""

import pytest

from playbook.claims import acts, claims


@pytest.mark.parametrize(
    "sentence",
    [
        "Our safety officer has your message.",
        "The people who decide on this now have it.",
        "I have passed this to the warehouse.",
        "We've already asked the head of our shop to call you.",
        "The team is looking at it.",
        "Our engineers are on it.",
        "A colleague is dealing with this.",
        "Your message has been forwarded to our lawyers.",
        "It is being passed on to the manager.",
        "This is with our billing team now.",
        "{% if upset %}I see. {% endif %}Our legal team already received what you wrote.",
        "I've told our technicians.",
        "Somebody is taking care of it.",
        "I escalated this.",
    ],
)
def test_a_sentence_that_says_somebody_else_has_it_is_found(sentence: str) -> None:
    assert len(claims(sentence)) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "I have your message and am looking into it.",
        "I'll ask the lead of our team to take it on.",
        "Our team is here from nine to five.",
        "Please write to our billing team.",
        "I'll find out where and how it was handed over.",
        "I've checked the refund for {{ order_number }}: {{ finding }}.",
        "I'm sorry this has happened.",
        "Could you tell us what you have tried so far?",
        "Is there a neighbour who could have it?",
        "I have asked you for a photo before.",
    ],
)
def test_what_we_say_of_ourselves_is_no_claim(sentence: str) -> None:
    assert claims(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "is_found"),
    [
        ("I've passed it on.", True),
        ("We have just refunded the charge.", True),
        ("I'm passing that to the people who choose.", True),
        ("I've looked into it: {{ finding }}.", False),
        ("I'll pass it on.", False),
        ("I've read your message.", False),
        ("As soon as it has been sent, write to us.", True),
    ],
)
def test_a_sentence_that_tells_of_an_act_is_found_unless_a_person_fills_it_in(sentence: str, is_found: bool) -> None:
    assert bool(acts(sentence, filled=["finding"])) is is_found
