"""The shape of the routes themselves (docs/decisions/0008 and 0018)."""

import inspect

from api.app import ROOMS

THAT_WAIT = {
    "stream_changes", "stream_events", "classify", "is_ready", "read_service",
    "classify_as_hugging_face", "infer", "is_server_ready", "moderate", "tell_model",
}  # fmt: skip
"""Routes that wait for what is to come, or for a run they share; every other one answers by itself. Readiness looks on
a thread of its own: those of the routes may all hang in the very store it looks at."""


def test_routes_are_plain_functions() -> None:
    awaited = {
        route.name for room in ROOMS for route in room.router.routes if inspect.iscoroutinefunction(route.endpoint)
    }

    assert awaited == THAT_WAIT


def test_no_two_routes_share_a_name() -> None:
    described = [route.name for room in ROOMS for route in room.router.routes if route.include_in_schema]

    assert len(described) == len(set(described))
