"""Another bundle that reads messages is told once, however it came to serve."""

from care.clocks import tell_promoted
from care.events import EventType, type_of
from store.work import SqlStore


def told(store: SqlStore) -> list[tuple[str, object]]:
    with store() as work:
        events = work.trail.events(after=0, names=["model.promoted"])
    return [(event.subject_id, event.facts.get("was")) for event in events]


def test_a_bundle_that_begins_to_serve_is_told_once(any_store: SqlStore) -> None:
    for serving in ({"*": "bdl_1"}, {"*": "bdl_1"}, {"*": "bdl_2", "intent": "bdl_1"}, {}, {"*": "bdl_1"}):
        tell_promoted(any_store, serving)

    assert told(any_store) == [("bdl_1", None), ("bdl_1, bdl_2", "bdl_1"), ("bdl_1", "bdl_1, bdl_2")]
    assert type_of("model.promoted") is EventType.MODEL_PROMOTED
