"""Every setting of the service with where its value comes from, for administrators; nothing can be changed here."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.access import Admin
from api.console.look import render
from api.depends import PartsDep

router = APIRouter(include_in_schema=False)


@router.get("/settings/values")
def read_values(request: Request, human: Admin, parts: PartsDep) -> HTMLResponse:
    """As they were read when this process started."""
    return render(request, "values.html", human=human, lines=parts.settings)
