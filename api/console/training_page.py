"""Bundles in the console, for administrators: what reads the messages, jobs of training with what they say while they
run, and the labels that may be wrong, settled with one key each."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import Admin, Human
from api.console.form import AdminFormDep
from api.console.look import render
from api.depends import Parts, PartsDep
from api.training import ask
from care.errors import BadInput, Conflict, NotFound, Unreachable
from wiring.promoted import current, history
from wiring.suspects_list import SuspectRow, read_list, settle
from wiring.training_jobs import BUNDLE, ENCODERS, RETRAIN, SUSPECTS, TrainingWish

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 20


@router.get("/training")
def read_training(request: Request, human: Admin, parts: PartsDep) -> HTMLResponse:
    """What serves, what was promoted, and the jobs."""
    return _show(request, human, parts)


@router.post("/training")
def start_job(form: AdminFormDep) -> Response:
    """Ask for a job, and show it."""
    names = ("kind", "data", "job", "encoder", "after", "reason")
    given = {name: form.text(name) for name in names if form.text(name)}
    try:
        job = ask(form.parts, TrainingWish(**{"kind": "", **given}), by=form.human.person.name)
    except (BadInput, Conflict, NotFound, Unreachable) as error:
        return _show(form.request, form.human, form.parts, status=422, problem=str(error))
    return RedirectResponse(f"/training/{job.id}", 303)


@router.get("/training/{job_id}")
def read_job(job_id: str, request: Request, human: Admin, parts: PartsDep) -> HTMLResponse:
    """One job and what it says; the page looks again by itself while the job is under way."""
    jobs = parts.trainings
    job = jobs.job(job_id)
    made = jobs.made(job, SUSPECTS)
    rows = read_list(made) if made is not None and job.is_over else []
    return render(
        request,
        "training_job.html",
        human=human,
        job=job,
        log=jobs.log(job_id),
        datasets=jobs.datasets(),
        has_bundle=job.is_over and jobs.made(job, BUNDLE) is not None,
        n_suspects=len(rows),
        n_open=sum(row.is_open for row in rows),
    )


@router.post("/training/{job_id}/cancel")
def cancel_job(job_id: str, form: AdminFormDep) -> Response:
    form.parts.trainings.cancel(job_id)
    return RedirectResponse(f"/training/{job_id}", 303)


@router.get("/training/{job_id}/suspects")
def read_suspects(job_id: str, request: Request, human: Admin, parts: PartsDep) -> HTMLResponse:
    """The next label that may be wrong: right as it stands, the likelier one, another, or not sure."""
    rows = _rows(job_id, parts)
    row = next((row for row in rows if row.is_open), None)
    labels = sorted({other.label for other in rows if row is not None and other.task == row.task})
    n_done = sum(not row.is_open for row in rows)
    return render(
        request,
        "training_suspects.html",
        human=human,
        job_id=job_id,
        row=row,
        labels=labels,
        n_done=n_done,
        n=len(rows),
    )


@router.post("/training/{job_id}/suspects")
def settle_suspect(job_id: str, form: AdminFormDep) -> Response:
    """Keep what is right, and show the next."""
    path = _list_of(job_id, form.parts)
    at = form.text("at")
    settle(path, int(at) if at.isascii() and at.isdigit() else -1, form.text("right"), by=form.human.id)
    return RedirectResponse(f"/training/{job_id}/suspects", 303)


def _show(request: Request, human: Human, parts: Parts, *, status: int = 200, problem: str = "") -> HTMLResponse:
    jobs = parts.trainings
    bundles = jobs.home / "bundles"
    listed = jobs.jobs(limit=MOST_SHOWN)
    settled = [job for job in listed if job.wish.kind == RETRAIN and job.is_over and jobs.made(job, SUSPECTS)]
    return render(
        request,
        "training.html",
        status=status,
        human=human,
        problem=problem,
        current=current(bundles),
        serving=parts.classifier.bundle_id,
        history=list(reversed(history(bundles)))[:MOST_SHOWN],
        jobs=listed,
        is_busy=any(not job.is_over for job in listed),
        datasets=jobs.datasets(),
        where=jobs.home / "datasets",
        encoders=ENCODERS,
        settled=settled,
    )


def _list_of(job_id: str, parts: Parts) -> Path:
    job = parts.trainings.job(job_id)
    path = parts.trainings.made(job, SUSPECTS) if job.is_over else None
    if path is None:
        raise NotFound("list of suspects", job_id)
    return path


def _rows(job_id: str, parts: Parts) -> list[SuspectRow]:
    return read_list(_list_of(job_id, parts))
