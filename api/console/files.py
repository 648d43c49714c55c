"""Fetching a file that came with a message: only ever downloaded, never shown in a page of ours."""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Response

from api.access import Agent
from api.depends import PartsDep
from api.failures import Refusal
from care.errors import NotFound
from care.files import fetch

router = APIRouter(include_in_schema=False)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Were it shown all the same, it is another origin and runs nothing.
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_UNSAFE = re.compile(r"[^\w .()\[\]-]+")


@router.get("/attachments/{attachment_id}")
def download_attachment(attachment_id: Annotated[str, Path(max_length=64)], human: Agent, parts: PartsDep) -> Response:
    """One kept file, for a person who is signed in; each download stands in the trail of its case."""
    files = parts.journey.files
    if files is None:
        raise Refusal("not_found")
    try:
        attachment, content = fetch(parts.store, files, attachment_id, by=human.id)
    except NotFound as error:
        gone = "This file is not kept any more. Ask the customer to send it again."
        raise Refusal("not_found", detail=gone) from error
    disposition = f"attachment; filename=\"attachment\"; filename*=UTF-8''{quote(safe_name(attachment.name), safe='')}"
    headers = {**HEADERS, "Content-Disposition": disposition}
    return Response(content, media_type="application/octet-stream", headers=headers)


def safe_name(name: str | None) -> str:
    """A name that no system takes for a path, an option or a hidden file; nothing in it turns the direction of text."""
    plain = _UNSAFE.sub("_", name or "").strip(" ._-")
    head, dot, end = plain.rpartition(".")
    return (f"{head[:80]}{dot}{end[:10]}" if head and end else plain[:80]) or "attachment"
