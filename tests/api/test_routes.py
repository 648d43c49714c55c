"""The shape of the routes themselves (docs/decisions/0008)."""

import inspect

from api.app import ROOMS

STREAMS = {"stream_changes"}
"""Routes that wait for what is to come; every other one answers at once."""


def test_routes_are_plain_functions() -> None:
    awaited = {
        route.name for room in ROOMS for route in room.router.routes if inspect.iscoroutinefunction(route.endpoint)
    }

    assert awaited == STREAMS


def test_no_two_routes_share_a_name() -> None:
    described = [route.name for room in ROOMS for route in room.router.routes if route.include_in_schema]

    assert len(described) == len(set(described))
