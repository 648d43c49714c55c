"""The names in the query of an address: only those that the route has, each once."""

from collections.abc import Iterator
from typing import get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from api.failures import Refusal


async def known_names(request: Request) -> None:
    """Refuse a name that the route does not have: a filter that is misspelt would give everything. Raises Refusal."""
    names = [name for name, _ in request.query_params.multi_items()]
    if not names:
        return
    known = dict(_names(request.scope["route"].dependant))
    if any(name not in known for name in names):
        # Not which one: an unknown name is the sender's own words.
        has = f"It has {', '.join(known)}." if known else "It has none."
        raise Refusal("validation_failed", detail=f"The query has a name that this address does not have. {has}")
    twice = [name for name, may_repeat in known.items() if not may_repeat and names.count(name) > 1]
    if twice:
        raise Refusal("validation_failed", detail=f"{twice[0]} stands in the query twice.")


def _names(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Each name that may stand in the query, and whether it may stand there more than once."""
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from ((name, _is_list(field.annotation)) for name, field in kind.model_fields.items())
        else:
            yield field.alias, _is_list(kind)
    for inner in dependant.dependencies:
        yield from _names(inner)


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is list or any(get_origin(part) is list for part in get_args(annotation))
