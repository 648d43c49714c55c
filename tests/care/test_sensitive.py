"""What a kind of sensitive data asks for, alone and together with others."""

import pytest

from care.sensitive import NEVER_KEPT, Handling, Redaction, SensitiveSpan

ALLOW, MASK, OFFLINE, WITHHELD = Handling


def span(category: str, handling: Handling, score: float = 0.9) -> SensitiveSpan:
    return SensitiveSpan(0, 4, category, score, "[x]", handling)


def test_of_several_the_severest_counts() -> None:
    assert Handling.worst([MASK, WITHHELD, OFFLINE]) is WITHHELD
    assert Handling.worst([ALLOW, OFFLINE, MASK]) is OFFLINE
    assert Handling.worst([MASK, ALLOW]) is MASK
    assert Handling.worst([]) is ALLOW


def test_what_is_only_masked_stays_in_the_open() -> None:
    assert [handling for handling in Handling if handling.leaves_the_open] == [OFFLINE, WITHHELD]
    assert [handling for handling in Handling if Redaction("", handling=handling).is_flagged] == [
        MASK, OFFLINE, WITHHELD,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("category", "handling", "may_go_out"),
    [
        ("phone", ALLOW, True),
        ("phone", MASK, True),
        ("phone", OFFLINE, False),
        ("phone", WITHHELD, False),
        *((category, MASK, False) for category in sorted(NEVER_KEPT)),
    ],
)
def test_a_reply_may_hold_our_own_phone_number_and_never_a_card_or_a_password(
    category: str, handling: Handling, may_go_out: bool
) -> None:
    of_text = span(category, handling)

    assert of_text.may_go_out is may_go_out
    assert Redaction("", (span("email", MASK), of_text)).may_not_go_out == (() if may_go_out else (of_text,))


def test_each_category_has_its_highest_score() -> None:
    spans = (span("phone", MASK, 0.4), span("email", MASK, 0.7), span("phone", MASK, 0.6), span("phone", MASK, 0.5))

    assert Redaction("", spans).categories == {"phone": 0.6, "email": 0.7}
