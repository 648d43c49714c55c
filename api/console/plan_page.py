"""The plan in the console: the worksheet of a written plan filled from what runs, to read, mend and print."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from api.access import Lead
from api.console.look import render
from api.depends import PartsDep
from api.plan import standing_plan
from care.plan import document

router = APIRouter(include_in_schema=False)


@router.get("/plan")
def read_plan(request: Request, human: Lead, parts: PartsDep) -> HTMLResponse:
    """Every question with what stands, where it comes from and what is to mend."""
    plan = standing_plan(parts)
    return render(request, "plan.html", human=human, plan=plan)


@router.get("/plan.md")
def read_document(human: Lead, parts: PartsDep) -> Response:
    """The plan as a document, in Markdown."""
    headers = {"Content-Disposition": 'attachment; filename="plan.md"'}
    return PlainTextResponse(document(standing_plan(parts)), media_type="text/markdown", headers=headers)
