"""/docs with assets of our own, the OpenAPI document with our error shape, and a page for every problem code."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic.json_schema import models_json_schema

from api import schemas, webhooks
from api.console.look import render
from api.failures import REFUSALS, Refusal

router = APIRouter(include_in_schema=False)

BODIES: dict[str, type[schemas.Shape]] = {
    "classify": schemas.ClassifyIn,
    "check_tone": schemas.ToneIn,
    "hand_in_message": schemas.MessageIn,
    "relabel_message": schemas.RelabelIn,
    "override_decision": schemas.DecisionIn,
    "approve_suggestion": schemas.ApproveIn,
    "reject_suggestion": schemas.RejectIn,
    "answer_message": schemas.AnswerIn,
    "answer_case": schemas.AnswerIn,
    "assign_case": schemas.AssignIn,
    "add_case_note": schemas.NoteIn,
    "hand_over_case": schemas.HandOverIn,
    "resolve_case": schemas.ResolveIn,
    "answer_handover": schemas.AnswerTextIn,
    "join_customer": schemas.JoinIn,
    "move_offline": schemas.OfflineIn,
    "close_in_public": schemas.AnswerIn,
    "start_session": schemas.SignInIn,
    "add_webhook": webhooks.EndpointIn,
    "change_webhook": webhooks.EndpointChangeIn,
    "trigger_webhook": webhooks.TriggerIn,
}
"""Operation -> the body it reads. Our own reader is not seen by FastAPI, so the document is told here."""

EXAMPLES: dict[str, dict[str, Any]] = {
    "classify": {
        "one text": {"text": "I was charged twice for order AB-10442"},
        "a batch, one task, with reasons": {
            "inputs": [{"id": "m1", "text": "where is my parcel"}, {"id": "m2", "text": "please cancel my order"}],
            "tasks": ["intent"],
            "options": {"explain": True, "precision": 0.95},
        },
    },
    "check_tone": {"a text": {"text": "Calm down, you should have read the terms.", "channel": "x"}},
    "hand_in_message": {
        "a message": {
            "id": "ticket-4711",
            "thread": "ticket-4700",
            "author": {"handle": "kim", "name": "Kim Doe"},
            "text": "Where is my order AB-10442?",
            "written_at": "2026-03-02T09:30:00Z",
        }
    },
    "add_webhook": {
        "all that happens": {"url": "https://hooks.example.org/tactful"},
        "some types, as CloudEvents": {
            "url": "https://hooks.example.org/tactful",
            "types": ["reply.sent", "reply.failed"],
            "format": "cloudevents",
            "owner": "integrations@example.org",
        },
    },
    "change_webhook": {"switch it on again": {"is_on": True}},
    "trigger_webhook": {"a sample": {"type": "suggestion.ready"}},
    "relabel_message": {"the intent was another": {"labels": {"intent": "order_status"}}},
    "override_decision": {"another team": {"action": "escalate", "team": "billing", "reason": "It is about money."}},
    "approve_suggestion": {"as drafted": {"text": "Hello Kim, it is on its way.", "draft": 0}},
    "reject_suggestion": {"with its reason": {"reason": "missing_facts", "note": "The date is not known."}},
    "answer_message": {"own words": {"text": "Hello Kim, it is on its way."}},
    "answer_case": {
        "own words, once however often they are sent": {
            "text": "Hello Kim, it is on its way.",
            "key": "answer-4711",
        },
        "an hour that is none of ours": {
            "text": "Hello Kim, I can see that the shop answered you by 5 pm.",
            "is_no_promise": True,
        },
    },
    "assign_case": {"to nobody": {"to": None}},
    "add_case_note": {"for colleagues": {"text": "The depot found the parcel. @kim, would you write to them?"}},
    "hand_over_case": {"to a team": {"to": "safety", "reason": "They smell smoke."}},
    "resolve_case": {"with the playbook's question": {"ask": True}, "without it": {"ask": False}},
    "answer_handover": {"what the contact says": {"text": "Tell them to unplug it. A technician comes on Monday."}},
    "join_customer": {
        "the same address": {
            "channel": "email",
            "handle": "kim@example.test",
            "evidence": "They gave this address in a private message.",
        }
    },
    "move_offline": {
        "reached": {"state": "contacted"},
        "waived": {"state": "waived", "waiver": "Solved on the phone."},
    },
    "close_in_public": {"the loop closed": {"text": "Thank you, Kim: this is settled with you in private."}},
    "start_session": {"a person": {"email": "kim@example.test", "password": "correct horse battery"}},
}
"""Operation -> bodies that can be sent as they stand, by what they are for."""

DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
"""Swagger UI writes style attributes, so this one page allows them; scripts stay ours."""


@router.get("/docs")
def read_docs(request: Request) -> HTMLResponse:
    response = render(request, "docs.html")
    response.headers["Content-Security-Policy"] = DOCS_CSP
    return response


@router.get("/problems/{code}")
def read_problem(code: str, request: Request) -> HTMLResponse:
    failure = REFUSALS.get(code.replace("-", "_"))
    if failure is None:
        raise Refusal("not_found")
    return render(request, "problem.html", failure=failure)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    template = "#/components/schemas/{model}"
    models = [(model, "validation") for model in dict.fromkeys(BODIES.values())]
    _, extra = models_json_schema(models, ref_template=template)  # type: ignore[arg-type]
    components = document.setdefault("components", {})
    schemas_there = components.setdefault("schemas", {})
    schemas_there.update(extra.get("$defs", {}))
    # Errors have one shape of our own, see `default` below.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas_there.pop(unused, None)
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A service key: `tk_live_...`"},
        "session": {"type": "apiKey", "in": "cookie", "name": "tactful_session"},
    }
    document["security"] = [{"key": []}, {"session": []}]
    for methods in document["paths"].values():
        for operation in methods.values():
            # The first sentence says more than the function's name.
            operation["summary"] = operation.get("description", operation["summary"]).split(". ")[0].rstrip(".")
            body = BODIES.get(operation.get("operationId", ""))
            if body is not None:
                schema = {"$ref": template.format(model=body.__name__)}
                named = {name: {"value": value} for name, value in EXAMPLES[operation["operationId"]].items()}
                content = {"application/json": {"schema": schema, "examples": named}}
                operation["requestBody"] = {"required": True, "content": content}
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {
                "description": "A problem, as RFC 9457 has it; `code` is stable.",
                "content": {"application/problem+json": {"schema": PROBLEM}},
            }
    app.openapi_schema = document
    return document


PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "enum": sorted(REFUSALS)},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
