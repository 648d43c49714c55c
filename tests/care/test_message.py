"""What of a thread is this customer's."""

from dataclasses import replace
from datetime import UTC, datetime

from care.message import Author, Message, Origin, Turn, Visibility, between_us

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
FROM_ANA = Message(
    id="m",
    origin=Origin(channel="x", outside_id="1", thread_key="1", written_at=NOW),
    thread_id="t",
    author=Author("ana"),
    text="still dark",
    visibility=Visibility.PUBLIC,
    received_at=NOW,
)
THREAD = [
    Turn("my lamp is dark", True, NOW, customer="ana"),
    Turn("same here, I was hurt", True, NOW, customer="ben"),
    Turn("Ben, please call us.", False, NOW, customer="ben"),
    Turn("Which lamp is it?", False, NOW, customer="ana"),
    Turn("said before handles were kept", True, NOW),
]


def test_what_others_said_in_a_public_thread_is_not_this_customers() -> None:
    assert [turn.customer for turn in between_us(THREAD, FROM_ANA)] == ["ana", "ana", ""]


def test_nor_is_it_in_private_where_whoever_knows_an_id_can_write_into_a_thread() -> None:
    in_private = replace(FROM_ANA, visibility=Visibility.PRIVATE, author=Author("Ana"))

    assert [turn.customer for turn in between_us(THREAD, in_private)] == ["ana", "ana", ""]
