"""`tactful webhooks`: endpoints of other systems, and everything that helps to build one."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care.endpoint import Attempt, EndpointFormat
from care.errors import BadSignature, ChannelError, NotFound
from care.events import TRIGGERED, EventType, PublicEvent, names_of, public
from care.ids import new_id
from care.ports import utc_now
from care.trail import OPERATOR

if TYPE_CHECKING:
    from care.unit_of_work import Store
    from wiring.assemble import Assembly

app = typer.Typer(help="Tell other systems what happens.", no_args_is_help=True)

POLL_S = 0.5
PATIENCE_S = 20.0
File = Annotated[str, typer.Argument(help="A file with the body, byte for byte; - for standard input.")]
Secret = Annotated[
    str,
    typer.Option(envvar="TACTFUL_WEBHOOK_SECRET", help="whsec_…; better in the environment than on the command line."),
]


def _parts() -> "Assembly":
    from wiring.assemble import Assembly
    from wiring.logs import set_up_logs
    from wiring.settings import load_settings

    settings = load_settings()
    set_up_logs(settings)
    return Assembly(settings)


def _body(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


@app.command("secret")
def show_secret(
    webhook_id: Annotated[str, typer.Argument(help="An endpoint; without one a new secret is made.")] = "",
) -> None:
    """Make a secret for a channel, or show those with which an endpoint is signed now, the newest first."""
    if not webhook_id:
        from wiring.telling import new_secret

        typer.echo(new_secret())
        return
    parts = _parts()
    with parts.store(read=True) as work:
        endpoint = work.endpoints.get(webhook_id)
    for secret in parts.teller.secrets(endpoint):
        typer.echo(secret)


@app.command("sign")
def sign(
    file: File,
    secret: Secret,
    id: Annotated[str, typer.Option(help="The webhook-id; made when not given.")] = "",
) -> None:
    """Sign a body as Standard Webhooks has it; prints the three headers, one a line, as curl takes them."""
    from wiring.telling import signed

    now = utc_now()
    for name, value in signed(_body(file), secret=secret, id=id or new_id("msg", now=now), at=now).items():
        typer.echo(f"{name}: {value}")


@app.command("verify")
def verify(
    file: File,
    secret: Secret,
    id: Annotated[str, typer.Option(help="The header webhook-id.")],
    timestamp: Annotated[str, typer.Option(help="The header webhook-timestamp.")],
    signature: Annotated[str, typer.Option(help="The header webhook-signature.")],
) -> None:
    """Say whether a body is signed with this secret, and if not, why that may be."""
    from wiring.telling import is_signed

    if is_signed(_body(file), secret=secret, id=id, timestamp=timestamp, signature=signature):
        typer.echo("signed with this secret")
        return
    age_s = abs(time.time() - float(timestamp)) if timestamp.isdigit() else None
    old = "" if age_s is None or age_s <= 300 else f" It is {age_s:.0f} s old, and after 300 s nothing is accepted."
    raise BadSignature(
        f"Not signed with this secret.{old} The signature is over the bytes as they came: "
        "a body that was parsed and written again, or got a line end, does not fit."
    )


@app.command("list")
def list_webhooks(
    webhook_id: Annotated[str, typer.Argument(help="An endpoint; its deliveries are listed then.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many deliveries.")] = 50,
) -> None:
    """Every endpoint; or what was sent to one of them, latest first."""
    from wiring.shapes.events import EndpointOut, EventDeliveryOut

    with _parts().store(read=True) as work:
        if webhook_id:
            work.endpoints.get(webhook_id)
            for delivery in work.endpoints.deliveries(webhook_id, limit=limit):
                tries = " ".join(str(attempt.status or "none") for attempt in delivery.attempts) or "not tried yet"
                row = f"{delivery.id}\t{delivery.event_id}\t{delivery.event}\t{delivery.state}\t{tries}"
                typer.echo(EventDeliveryOut.of(delivery).as_line().rstrip() if as_json else row)
            return
        for endpoint in work.endpoints.all():
            state = "on" if endpoint.is_on else f"off: {endpoint.off_why}"
            types = ",".join(sorted(endpoint.types)) or "everything"
            row = f"{endpoint.id}\t{endpoint.url}\t{endpoint.format}\t{types}\t{state}"
            typer.echo(EndpointOut.of(endpoint).as_line().rstrip() if as_json else row)


@app.command("trigger")
def trigger(
    type: Annotated[EventType, typer.Argument(help="The type of the sample.")],
    webhook_id: Annotated[str, typer.Option("--to", help="The endpoint; without one every endpoint that is on.")] = "",
) -> None:
    """Send a sample of an event, and say what came of it."""
    parts = _parts()
    with parts.store(read=True) as work:
        endpoints = [work.endpoints.get(webhook_id)] if webhook_id else work.endpoints.all()
    on = [endpoint for endpoint in endpoints if endpoint.is_on]
    if not on:
        raise NotFound("webhook endpoint", "that is on; make one with POST /v1/webhooks")
    for endpoint in on:
        delivery = parts.endpoints.trigger(endpoint.id, type, by=OPERATOR)
        # Told from here, unless a worker was quicker: whoever tries an endpoint wants to see the answer.
        parts.telling.tell(delivery.id)
        attempts = _attempts(parts.store, delivery.id)
        last = attempts[-1] if attempts else None
        said = f"{last.status or last.problem} in {last.took_ms} ms" if last else "still under way"
        typer.echo(f"{endpoint.id}\t{delivery.id}\t{said}")


def _attempts(store: "Store", delivery_id: str) -> tuple[Attempt, ...]:
    """How an endpoint answered, as soon as it did."""
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        with store(read=True) as work:
            attempts = work.endpoints.delivery(delivery_id).attempts
        if attempts or time.monotonic() > ends_at:
            return attempts
        time.sleep(POLL_S)


@app.command("resend")
def resend(
    id: Annotated[str, typer.Argument(help="A delivery; or an endpoint, for all that it did not take.")],
) -> None:
    """Send one delivery again, or everything that an endpoint did not take."""
    endpoints = _parts().endpoints
    ids = endpoints.resend_failed(id, by=OPERATOR) if id.startswith("whk_") else [endpoints.resend(id, by=OPERATOR).id]
    typer.echo(f"{len(ids)} {'is' if len(ids) == 1 else 'are'} sent again.")


@app.command("listen")
def listen(
    forward_to: Annotated[str, typer.Option(help="Where each is posted: http://127.0.0.1:3000/hook.")] = "",
    types: Annotated[list[EventType] | None, typer.Option("--type", help="Only these; give it once for each.")] = None,
    format: Annotated[EndpointFormat, typer.Option(help="How it is written down.")] = EndpointFormat.WEBHOOK,
    n: Annotated[int, typer.Option("-n", min=0, help="End after so many; 0: go on until Ctrl-C.")] = 0,
) -> None:
    """Show events as they happen; with --forward-to post each, signed, to a program of yours on this machine."""
    from wiring.telling import forwarder, new_secret

    parts, secret = _parts(), new_secret()
    forward = forwarder(forward_to, secret, format=format, source=parts.settings.url) if forward_to else None
    if forward is not None:
        typer.echo(f"signed with {secret}", err=True)
    names = [*names_of(frozenset(types or ())), *([] if types else [TRIGGERED])]
    for count, event in enumerate(_happening(parts.store, names), 1):
        said = ""
        if forward is not None:
            began = time.perf_counter()
            try:
                said = f"\t{forward(event)} in {(time.perf_counter() - began) * 1000:.0f} ms"
            except ChannelError as error:
                said = f"\t{error}"
        at = event.at.astimezone(UTC)
        typer.echo(f"{at:%H:%M:%S}\t{event.id}\t{event.type}{said}")
        if count == n:
            return


def _happening(store: "Store", names: list[str]) -> Iterator[PublicEvent]:
    with store(read=True) as work:
        place = work.trail.last()
    typer.echo(f"listening since {datetime.now(UTC):%H:%M:%S}", err=True)
    while True:
        with store(read=True) as work:
            events = work.trail.events(after=place, names=names)
        for event in events:
            place = event.place
            yield public(event)
        if not events:
            time.sleep(POLL_S)
