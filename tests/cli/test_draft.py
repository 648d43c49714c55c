"""Which rows of a file stand before a message."""

from cli.draft import Row, Threads


def before(rows: list[Row]) -> list[str]:
    """Ids of what is read before the last row."""
    return [row.id for row in Threads(rows).before(rows[-1])]


def row(id: str, author: str, in_reply_to: str = "") -> Row:
    return Row(id, f"text {id}", "x", author, in_reply_to)


def test_a_customers_own_thread_is_read_whole() -> None:
    assert before([row("1", "ana"), row("2", "shop", "1"), row("3", "ana", "2")]) == ["1", "2"]


def test_of_a_thread_that_somebody_else_began_only_their_own_part_is_read() -> None:
    post = [row("1", "shop"), row("2", "ana", "1"), row("3", "shop", "2"), row("4", "ana", "3")]
    joined = [row("1", "ana"), row("2", "shop", "1"), row("3", "ben", "2")]

    assert before(post) == ["2", "3"]
    assert before(joined) == []


def test_without_authors_the_thread_is_read_as_it_stands() -> None:
    assert before([row("1", ""), row("2", "", "1"), row("3", "", "2")]) == ["1", "2"]
