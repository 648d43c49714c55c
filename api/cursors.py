"""Places in a list by time and id, in a form nobody should read."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from fastapi import Request, Response

from api.depends import Parts
from care.errors import BadCursor
from care.times import moment_of


def link_next(response: Response, request: Request, parts: Parts, cursor: str | None) -> None:
    """Say in a header where the next page is, where there is one."""
    if cursor:
        url = request.url.include_query_params(cursor=cursor)
        response.headers["Link"] = f'<{parts.public_url}{url.path}?{url.query}>; rel="next"'


def make_cursor(at: datetime, id: str) -> str:
    """Where a page ended."""
    return urlsafe_b64encode(f"{at.isoformat()} {id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """Raises BadCursor for one that is not ours."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        at, _, id = urlsafe_b64decode(padded).decode("ascii").partition(" ")
        moment = moment_of(at)
    except ValueError as error:
        raise BadCursor("This cursor is not one of ours; start from the first page.") from error
    if not id.isprintable() or not id:
        raise BadCursor("This cursor is not one of ours; start from the first page.")
    return moment, id
