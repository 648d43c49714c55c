"""/v1/training: retrain, compare, promote and roll back, each as a job in a process of its own."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.access import AdminPersonDep
from api.depends import Parts, PartsDep
from api.reading import JsonBody
from api.schemas import TrainingIn
from care.errors import Unreachable
from care.ports import TRAIN
from wiring.promoted import current
from wiring.shapes.training import TrainingJobOut, TrainingJobsOut
from wiring.training_jobs import TrainingJob, TrainingWish

router = APIRouter(prefix="/v1/training/jobs", tags=["training"])


@router.get("")
def list_training_jobs(human: AdminPersonDep, parts: PartsDep) -> TrainingJobsOut:
    """The latest jobs, the datasets in the home, and the bundle that was promoted last."""
    jobs = parts.trainings
    return TrainingJobsOut(
        current=current(jobs.home / "bundles"),
        datasets=jobs.datasets(),
        jobs=[TrainingJobOut.of_job(job, jobs) for job in jobs.jobs()],
    )


@router.post("", status_code=202)
def start_training_job(
    human: AdminPersonDep, sent: Annotated[TrainingIn, Depends(JsonBody(TrainingIn))], parts: PartsDep
) -> TrainingJobOut:
    """Ask for a job; one at a time. An administrator does it, never a key."""
    wish = TrainingWish(sent.kind, sent.data, sent.job, sent.encoder, sent.after, sent.reason)
    return TrainingJobOut.of_job(ask(parts, wish, by=human.person.name), parts.trainings)


@router.get("/{job_id}")
def get_training_job(job_id: str, human: AdminPersonDep, parts: PartsDep) -> TrainingJobOut:
    """One job with the last of its log."""
    return TrainingJobOut.of_job(parts.trainings.job(job_id), parts.trainings, with_log=True)


@router.post("/{job_id}/cancel")
def cancel_training_job(job_id: str, human: AdminPersonDep, parts: PartsDep) -> TrainingJobOut:
    """End it, within seconds where it runs; nothing half-made is left. One that is over stays as it is."""
    return TrainingJobOut.of_job(parts.trainings.cancel(job_id), parts.trainings)


def ask(parts: Parts, wish: TrainingWish, *, by: str) -> TrainingJob:
    """Keep what is asked for and ring. Raises what `TrainingJobs.ask` does; Unreachable where nobody can be rung."""
    jobs = parts.trainings
    job = jobs.ask(wish, by=by)
    if not parts.queue.ring(TRAIN, job.id):
        jobs.cancel(job.id)
        raise Unreachable("The queue server is away, so nothing was started; try again when it is back.")
    return job
