"""/v1/suggestions: read what tactful proposes, and decide about it: a person, and the version they saw."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response

from api.access import Caller, Human, PersonDep, needs
from api.depends import PartsDep
from api.failures import Refusal
from api.reading import json_body
from api.replies import acted
from api.schemas import ApproveIn, RejectIn, a_list, suggestion_as_json
from care.access import Scope
from care.lists import View
from care.reply import Approval, Rejection

router = APIRouter(prefix="/v1/suggestions", tags=["suggestions"])

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"\Z')


def the_version(if_match: Annotated[str | None, Header()] = None) -> int:
    """The version in If-Match: what the person looked at. Raises Refusal."""
    if if_match is None:
        raise Refusal("precondition_required")
    found = _ETAG.match(if_match.strip())
    if found is None:
        raise Refusal("stale_version")
    return int(found.group(1))


Version = Annotated[int, Depends(the_version)]


@router.get("")
def list_suggestions(
    parts: PartsDep,
    caller: Annotated[Caller, Depends(needs(Scope.READ))],
    view: View = View.ALL,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
) -> dict[str, Any]:
    """The latest suggestion of each case of a view."""
    agent = caller.id if isinstance(caller, Human) else None
    with parts.reading() as work:
        page = work.lists.page(view, agent=agent, limit=limit, cursor=cursor)
    found = [suggestion_as_json(case.suggestion) for case in page.cases if case.suggestion]
    return a_list(found, next_cursor=page.next_cursor)


@router.get("/{suggestion_id}", dependencies=[Depends(needs(Scope.READ))])
def get_suggestion(suggestion_id: str, parts: PartsDep, response: Response) -> dict[str, Any]:
    """One suggestion; its ETag goes into If-Match when somebody decides."""
    with parts.reading() as work:
        suggestion = work.suggestions.get(suggestion_id)
    response.headers["ETag"] = f'"{suggestion.version}"'
    return suggestion_as_json(suggestion)


@router.post("/{suggestion_id}/approve")
def approve_suggestion(
    suggestion_id: str,
    person: PersonDep,
    version: Version,
    sent: Annotated[ApproveIn, Depends(json_body(ApproveIn))],
    parts: PartsDep,
) -> dict[str, Any]:
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
    sent: Annotated[RejectIn, Depends(json_body(RejectIn))],
    parts: PartsDep,
) -> dict[str, Any]:
    """Say that no draft is good enough, and why; the message stays open for a person's own words."""
    rejection = Rejection(by=person.id, version=version, reason=sent.reason, note=sent.note, labels=sent.labels)
    return suggestion_as_json(parts.journey.answering.reject(suggestion_id, rejection))


@router.post("/{suggestion_id}/dismiss")
def dismiss_suggestion(
    suggestion_id: str,
    person: PersonDep,
    version: Version,
    parts: PartsDep,
) -> dict[str, Any]:
    """Decide that this message needs no answer."""
    return suggestion_as_json(parts.journey.answering.dismiss(suggestion_id, by=person.id, version=version))


@router.post("/{suggestion_id}/reconsider")
def reconsider_suggestion(suggestion_id: str, person: PersonDep, parts: PartsDep) -> dict[str, Any]:
    """Take a rejection or a dismissal back."""
    return suggestion_as_json(parts.journey.answering.reconsider(suggestion_id, by=person.id))
