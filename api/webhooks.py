"""/v1/webhooks: endpoints of other systems, their secrets, and the log of what was sent to them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, StringConstraints

from api.access import Caller, Manages
from api.cursors import link_next
from api.depends import PartsDep
from api.reading import JsonBody
from api.schemas import Shape
from care.access import Scope
from care.endpoint import DeliveryState, EndpointFormat
from care.errors import NotFound
from care.events import EventType
from care.telling import Wanted
from care.unit_of_work import Work
from wiring.shapes.base import ListOut
from wiring.shapes.events import EndpointOut, EndpointSecretsOut, EventDeliveryOut, ResentOut

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

Manager = Annotated[Caller, Depends(Manages(Scope.WEBHOOKS))]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00-\x20\x7f]+$")]
Types = Annotated[list[Annotated[EventType, Field(strict=False)]], Field(max_length=32)]
Format = Annotated[EndpointFormat, Field(strict=False)]
Owner = Annotated[str, StringConstraints(max_length=250, pattern=r"^$|^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")]


class EndpointIn(Shape):
    """`types`: what it hears of; empty or left out: everything. `has_objects`: whether it gets messages, suggestions
    and replies themselves, masked, beside their ids. `owner`: who is told when it is switched off.
    """

    url: Url
    types: Types = Field(default_factory=list)
    format: Format = EndpointFormat.WEBHOOK
    has_objects: bool = False
    owner: Owner = ""


class EndpointChangeIn(Shape):
    """What is left out stays as it is."""

    url: Url | None = None
    types: Types | None = None
    format: Format | None = None
    has_objects: bool | None = None
    owner: Owner | None = None
    is_on: bool | None = None


class TriggerIn(Shape):
    """The type of the sample."""

    type: Annotated[EventType, Field(strict=False)]


def _wanted(sent: EndpointIn | EndpointChangeIn) -> Wanted:
    return Wanted(
        url=sent.url,
        types=None if sent.types is None else frozenset(sent.types),
        format=sent.format,
        has_objects=sent.has_objects,
        owner=sent.owner,
        is_on=sent.is_on if isinstance(sent, EndpointChangeIn) else None,
    )


@router.post("", status_code=201)
def add_webhook(
    caller: Manager, sent: Annotated[EndpointIn, Depends(JsonBody(EndpointIn))], parts: PartsDep
) -> EndpointOut:
    """Tell another system what happens from now on. Its secret is at `/v1/webhooks/{id}/secret`."""
    return EndpointOut.of(parts.endpoints.add(_wanted(sent), by=caller.id))


@router.get("")
def list_webhooks(caller: Manager, parts: PartsDep) -> ListOut[EndpointOut]:
    """Every endpoint, oldest first."""
    with parts.reading() as work:
        return ListOut[EndpointOut].of_all([EndpointOut.of(endpoint) for endpoint in work.endpoints.all()])


@router.get("/{webhook_id}")
def get_webhook(webhook_id: str, caller: Manager, parts: PartsDep) -> EndpointOut:
    """One endpoint and whether it is on."""
    with parts.reading() as work:
        return EndpointOut.of(work.endpoints.get(webhook_id))


@router.patch("/{webhook_id}")
def change_webhook(
    webhook_id: str,
    caller: Manager,
    sent: Annotated[EndpointChangeIn, Depends(JsonBody(EndpointChangeIn))],
    parts: PartsDep,
) -> EndpointOut:
    """Change an endpoint, or switch it on or off. While it is off it misses what happens."""
    return EndpointOut.of(parts.endpoints.change(webhook_id, _wanted(sent), by=caller.id))


@router.delete("/{webhook_id}", status_code=204)
def remove_webhook(webhook_id: str, caller: Manager, parts: PartsDep) -> None:
    """Forget an endpoint and the log of what was sent to it."""
    parts.endpoints.remove(webhook_id, by=caller.id)


@router.get("/{webhook_id}/secret")
def get_webhook_secret(webhook_id: str, caller: Manager, parts: PartsDep) -> EndpointSecretsOut:
    """The secret that signs, and for a day after a rotation the one before."""
    with parts.reading() as work:
        endpoint = work.endpoints.get(webhook_id)
    return EndpointSecretsOut(id=endpoint.id, secrets=parts.endpoints.teller.secrets(endpoint))


@router.post("/{webhook_id}/rotate")
def rotate_webhook_secret(webhook_id: str, caller: Manager, parts: PartsDep) -> EndpointOut:
    """Make a new secret. For 24 hours both sign: change your side any time within them."""
    return EndpointOut.of(parts.endpoints.rotate(webhook_id, by=caller.id))


@router.post("/{webhook_id}/trigger", status_code=202)
def trigger_webhook(
    webhook_id: str, caller: Manager, sent: Annotated[TriggerIn, Depends(JsonBody(TriggerIn))], parts: PartsDep
) -> EventDeliveryOut:
    """Send a sample of a type, whatever the endpoint hears of. `data.is_sample` is true in it."""
    return EventDeliveryOut.of(parts.endpoints.trigger(webhook_id, sent.type, by=caller.id))


@router.get("/{webhook_id}/deliveries", dependencies=[Depends(Manages(Scope.WEBHOOKS))])
def list_deliveries(
    webhook_id: str,
    request: Request,
    response: Response,
    parts: PartsDep,
    state: DeliveryState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(max_length=64)] = "",
) -> ListOut[EventDeliveryOut]:
    """What was sent, latest first, with every try: when, how it was answered, how long it took."""
    with parts.reading() as work:
        work.endpoints.get(webhook_id)
        deliveries = work.endpoints.deliveries(webhook_id, state=state, limit=limit + 1, before=cursor)
    next_cursor = deliveries[limit - 1].id if len(deliveries) > limit else None
    link_next(response, request, parts, next_cursor)
    shown = [EventDeliveryOut.of(delivery) for delivery in deliveries[:limit]]
    return ListOut[EventDeliveryOut].of_all(shown, next_cursor=next_cursor)


@router.get("/{webhook_id}/deliveries/{delivery_id}")
def get_delivery(webhook_id: str, delivery_id: str, caller: Manager, parts: PartsDep) -> EventDeliveryOut:
    """One delivery with its tries."""
    with parts.reading() as work:
        return _delivery(work, webhook_id, delivery_id)


@router.post("/{webhook_id}/deliveries/{delivery_id}/resend", status_code=202)
def resend_delivery(webhook_id: str, delivery_id: str, caller: Manager, parts: PartsDep) -> EventDeliveryOut:
    """Send one again, at once and with all its tries before it."""
    with parts.reading() as work:
        _delivery(work, webhook_id, delivery_id)
    return EventDeliveryOut.of(parts.endpoints.resend(delivery_id, by=caller.id))


@router.post("/{webhook_id}/resend", status_code=202)
def resend_failed(webhook_id: str, caller: Manager, parts: PartsDep) -> ResentOut:
    """Send again what the endpoint did not take, at most 500 at a time."""
    return ResentOut(ids=tuple(parts.endpoints.resend_failed(webhook_id, by=caller.id)))


def _delivery(work: Work, webhook_id: str, delivery_id: str) -> EventDeliveryOut:
    delivery = work.endpoints.delivery(delivery_id)
    if delivery.endpoint_id != webhook_id:
        raise NotFound("delivery", delivery_id)
    return EventDeliveryOut.of(delivery)
