"""/v1/suggestions: read what tactful proposes, and decide about it: a person, and the version they saw."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from api.access import Caller, Human, Needs, PersonDep
from api.cursors import link_next
from api.depends import PartsDep
from api.failures import Refusal
from api.reading import JsonBody
from api.replies import acted
from api.schemas import ApproveIn, RejectIn, ViewQuery
from care.access import Scope
from care.reply import Approval, Rejection
from wiring.shapes.conversation import ActOut, SuggestionListOut, SuggestionOut

router = APIRouter(prefix="/v1/suggestions", tags=["suggestions"])

ETAG = {"ETag": {"description": "Goes into If-Match when somebody decides.", "schema": {"type": "string"}}}
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"\Z')


def the_version(if_match: Annotated[str | None, Header()] = None) -> int:
    """The version in If-Match: what the person looked at. Raises Refusal."""
    if if_match is None:
        raise Refusal("precondition_required")
    match = _ETAG.match(if_match.strip())
    if match is None:
        raise Refusal("stale_version")
    return int(match.group(1))


Version = Annotated[int, Depends(the_version)]


@router.get("")
def list_suggestions(
    request: Request,
    response: Response,
    parts: PartsDep,
    caller: Annotated[Caller, Depends(Needs(Scope.READ))],
    asked: Annotated[ViewQuery, Query()],
) -> SuggestionListOut:
    """The latest suggestion of each case of a view."""
    agent = caller.id if isinstance(caller, Human) else None
    with parts.reading() as work:
        page = work.lists.page(asked.view, agent=agent, limit=asked.limit, cursor=asked.cursor)
    link_next(response, request, parts, page.next_cursor)
    suggestions = [case.suggestion for case in page.cases if case.suggestion]
    return SuggestionListOut.of_all(map(SuggestionOut.of, suggestions), next_cursor=page.next_cursor)


@router.get("/{suggestion_id}", dependencies=[Depends(Needs(Scope.READ))], responses={200: {"headers": ETAG}})
def get_suggestion(suggestion_id: str, parts: PartsDep, response: Response) -> SuggestionOut:
    """One suggestion; its ETag goes into If-Match when somebody decides."""
    with parts.reading() as work:
        suggestion = work.suggestions.get(suggestion_id)
    response.headers["ETag"] = f'"{suggestion.choice.version}"'
    return SuggestionOut.of(suggestion)


@router.post("/{suggestion_id}/approve")
def approve_suggestion(
    suggestion_id: str,
    person: PersonDep,
    version: Version,
    sent: Annotated[ApproveIn, Depends(JsonBody(ApproveIn))],
    parts: PartsDep,
) -> ActOut:
    """Send this text in the person's name, once the undo window is over.

    With a pointer the text goes in private, and the pointer in public once it has gone.
    """
    approval = Approval(
        by=person.id,
        text=sent.text,
        version=version,
        draft=sent.draft,
        labels=sent.labels,
        promise=sent.promise,
        is_no_promise=sent.is_no_promise,
        pointer=sent.pointer,
    )
    return acted(parts.journey.approve(suggestion_id, approval), parts)


@router.post("/{suggestion_id}/reject")
def reject_suggestion(
    suggestion_id: str,
    person: PersonDep,
    version: Version,
    sent: Annotated[RejectIn, Depends(JsonBody(RejectIn))],
    parts: PartsDep,
) -> SuggestionOut:
    """Say that no draft is good enough, and why; the message stays open for a person's own words."""
    rejection = Rejection(by=person.id, version=version, reason=sent.reason, note=sent.note, labels=sent.labels)
    return SuggestionOut.of(parts.journey.answering.reject(suggestion_id, rejection))


@router.post("/{suggestion_id}/dismiss")
def dismiss_suggestion(
    suggestion_id: str,
    person: PersonDep,
    version: Version,
    parts: PartsDep,
) -> SuggestionOut:
    """Decide that this message needs no answer."""
    return SuggestionOut.of(parts.journey.answering.dismiss(suggestion_id, by=person.id, version=version))


@router.post("/{suggestion_id}/reconsider")
def reconsider_suggestion(suggestion_id: str, person: PersonDep, parts: PartsDep) -> SuggestionOut:
    """Take a rejection or a dismissal back."""
    return SuggestionOut.of(parts.journey.answering.reconsider(suggestion_id, by=person.id))
