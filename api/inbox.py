"""POST /inbox/{channel}: where outside networks hand in messages and receipts. The signature is checked first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api.depends import Parts, PartsDep
from api.failures import Refusal
from api.reading import INBOX_MAX_BYTES, raw_body
from care.changed import changed
from care.errors import BadSignature
from care.failpoints import Point, reach
from care.ports import Channel
from wiring.shapes.answers import ReceiptsOut, TakenOut, UnreadOut

router = APIRouter(prefix="/inbox", tags=["inbox"])

NOT_SIGNED = (
    "The signature is missing, too old, or does not fit these bytes. "
    "Sign the raw body with a secret of this channel, and send each header once."
)
"""The same for every failure, so that nobody learns which part was right."""


async def signed_bytes(channel: str, request: Request, parts: PartsDep) -> tuple[dict[str, str], bytes]:
    """The headers in lower case and the raw bytes, as they were signed. Raises Refusal."""
    if not any("signature" in name for name in request.headers):
        # Nothing is read of what is not even said to be signed.
        raise Refusal("unauthenticated", detail=NOT_SIGNED)
    raw = await raw_body(request, limit=parts.inbox_bytes.get(channel, INBOX_MAX_BYTES))
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        # Two signatures or two timestamps: nobody can say which one was meant.
        if name in headers and ("signature" in name or name.startswith(("webhook-", "svix-", "x-"))):
            raise Refusal("unauthenticated", detail=NOT_SIGNED)
        headers[name] = value
    return headers, raw


Signed = Annotated[tuple[dict[str, str], bytes], Depends(signed_bytes)]


def _verified(channel: str, signed: tuple[dict[str, str], bytes], parts: Parts) -> Channel:
    plug = parts.channels.get(channel)
    if plug is None:
        raise Refusal("not_found")
    try:
        plug.verify(*signed)
    except BadSignature as error:
        raise Refusal("unauthenticated", detail=NOT_SIGNED) from error
    reach(Point.INBOX_VERIFIED)
    return plug


@router.post("/{channel}", status_code=202)
def take_messages(channel: str, signed: Signed, parts: PartsDep) -> TakenOut:
    """Keep the messages of one signed payload, each once, and answer before anybody thinks about them.

    What cannot be read is put into quarantine and refuses nothing else: a network would send it again for ever.
    """
    taken = parts.quarantine.take_messages(_verified(channel, signed, parts), signed[1])
    reach(Point.INBOX_TAKEN)
    # A network sends again what was not answered in time, so an edited message is told and refused by nobody.
    known = len(taken.inbound) - len(taken.new)
    others = [id for id in changed(taken.inbound, store=parts.store) if id not in taken.new] if known else []
    return TakenOut(
        ids=tuple(taken.new),
        accepted=len(taken.inbound),
        known=known,
        changed=tuple(others),
        quarantined=tuple(map(UnreadOut.of, taken.unread)),
    )


@router.post("/{channel}/receipts", status_code=202)
def take_receipts(channel: str, signed: Signed, parts: PartsDep) -> ReceiptsOut:
    """Note what the network says became of our replies. What cannot be read is put into quarantine."""
    n, unread = parts.quarantine.take_receipts(_verified(channel, signed, parts), signed[1])
    return ReceiptsOut(accepted=n, quarantined=tuple(map(UnreadOut.of, unread)))
