"""The OpenAPI document: what FastAPI cannot see of our own readers and gates is taken from the routes here."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.access import Needs, a_person
from api.failures import REFUSALS
from api.health import may_read_metrics
from api.inbox import signed_bytes
from api.openapi_webhooks import webhooks
from api.reading import JSON_LINES, JsonBody, JsonLinesBody
from api.suggestions import the_version
from wiring.shapes.answers import ProblemOut

STATEMENT = {
    "public_text": "We know that lamps get hot and are recalling them.",
    "private_text": "Please stop using the lamp; we pay it back.",
    "approved_by": "Head of legal",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "classify": {
        "one text": {"text": "I was charged twice for order AB-10442"},
        "a batch, one task, with reasons": {
            "inputs": [{"id": "m1", "text": "where is my parcel"}, {"id": "m2", "text": "please cancel my order"}],
            "tasks": ["intent"],
            "options": {"explain": True, "precision": 0.95},
        },
    },
    "classify_stream": {
        "two texts": '{"id": "m1", "text": "where is my parcel"}\n{"id": "m2", "text": "please cancel my order"}\n'
    },
    "classify_as_hugging_face": {"one text": {"inputs": "where is my parcel", "parameters": {"top_k": 3}}},
    "infer": {
        "two texts": {
            "id": "a1",
            "inputs": [
                {
                    "name": "text",
                    "shape": [2],
                    "datatype": "BYTES",
                    "data": ["where is my parcel", "please cancel my order"],
                }
            ],
        }
    },
    "moderate": {"one text": {"input": "my card is 4111 1111 1111 1111"}},
    "draft_answer": {
        "a message in a conversation": {
            "text": "It still has not come. Order AB-10442.",
            "name": "Kim Doe",
            "thread": [
                {"text": "Where is my parcel?"},
                {"text": "It left the depot this morning.", "from_us": True},
            ],
        }
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
    "give_back_reply": {"what should be different": {"text": "Say by when they hear from us."}},
    "set_away": {"until a Monday morning": {"until": "2026-03-09T09:00:00Z"}, "back": {"until": None}},
    "review_reply": {
        "what was read": {
            "answers": {"solved": "yes", "tone": "yes", "facts": "no", "safe": "not_here"},
            "note": "The depot was another one.",
        }
    },
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
    "snooze_case": {"until a Monday morning": {"until": "2026-03-09T09:00:00Z"}},
    "begin_crisis": {
        "a drill": {
            "name": "Hot lamps",
            "reason": "Lamps get hot.",
            "phrases": ["recall*"],
            "statement": STATEMENT,
            "is_drill": True,
        }
    },
    "change_statement": {"other words": STATEMENT},
    "start_training_job": {
        "with what people corrected": {"kind": "retrain", "data": "history"},
        "back to the bundle before": {"kind": "rollback"},
    },
    "add_view": {
        "for yourself": {"name": "Mine, late", "view": "all", "filters": {"assignee": "me", "clock": "late"}},
        "for all": {"name": "Refunds", "filters": {"intent": "refund_request"}, "for_all": True},
    },
    "act_on_several": {
        "snooze two": {
            "act": "snooze",
            "cases": [{"id": "cas_1f906c092eb7180865112279af", "turn": 1}, {"id": "cas_45e861f5cb375fb169d47c2a83"}],
            "until": "2026-03-09T09:00:00Z",
        },
        "nobody has them": {"act": "assign", "cases": [{"id": "cas_1f906c092eb7180865112279af"}], "to": None},
    },
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
    "set_signature": {"two letters": {"signs_as": "KD"}},
    "take_messages": {
        "one message": {
            "messages": [
                {
                    "id": "178001",
                    "thread_id": "178000",
                    "author": {"handle": "kim", "name": "Kim Doe", "followers": 12},
                    "text": "Where is my order AB-10442?",
                    "written_at": "2026-03-02T09:30:00Z",
                }
            ]
        }
    },
    "take_receipts": {"delivered": {"receipts": [{"id": "ext-4711", "status": "delivered"}]}},
    "start_session": {"a person": {"email": "kim@example.test", "password": "correct horse battery"}},
}
"""Operation -> bodies that can be sent as they stand, by what they are for."""


SECURITY_SCHEMES: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A service key, `tk_live_...`, with the scope named."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tactful_session",
        "description": "A signed-in person: `POST /v1/session`. Behind https the cookie is called `__Host-tactful`.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "The `csrf` of the session, on every request that changes something.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks, with `webhook-id` and `webhook-timestamp`, over the raw body.",
    },
}

TEMPLATE = "#/components/schemas/{model}"


def describe(app: FastAPI, routes: Sequence[APIRoute]) -> dict[str, Any]:
    """The document of these routes, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    bodies = [call.shape for route in routes for call in calls_of(route.dependant) if isinstance(call, BODIES)]
    components = document.setdefault("components", {})
    components["schemas"] = _schemas(components.get("schemas", {}), bodies)
    components["responses"] = _answers()
    document["webhooks"] = webhooks(components["schemas"])
    components["securitySchemes"] = SECURITY_SCHEMES
    for route in routes:
        for method in (route.methods or ()) if route.include_in_schema else ():
            _tell(document["paths"][route.path_format][method.lower()], route, method)
    app.openapi_schema = document
    return document


BODIES = (JsonBody, JsonLinesBody)


def calls_of(dependant: Dependant) -> Iterator[Any]:
    """Everything that a route depends on, the route's own function last."""
    for inner in dependant.dependencies:
        yield from calls_of(inner)
    yield dependant.call


def _schemas(of_routes: dict[str, Any], bodies: Sequence[type[BaseModel]]) -> dict[str, Any]:
    inputs = [(model, "validation") for model in dict.fromkeys(bodies)]
    _, extra = models_json_schema([*inputs, (ProblemOut, "serialization")], ref_template=TEMPLATE)  # type: ignore[list-item]
    schemas = {**of_routes, **extra["$defs"]}
    schemas["ProblemOut"]["properties"]["code"]["enum"] = sorted(REFUSALS)
    # Errors have one shape of our own.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return dict(sorted(schemas.items()))


def _tell(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    calls = list(calls_of(route.dependant))
    # The first sentence says more than the function's name.
    operation["summary"] = re.split(r"\.\s", operation["description"])[0].rstrip(".")
    operation["security"] = _security(calls, method)
    if body := _body(calls, operation["operationId"]):
        operation["requestBody"] = body
    operation["responses"].pop("422", None)
    for status in sorted(_problems(calls, route, method)):
        operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}


def _security(calls: Sequence[Any], method: str) -> list[dict[str, list[str]]]:
    session: dict[str, list[str]] = {"session": []} if method == "GET" else {"session": [], "csrf": []}
    for call in calls:
        if isinstance(call, Needs):
            return [{"key": [str(call.scope)]}, session]
        if call is a_person:
            return [session]
        if call is may_read_metrics:
            return [{}, {"key": ["metrics"]}, session]
        if call is signed_bytes:
            return [{"signature": []}]
    return []


def _body(calls: Sequence[Any], operation_id: str) -> dict[str, Any] | None:
    examples = {name: {"value": value} for name, value in EXAMPLES.get(operation_id, {}).items()}
    for call in calls:
        if isinstance(call, JsonBody):
            schema: dict[str, Any] = {"$ref": TEMPLATE.format(model=call.shape.__name__)}
            return {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}
        if isinstance(call, JsonLinesBody):
            line = {"$ref": TEMPLATE.format(model=call.shape.__name__)}
            lines = {"schema": {"type": "string"}, "itemSchema": line, "examples": examples}
            return {"required": True, "content": {JSON_LINES[0]: lines}}
        if call is signed_bytes:
            # What a channel takes is its network's own format; the generic one is told as an example.
            signed = {"schema": {"type": "object"}, "examples": examples}
            mail = {"schema": {"type": "string"}}
            return {"required": True, "content": {"application/json": signed, "message/rfc822": mail}}
    return None


def _problems(calls: Sequence[Any], route: APIRoute, method: str) -> set[int]:
    """The statuses of the problems that an operation may answer with."""
    codes = ["invalid_request", "invalid_encoding", "key_in_url", "wrong_host", "validation_failed", "rate_limited"]
    codes += ["internal_error", "unavailable"]
    if any(isinstance(call, Needs) or call in (a_person, may_read_metrics) for call in calls):
        codes += ["unauthenticated", "forbidden_scope"]
    if a_person in calls:
        codes += ["needs_person"]
    if method != "GET" and signed_bytes not in calls:
        codes += ["bad_origin", "conflict"]
    if "{" in route.path:
        codes += ["not_found"]
    if any(isinstance(call, BODIES) for call in calls):
        codes += ["invalid_json", "payload_too_large", "unsupported_media_type"]
    if signed_bytes in calls:
        codes += ["unauthenticated", "payload_too_large", "unsupported_media_type"]
    if the_version in calls:
        codes += ["already_decided", "stale_version", "precondition_required"]
    if route.name.startswith("classify"):
        codes += ["model_unavailable"]
    if route.name.startswith("list_"):
        codes += ["bad_cursor"]
    if route.name in SENDS:
        codes += ["reply_blocked", "sensitive_blocked"]
    if route.name == "start_session":
        codes += ["unauthenticated"]
    return {REFUSALS[code].status for code in codes}


SENDS = ("approve_suggestion", "answer_case", "answer_message", "close_in_public")
"""Operations whose text is looked at before it may go out."""


def _answers() -> dict[str, Any]:
    """The problems by status, with the codes that each may have."""
    by_status: dict[int, list[str]] = {}
    for code, failure in REFUSALS.items():
        by_status.setdefault(failure.status, []).append(f"`{code}`")
    said = {f"Problem{status}": f"A problem: {', '.join(codes)}." for status, codes in sorted(by_status.items())}
    content = {"application/problem+json": {"schema": {"$ref": TEMPLATE.format(model="ProblemOut")}}}
    return {
        name: {"description": description, "content": content}
        for name, description in {"Problem": "Any other problem.", **said}.items()
    }
