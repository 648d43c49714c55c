"""/docs with assets of our own, and a page for every problem code."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.console.look import render
from api.failures import REFUSALS, Refusal

router = APIRouter(include_in_schema=False)

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
