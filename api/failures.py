"""What our errors are called on the wire: one table from error class to HTTP status and public words.

Nothing here repeats what was sent: the words are fixed, only positions and counts come from the request.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from care import errors
from wiring.shapes.answers import ProblemOut


@dataclass(frozen=True, slots=True)
class Failure:
    """One row: the status, a stable code, and a sentence that says the way out."""

    status: int
    code: str
    detail: str


@dataclass
class Refusal(Exception):
    """A request this door turns away itself, before any of our rooms sees it."""

    code: str
    problems: list[dict[str, str]] = field(default_factory=list)
    detail: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


REFUSALS: dict[str, Failure] = {
    row.code: row
    for row in (
        Failure(400, "invalid_json", "The body is not valid JSON, or names a key twice."),
        Failure(400, "invalid_encoding", "The request is not valid UTF-8."),
        Failure(400, "invalid_request", "The request cannot be understood."),
        Failure(400, "key_in_url", "A key stood in the address. Send it as a Bearer token and revoke this one."),
        Failure(401, "unauthenticated", "Sign in, or send a valid key as a Bearer token."),
        Failure(403, "forbidden_scope", "This key or role may not do that."),
        Failure(403, "needs_person", "Only a signed-in person can decide about a reply; no key can."),
        Failure(403, "bad_origin", "The request did not come from this site's own page. Reload the page."),
        Failure(404, "not_found", "There is nothing at this address: the path or an id in it is not known here."),
        Failure(405, "method_not_allowed", "This address does not answer that method."),
        Failure(409, "conflict", "Somebody or something was first. Load it again."),
        Failure(
            409, "already_decided", "This suggestion is decided already; `state` and `decided_by` say how and by whom."
        ),
        Failure(409, "idempotency_in_progress", "The first request with this Idempotency-Key is still under way."),
        Failure(412, "stale_version", "It changed since you read it. Load it again and look before deciding."),
        Failure(413, "payload_too_large", "The body is too large."),
        Failure(
            415,
            "unsupported_media_type",
            "Send `Content-Type: application/json`, the body in UTF-8, and no Content-Encoding.",
        ),
        Failure(421, "wrong_host", "This server does not answer to that host name."),
        Failure(422, "validation_failed", "The request is not valid."),
        Failure(
            422, "idempotency_mismatch", "This Idempotency-Key was used for another request. Take a new one for each."
        ),
        Failure(422, "bad_cursor", "This cursor is not one of ours for this list; start from the first page."),
        Failure(422, "reply_blocked", "This text may not go out as it is."),
        Failure(422, "sensitive_blocked", "The text holds a sensitive value. Take it out."),
        Failure(422, "bad_payload", "The payload does not have the shape this channel sends."),
        Failure(428, "precondition_required", "Send If-Match with the ETag you read."),
        Failure(429, "rate_limited", "Too many requests. Wait for the seconds of `Retry-After`, then try again."),
        Failure(500, "internal_error", "Something went wrong on our side. The request id finds it in the log."),
        Failure(502, "channel_failed", "The channel did not take the reply."),
        Failure(503, "model_unavailable", "The trained files are not there or did not load."),
        Failure(
            503,
            "overloaded",
            "More requests are under way than this process serves well. Try again after `Retry-After`.",
        ),
        Failure(503, "channel_busy", "The channel asked us to come back later."),
        Failure(503, "unavailable", "Something this server needs cannot be reached right now."),
    )
}

TABLE: dict[type[Exception], str] = {
    errors.TactfulError: "internal_error",
    errors.BadInput: "validation_failed",
    errors.BadCursor: "bad_cursor",
    errors.BadPayload: "bad_payload",
    errors.BadSignature: "unauthenticated",
    errors.BadTrainingData: "validation_failed",
    errors.BadPlaybook: "validation_failed",
    errors.BadReply: "reply_blocked",
    errors.SensitiveBlocked: "sensitive_blocked",
    errors.BadStep: "validation_failed",
    errors.BadSettings: "internal_error",
    errors.NotFound: "not_found",
    errors.UnknownPerson: "not_found",
    errors.NotAllowed: "forbidden_scope",
    errors.Conflict: "conflict",
    errors.AlreadyDecided: "already_decided",
    errors.StaleVersion: "stale_version",
    errors.BundleError: "model_unavailable",
    errors.ChannelError: "channel_failed",
    errors.ChannelBusy: "channel_busy",
    errors.ChannelRefused: "channel_failed",
    errors.ChannelUnclear: "channel_failed",
    errors.Unreachable: "unavailable",
}

STATUSES: dict[int, str] = {
    400: "invalid_request", 401: "unauthenticated", 403: "forbidden_scope", 404: "not_found",
    405: "method_not_allowed", 413: "payload_too_large", 415: "unsupported_media_type", 422: "validation_failed",
    429: "rate_limited",
}  # fmt: skip


def failure_of(error: Exception) -> Failure:
    """The row of the error's own class, else of its nearest parent, else our own fault."""
    if isinstance(error, Refusal):
        return REFUSALS[error.code]
    for kind in type(error).__mro__:
        if kind in TABLE:
            return REFUSALS[TABLE[kind]]
    return REFUSALS["internal_error"]


def problem(
    failure: Failure, *, base_url: str, path: str, request_id: str, error: Exception | None = None
) -> ProblemOut:
    """The body of an error, as RFC 9457 has it."""
    return ProblemOut.model_validate(
        {
            "type": f"{base_url}/problems/{failure.code.replace('_', '-')}",
            "title": HTTPStatus(failure.status).phrase,
            "status": failure.status,
            "detail": _detail(failure, error),
            "instance": path,
            "code": failure.code,
            "request_id": request_id,
            **_more(error),
        }
    )


def _more(error: Exception | None) -> dict[str, Any]:
    """What only some errors say."""
    if isinstance(error, Refusal) and error.problems:
        return {"errors": error.problems}
    if isinstance(error, errors.BadReply):
        places = [
            {"pointer": f"/{error.part}", "where": p.where, "detail": p.what, "fix": p.fix} for p in error.problems
        ]
        return {"errors": places}
    if isinstance(error, errors.AlreadyDecided):
        return {"state": error.state, "decided_by": error.decided_by}
    if isinstance(error, errors.Conflict) and error.state is not None:
        return {"state": error.state, "by": error.by}
    return {}


def _detail(failure: Failure, error: Exception | None) -> str:
    if isinstance(error, Refusal) and error.detail:
        return error.detail
    # A conflict's own words name a state and an id that we know, a payload's a place and what belongs there, a step's
    # what we have, an unknown person's an id of our shape; every other error could repeat what was sent.
    speaks = (errors.Conflict, errors.BadPayload, errors.BadStep, errors.UnknownPerson)
    return str(error) if type(error) in speaks else failure.detail


def new_request_id() -> str:
    """An id that is on the answer and in the log line."""
    return f"req_{uuid.uuid4().hex}"
