"""What endpoints are told, written down, signed and posted."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from care.endpoint import Endpoint, EndpointFormat
from care.errors import BadInput, BadSignature, BadStep, ChannelBusy, ChannelRefused
from care.events import PublicEvent
from care.ports import Clock, utc_now
from care.telling import Answer
from care.times import rfc_3339
from care.unit_of_work import Store
from channels import http
from wiring.shapes.events import EventDataOut, told_data, with_objects

TIMEOUT_S = 15.0
"""How long an endpoint may take. Source: Standard Webhooks 1.0 has 15 to 30 s."""

CHANNEL = "webhooks"
CONTENT_TYPES = {EndpointFormat.WEBHOOK: "application/json", EndpointFormat.CLOUDEVENTS: "application/cloudevents+json"}


@dataclass(frozen=True, slots=True)
class EndpointTeller:
    """Is a care.telling.Teller. source: our own address, for CloudEvents. key: the deployment's secret key."""

    store: Store
    clock: Clock
    source: str
    key: str = field(repr=False)
    is_private_allowed: bool = False

    def check(self, url: str) -> None:
        try:
            self._client(url).address()
        except ChannelBusy as error:
            raise BadStep("The host of this address cannot be found.") from error
        except ChannelRefused as error:
            raise BadStep(
                "An endpoint is a whole https:// address on the public internet. "
                "`webhooks.is_private_allowed` in the settings allows others."
            ) from error

    def tell(self, endpoint: Endpoint, event: PublicEvent) -> Answer:
        data = told_data(event)
        if endpoint.has_objects:
            with self.store(read=True) as work:
                data = with_objects(work, event)
        body = written(event, data, endpoint.format, source=self.source)
        headers = http.signed_headers(
            *self.secrets(endpoint),
            id=event.id,
            body=body,
            at=self.clock(),
            content_type=CONTENT_TYPES[endpoint.format],
        )
        response = self._client(endpoint.url).exchange(body, headers)
        given = response.headers.get("retry-after")
        return Answer(response.status_code, http.retry_after_s(given) or 0.0)

    def secrets(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Those that sign now, the newest first."""
        return tuple(
            http.derived_secret(self.key, f"{endpoint.id}:{generation}", kind="webhook")
            for generation in endpoint.generations(self.clock())
        )

    def _client(self, url: str) -> http.Client:
        return http.Client(CHANNEL, url, is_private_allowed=self.is_private_allowed, timeout_s=TIMEOUT_S)


def new_secret() -> str:
    """A signing secret nobody chose."""
    return http.new_secret()


def signed(body: bytes, *, secret: str, id: str, at: datetime) -> dict[str, str]:
    """The three headers that sign a body. Raises BadInput for a secret that is none."""
    if not http.is_strong(secret):
        raise BadInput("A secret is whsec_ and 24 to 64 bytes in base64; `tactful webhooks secret` makes one.")
    headers = http.signed_headers(secret, id=id, body=body, at=at)
    return {name: value for name, value in headers.items() if name.startswith("webhook-")}


def is_signed(body: bytes, *, secret: str, id: str, timestamp: str, signature: str) -> bool:
    """Whether a body was signed with this secret in the last five minutes."""
    headers = {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature}
    try:
        http.verify(headers, body, secrets=[secret])
    except BadSignature:
        return False
    return True


def forwarder(url: str, secret: str, *, format: EndpointFormat, source: str) -> Callable[[PublicEvent], int]:
    """Posts events to a program on this machine; returns the status of its answer. Raises ChannelError."""
    client = http.Client(CHANNEL, url, is_private_allowed=True, timeout_s=TIMEOUT_S)

    def forward(event: PublicEvent) -> int:
        body = written(event, told_data(event), format, source=source)
        at, kind = utc_now(), CONTENT_TYPES[format]
        headers = http.signed_headers(secret, id=event.id, body=body, at=at, content_type=kind)
        return client.exchange(body, headers).status_code

    return forward


def written(event: PublicEvent, data: EventDataOut, format: EndpointFormat, *, source: str) -> bytes:
    """An event as it goes over the wire. Source: Standard Webhooks 1.0; CloudEvents 1.0.2, structured mode."""
    told: dict[str, object] = {"type": str(event.type), "timestamp": rfc_3339(event.at), "data": data.as_json()}
    if format is EndpointFormat.CLOUDEVENTS:
        told = {
            "specversion": "1.0",
            "id": event.id,
            "source": source,
            "type": f"tactful.{event.type}",
            "time": rfc_3339(event.at),
            "datacontenttype": "application/json",
            "data": data.as_json(),
            **({"subject": data.case_id} if data.case_id else {}),
        }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
