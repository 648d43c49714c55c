"""A job of training, and which bundle serves, as other systems see them."""

from collections.abc import Sequence
from typing import Literal, Self

from wiring.shapes.base import Out
from wiring.training_jobs import BUNDLE, SUSPECTS, TrainingJob, TrainingJobs


class TrainingJobOut(Out):
    """One job. `state`: waiting, running, done, failed or cancelled. `log`: the last of what its commands said.

    `exit_code` 3: a gate was not met, and the log says what speaks against it.
    """

    object: Literal["training_job"] = "training_job"
    id: str
    kind: Literal["retrain", "compare", "promote", "rollback"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    data: str
    job: str
    encoder: str
    by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    exit_code: int | None
    has_bundle: bool
    has_suspects: bool
    log: Sequence[str] = ()

    @classmethod
    def of_job(cls, job: TrainingJob, jobs: TrainingJobs, *, with_log: bool = False) -> Self:
        """As it stands now."""
        return cls(
            id=job.id,
            kind=job.wish.kind,  # type: ignore[arg-type]
            state=job.state,  # type: ignore[arg-type]
            data=job.wish.data,
            job=job.wish.job,
            encoder=job.wish.encoder,
            by=job.by,
            asked_at=job.asked_at,
            started_at=job.started_at or None,
            ended_at=job.ended_at or None,
            exit_code=job.exit_code,
            has_bundle=jobs.made(job, BUNDLE) is not None,
            has_suspects=jobs.made(job, SUSPECTS) is not None,
            log=jobs.log(job.id).splitlines() if with_log else (),
        )


class TrainingJobsOut(Out):
    """The latest jobs, the newest first. `datasets`: names that a job may learn from or measure on."""

    object: Literal["training_jobs"] = "training_jobs"
    current: str
    datasets: Sequence[str]
    jobs: Sequence[TrainingJobOut]
