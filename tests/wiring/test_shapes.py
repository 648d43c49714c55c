"""Shapes fit the values that they are made of, write one kind of time, and leave out what is not there."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import AliasChoices, AliasPath

from care.case import Case
from care.classification import Candidate, Classification, Evidence, Judgement
from care.customer import Customer, Identity, IdentityMove
from care.decision import Decision, Priority
from care.escalation import Climbed, Notice
from care.handover import HandOver
from care.learning import GoalLine, PlayCount, PlayFlag
from care.message import Attachment, Author, Message, Turn
from care.note import Note
from care.offline import OfflineTask
from care.parts import parts_of
from care.promise import Promise
from care.reply import Draft, Finding, Reply, Suggestion, ToneReport
from care.satisfaction import Satisfaction
from care.sensitive import Redaction, SensitiveSpan
from care.times import moment_of, rfc_3339
from care.trail import Event
from care.unit_of_work import ParkedTask
from wiring.shapes import answers, conversation, people, plays, reading
from wiring.shapes.base import Out

MADE_OF: list[tuple[type[Out], type[Any]]] = [
    (conversation.AuthorOut, Author),
    (conversation.AttachmentOut, Attachment),
    (conversation.PriorityOut, Priority),
    (conversation.DecisionOut, Decision),
    (conversation.DraftOut, Draft),
    (conversation.SuggestionOut, Suggestion),
    (conversation.ReplyOut, Reply),
    (conversation.TurnOut, Turn),
    (conversation.NoticeOut, Notice),
    (conversation.ClimbedOut, Climbed),
    (conversation.PromiseOut, Promise),
    (conversation.HandOverOut, HandOver),
    (conversation.NoteOut, Note),
    (conversation.OfflineTaskOut, OfflineTask),
    (conversation.SatisfactionOut, Satisfaction),
    (conversation.CaseSummaryOut, Case),
    (conversation.MessageOut, Message),
    (reading.ToneOut, ToneReport),
    (reading.FindingOut, Finding),
    (reading.FoundSpanOut, SensitiveSpan),
    (people.IdentityOut, Identity),
    (people.IdentityMoveOut, IdentityMove),
    (people.CustomerOut, Customer),
    (people.EventOut, Event),
    (plays.PlayCountOut, PlayCount),
    (plays.PlayFlagOut, PlayFlag),
    (plays.GoalOut, GoalLine),
    (answers.ParkedTaskOut, ParkedTask),
]
MADE_BY_HAND = {"object", "sensitive", "moves"}
"""Fields that no attribute holds."""


@pytest.mark.parametrize(("shape", "value"), MADE_OF, ids=lambda kind: kind.__name__)
def test_every_field_of_a_shape_is_an_attribute_of_what_it_is_made_of(shape: type[Out], value: type[Any]) -> None:
    for name, field in shape.model_fields.items():
        source = field.validation_alias or name
        places = source.choices if isinstance(source, AliasChoices) else [source]
        paths = [place.path if isinstance(place, AliasPath) else [place] for place in places]
        assert name in MADE_BY_HAND or any(leads_somewhere(value, path) for path in paths), f"{shape.__name__}.{name}"


def leads_somewhere(value: type[Any], path: Sequence[object]) -> bool:
    """Whether a value of this class, or the part of it that comes first on the path, has the attribute."""
    part = parts_of(value)[str(path[0])] if len(path) > 1 and path[0] in parts_of(value) else value
    return hasattr(part, str(path[-1] if part is not value else path[0]))


def test_a_time_leaves_in_utc_with_milliseconds_wherever_it_was_written() -> None:
    at = datetime(2026, 3, 2, 9, 30, 0, 123_999, tzinfo=timezone(timedelta(hours=2)))

    assert rfc_3339(at) == "2026-03-02T07:30:00.123Z"
    assert people.EventOut(number=1, event="a", subject_id="b", case_id=None, by="c", at=at, facts={}).as_json()[
        "at"
    ] == rfc_3339(at)


@pytest.mark.parametrize("text", ["2026-03-02T09:30:00Z", "2026-03-02t11:30:00+02:00", "2026-03-02 09:30:00.000Z"])
def test_a_time_is_read_as_rfc_3339_has_it(text: str) -> None:
    assert moment_of(text) == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [1767225600, None, "", "soon", "2026-03-02", "2026-03-02T09:30Z", "2026-03-02T09:30:00", "20260302T093000Z",
     "2026-13-02T09:30:00Z", "2026-03-02T09:30:00+25:00", "9999-12-31T23:59:59-14:00", "٢٠٢٦-03-02T09:30:00Z"],
)  # fmt: skip
def test_no_other_time_is_read(text: object) -> None:
    with pytest.raises(ValueError, match=r"time|month|offset|timedelta"):
        moment_of(text)


def a_classification() -> Classification:
    judged = Judgement(
        "refund", 0.91, False, (Candidate("refund", 0.91), Candidate("other", 0.05)), (), (Evidence(0, 2, 1),)
    )
    return Classification({"intent": judged}, Redaction("half a pair \ud83d"), bundle="b")


def test_what_was_not_asked_for_is_left_out_of_a_judgement() -> None:
    plain = reading.ClassificationOut.of(a_classification(), top_k=1).as_json()["intent"]
    explained = reading.ClassificationOut.of(a_classification(), explain=True).as_json()["intent"]

    assert plain == {
        "label": "refund",
        "score": 0.91,
        "confidence": "medium",
        "abstained": False,
        "candidates": [{"label": "refund", "score": 0.91}],
    }
    assert explained["evidence"] == [{"start": 0, "end": 2, "weight": 1.0}]
    assert explained["neighbours"] == []


def test_half_a_surrogate_pair_leaves_escaped() -> None:
    line = reading.ClassificationOut.of(a_classification()).as_line()

    assert line.isascii()
    assert json.loads(line)["redacted_text"] == "half a pair \ud83d"


def test_other_tasks_than_those_asked_for_are_left_out() -> None:
    assert "intent" not in reading.ClassificationOut.of(a_classification(), tasks=["urgency"]).as_json()
