import pytest

from care.sensitive import Handling, Redaction, SensitiveSpan
from model.entities import entities_of


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("order number LF-204817 is late", "order_number", "LF-204817"),
        ("my order #88213 please", "order_number", "88213"),
        ("tracking number 1Z999AA10123456784", "parcel_number", "1Z999AA10123456784"),
        ("you took €49.90 twice", "amount", "€49.90"),
        ("it cost 30 euros", "amount", "30 euros"),
        ("I ordered on 3 March", "date", "3 March"),
        ("it should come tomorrow", "date", "tomorrow"),
        ("call me at 5pm", "time", "5pm"),
        ("the shop in Berlin was closed", "city", "Berlin"),
        ("My name is Wanda", "name", "Wanda"),
        ("the new kettle leaks", "product", "kettle"),
    ],
)
def test_a_value_that_a_draft_can_use_is_found_where_it_stands(text: str, kind: str, value: str) -> None:
    entities = [entity for entity in entities_of(text, Redaction(text)) if entity.kind == kind]

    assert [entity.value for entity in entities] == [value]
    assert text[entities[0].start : entities[0].end] == value


def test_what_was_masked_is_never_an_entity() -> None:
    text = "order 4111111111111111 please"
    span = SensitiveSpan(6, 22, "payment_card", 1.0, "<PAYMENT_CARD>", Handling.OFFLINE)

    assert entities_of(text, Redaction("order <PAYMENT_CARD> please", (span,))) == ()
