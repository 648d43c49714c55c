"""The kinds of channel: which class serves each, and how one is opened from its table in the settings.

A new kind is a file in `channels/`, a folder with a recorded payload in `fixtures/payloads/`, and a line in KINDS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pkgutil import resolve_name
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from care.ports import Channel, Checkable

REHEARSAL = "rehearsal"
"""The kind of a channel that is not set up: nothing but its name is needed."""

KINDS: Mapping[str, str] = {
    "webhook": "channels.webhook:WebhookChannel",
    "email": "channels.email:EmailChannel",
}
"""By `kind`, the class of its channels: a dataclass whose fields are the keys of the channel's table."""

_GIVEN = frozenset({"name", "is_public", "secrets"})
"""Fields of every such class that no table of options names."""


class OutsideChannel(Channel, Checkable, Protocol):
    """What every class of KINDS is. secrets: the first signs what goes out, all are accepted on what comes in."""

    secrets: Sequence[str]


def open_channel(
    kind: str, options: Mapping[str, Any], *, name: str, is_public: bool, secrets: Sequence[str]
) -> OutsideChannel:
    """A channel of one of KINDS. options: the keys of its table, typed by the fields of its class.

    Raises ValueError that names every option that is missing or wrong, and never a value.
    """
    try:
        opened: OutsideChannel = TypeAdapter(resolve_name(KINDS[kind])).validate_python(
            {"name": name, "is_public": is_public, "secrets": secrets, **options}
        )
    except ValidationError as error:
        raise ValueError("; ".join(_problem(kind, problem) for problem in error.errors())) from None
    return opened


def check_options(kind: str, options: Mapping[str, Any]) -> None:
    """Raises ValueError for options that a channel does not have, or with which none can be opened.

    One that rehearses may keep those of any kind: it is set up, or was.
    """
    kinds = tuple(KINDS) if kind == REHEARSAL else (kind,)
    if unknown := sorted(set(options).difference(*map(_options_of, kinds))):
        raise ValueError(f"a channel of kind {kind} has no setting {unknown[0]}")
    if kind != REHEARSAL:
        open_channel(kind, options, name=kind, is_public=False, secrets=())


def _options_of(kind: str) -> frozenset[str]:
    return frozenset(field.name for field in fields(resolve_name(KINDS[kind])) if field.init) - _GIVEN


def _problem(kind: str, problem: Any) -> str:
    where = ".".join(map(str, problem["loc"]))
    if problem["type"] == "missing":
        return f"a channel of kind {kind} needs {where}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
