"""An hour that a person promises is found; an hour that is none of ours is not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.promising import promised_in

THURSDAY_NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("I'll ring you by 5 pm.", "Thu 17:00"),
        ("You'll hear from us within two hours.", "Thu 14:00"),
        ("I'm on it. Back to you by 3 pm.", "Thu 15:00"),
        ("I will call you tomorrow morning.", "Fri 12:00"),
        ("You will hear from me by 17:15 today.", "Thu 17:15"),
        ("We'll let you know by end of day.", "Thu 18:00"),
        ("Let me check and get back to you this afternoon.", "Thu 17:00"),
        ("I'll reply on Monday.", "Mon 18:00"),
        ("We'll have an answer for you at 9.30 tomorrow.", "Fri 09:30"),
        ("I promise an answer by Friday at noon.", "Fri 12:00"),
        ("We'll sort it within 24 hours.", "Fri 12:00"),
        ("I'll write to you in half an hour.", "Thu 12:30"),
        ("I'll write by 9 a.m. tomorrow.", "Fri 09:00"),
        ("I will ring you on Tuesday before 10am.", "Tue 10:00"),
        ("We will email you by 6 o'clock.", "Thu 18:00"),
        ("You'll get a call from me within 30 minutes.", "Thu 12:30"),
        ("I can have this done by 16:00.", "Thu 16:00"),
        ("I'll answer within a day.", "Fri 12:00"),
        ("I'll be back to you tonight.", "Thu 22:00"),
        ("I'll ring you by 5.", "Thu 17:00"),
        ("I'll ring you by 11.", "Thu 23:00"),
        ("I'll ring you by 12 am.", "Fri 00:00"),
        ("I'll ring you by 12 pm tomorrow.", "Fri 12:00"),
        ("I'll call you tomorrow.", "Fri 18:00"),
        ("I'll call you this evening.", "Thu 20:00"),
        ("I'll write by close of business tomorrow.", "Fri 18:00"),
        ("I'll write by Monday morning.", "Mon 12:00"),
        ("I'll ring you within two hours. You'll have the rest by Friday.", "Fri 18:00"),
        ("You'll have the rest by Friday. I'll ring you within two hours.", "Fri 18:00"),
        ("I'll ring you by 3 pm. You will hear from us in an hour too.", "Thu 15:00"),
    ],
)
def test_an_hour_we_promise_is_found(text: str, until: str) -> None:
    hour = promised_in(text, now=THURSDAY_NOON, zone=LONDON)

    assert hour is not None
    assert f"{hour.until:%a %H:%M}" == until
    assert text[hour.start : hour.end] == hour.words


@pytest.mark.parametrize(
    "text",
    [
        "We are open until 6 pm.",
        "Please send it back by Friday.",
        "Your parcel arrives by 5 pm.",
        "The shop opens at 9 tomorrow.",
        "I can refund 20.50 by card.",
        "We will send 3 of them by post.",
        "The train left at 10:15.",
        "It was due on Monday.",
        "Order by noon and it ships today.",
        "Thank you for waiting since 8 this morning.",
        "I am sorry about yesterday.",
        "I'll ring you by 25:00.",
        "I'll ring you by 10:75.",
        "I'll ring you by 13 pm.",
        "",
    ],
)
def test_an_hour_that_is_none_of_ours_is_left(text: str) -> None:
    assert promised_in(text, now=THURSDAY_NOON, zone=LONDON) is None


def test_a_weekday_is_the_next_one_never_today() -> None:
    hour = promised_in("I'll reply on Thursday.", now=THURSDAY_NOON, zone=LONDON)

    assert hour is not None
    assert (hour.until - THURSDAY_NOON).days == 7


def test_the_hour_is_the_readers_own() -> None:
    hour = promised_in("I'll ring you by 5 pm.", now=THURSDAY_NOON, zone="America/New_York")

    assert hour is not None
    assert hour.until.astimezone(UTC).hour == 22


@given(st.text(max_size=300), st.sampled_from(["", "I'll ring you by ", "within "]))
def test_any_text_is_read_and_what_is_found_lies_ahead(text: str, before: str) -> None:
    hour = promised_in(before + text, now=THURSDAY_NOON, zone=LONDON)

    assert hour is None or hour.until > THURSDAY_NOON
