"""Values go into JSON columns and come back exactly."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.access import Scope
from care.classification import Classification
from care.decision import Decision
from care.reply import Draft
from care.sensitive import Redaction, SensitiveSpan
from store.shapes import pack, unpack
from store.texts import keepable

KEEPABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(n) for n in range(32)] + ["\x7f"]))
SCORE = st.floats(allow_nan=False, allow_infinity=False)
MOMENT = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  the zone is added
st.register_type_strategy(str, KEEPABLE)
st.register_type_strategy(float, SCORE)
st.register_type_strategy(datetime, MOMENT)


@pytest.mark.parametrize("kind", [Classification, Decision, Draft, Redaction, SensitiveSpan])
def test_every_kept_value_survives_its_column(kind: type) -> None:
    @given(st.from_type(kind))
    def check(value: object) -> None:
        assert unpack(kind, json.loads(json.dumps(pack(value)))) == value

    check()


def test_sets_and_tuples_come_back_as_what_they_were() -> None:
    scopes = frozenset({Scope.READ, Scope.METRICS})
    assert unpack(frozenset[Scope], pack(scopes)) == scopes
    assert unpack(tuple[str, int], pack(("a", 1))) == ("a", 1)


def test_a_row_from_before_a_field_existed_gets_its_default() -> None:
    assert unpack(Draft, {"play": "p@1", "text": "Hi", "dropped_field": 3}) == Draft(play="p@1", text="Hi")


def test_what_json_cannot_hold_is_refused_before_it_is_written() -> None:
    with pytest.raises(TypeError, match="bytes"):
        pack(b"raw")


@given(st.text(st.characters()))
def test_cleaning_keeps_every_offset_and_changes_nothing_twice(text: str) -> None:
    once = keepable(text)

    assert len(once) == len(text)
    assert keepable(once) == once
    once.encode()
    assert "\x00" not in once
