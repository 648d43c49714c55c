"""/docs with assets of our own, the OpenAPI document with our error shape, and a page for every problem code."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic.json_schema import models_json_schema

from api import schemas
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
    "move_offline": schemas.OfflineIn,
    "close_in_public": schemas.AnswerIn,
    "start_session": schemas.SignInIn,
}
"""Operation -> the body it reads. Our own reader is not seen by FastAPI, so the document is told here."""

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
    components.setdefault("schemas", {}).update(extra.get("$defs", {}))
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A service key: `tk_live_...`"},
        "session": {"type": "apiKey", "in": "cookie", "name": "tactful_session"},
    }
    document["security"] = [{"key": []}, {"session": []}]
    for methods in document["paths"].values():
        for operation in methods.values():
            body = BODIES.get(operation.get("operationId", ""))
            if body is not None:
                schema = {"$ref": template.format(model=body.__name__)}
                operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
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
