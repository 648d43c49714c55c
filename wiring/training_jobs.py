"""Jobs of training, asked for in the console or by the API: each a folder in the home, each run as commands of
`tactful` in a process of its own, one at a time.

HOME/training/trn_.../   job.json, log.txt while and after it runs, and what it makes: bundle/, suspects.csv
HOME/datasets/NAME/      datasets to learn from and to measure on (`tactful data import`)
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from care.errors import BadInput, Conflict, NotFound
from care.ids import new_id
from care.ports import Clock, utc_now
from wiring.beside import write_whole

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
OVER = frozenset((DONE, FAILED, CANCELLED))
RETRAIN, COMPARE, PROMOTE, ROLLBACK = "retrain", "compare", "promote", "rollback"
ENCODERS = ("minilm", "none")
LOOK_EVERY_S = 0.2
PATIENCE_S = 5.0
"""How long a command that was told to stop may take, before it is ended."""
MOST_LOG = 40_000
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}\Z")
_ID = re.compile(r"trn_[0-9A-Z]{26}\Z")
_JOB, _LOG, _CANCEL = "job.json", "log.txt", "cancel"
_JOB_OF = "TRAINING_JOB"
"""Stands in the environment of each of its commands: whose it is."""
BUNDLE, SUSPECTS = "bundle", "suspects.csv"


@dataclass(frozen=True, slots=True)
class TrainingWish:
    """What is asked for. data: name of the dataset to learn from, or to measure on. job: whose bundle is meant.

    after: a job whose settled suspects are learnt too. reason: why a promotion is forced.
    """

    kind: str
    data: str = ""
    job: str = ""
    encoder: str = "minilm"
    after: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One job. by: who asked. exit_code: of the command that ended it; 3 says that a gate was not met."""

    id: str
    wish: TrainingWish
    by: str
    asked_at: str
    state: str = WAITING
    started_at: str = ""
    ended_at: str = ""
    exit_code: int | None = None
    pid: int | None = field(default=None, repr=False)

    @property
    def is_over(self) -> bool:
        return self.state in OVER


@dataclass(frozen=True)
class TrainingJobs:
    """All jobs of one home. Safe from several processes: whoever changes a job replaces its file in one step.

    command: how `tactful` is started. environment: beside this process's. is_stopped: whether this process should end.
    """

    home: Path
    clock: Clock = utc_now
    command: Sequence[str] = (sys.executable, "-m", "cli.main")
    environment: Mapping[str, str] = field(default_factory=dict)
    is_stopped: Callable[[], bool] = lambda: False

    @property
    def folder(self) -> Path:
        return self.home / "training"

    def datasets(self) -> list[str]:
        """Names of the datasets in the home."""
        return sorted(path.parent.name for path in (self.home / "datasets").glob("*/dataset.json"))

    def ask(self, wish: TrainingWish, *, by: str) -> TrainingJob:
        """Keep what is asked for; the caller rings. Raises BadInput, NotFound, Conflict where one waits or runs."""
        self._check(wish)
        under_way = [job for job in self.jobs() if not job.is_over]
        if under_way:
            first = under_way[0]
            raise Conflict(f"{first.wish.kind} is under way; wait for it or cancel it.", state=first.state)
        now = self.clock()
        job = TrainingJob(new_id("trn", now=now), wish, by, _said(now))
        (self.folder / job.id).mkdir(parents=True)
        return self._keep(job)

    def job(self, id: str) -> TrainingJob:
        """Raises NotFound."""
        try:
            if not _ID.fullmatch(id):
                raise ValueError(id)
            kept = json.loads((self.folder / id / _JOB).read_text("utf-8"))
            return TrainingJob(**{**kept, "wish": TrainingWish(**kept["wish"])})
        except (OSError, ValueError, TypeError, KeyError):
            raise NotFound("training job", id) from None

    def jobs(self, *, limit: int = 50) -> list[TrainingJob]:
        """The newest first."""
        names = sorted((path.parent.name for path in self.folder.glob(f"trn_*/{_JOB}")), reverse=True)
        return [self.job(name) for name in names[:limit]]

    def log(self, id: str) -> str:
        """What its commands said so far, the end of it."""
        try:
            with (self.folder / self.job(id).id / _LOG).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - MOST_LOG))
                return file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def cancel(self, id: str) -> TrainingJob:
        """End it: at once where it waits, within seconds where it runs. One that is over stays as it is."""
        job = self.job(id)
        if job.state == WAITING:
            return self._keep(replace(job, state=CANCELLED, ended_at=_said(self.clock())))
        if job.state == RUNNING:
            (self.folder / id / _CANCEL).touch()
        return job

    def made(self, job: TrainingJob, name: str) -> Path | None:
        """What a job made by this name, where it is there."""
        path = self.folder / job.id / name
        return path if path.exists() else None

    def waiting(self) -> list[str]:
        """Ids of jobs that wait, and mend what a worker that died left: its job failed."""
        found = []
        for job in reversed(self.jobs()):
            if job.state == RUNNING:
                _end_orphan(job)
                self._keep(replace(job, state=FAILED, ended_at=_said(self.clock()), pid=None))
            elif job.state == WAITING:
                found.append(job.id)
        return found

    def run(self, id: str) -> TrainingJob:
        """Do it, and return it when it is over; where this process is told to stop it waits again, to begin anew.

        One that does not wait any more is left alone.
        """
        job = self.job(id)
        if job.state != WAITING:
            return job
        job = self._keep(replace(job, state=RUNNING, started_at=_said(self.clock())))
        code = 0
        for arguments in self.commands(job):
            code = self._run(job, arguments)
            if code:
                break
        is_cancelled = (self.folder / id / _CANCEL).exists()
        if code and self.is_stopped() and not is_cancelled:
            return self._keep(replace(job, state=WAITING, started_at="", pid=None))
        state = CANCELLED if is_cancelled and code else FAILED if code else DONE
        return self._keep(replace(job, state=state, ended_at=_said(self.clock()), exit_code=code, pid=None))

    def commands(self, job: TrainingJob) -> list[list[str]]:
        """The commands of a job, without the program."""
        wish, here = job.wish, self.folder / job.id
        if wish.kind == ROLLBACK:
            return [["rollback", "--by", job.by]]
        if wish.kind == RETRAIN:
            said, suspects = str(here / "corrections.csv"), str(here / SUSPECTS)
            learnt = ["train", str(self._dataset(wish.data)), "--out", str(here / BUNDLE), "--encoder", wish.encoder]
            learnt += ["--add", said, "--suspects", suspects]
            if wish.after:
                learnt += ["--add", str(self.folder / wish.after / SUSPECTS)]
            return [["corrections", "export", "-o", said], learnt]
        bundle = str(self.folder / wish.job / BUNDLE)
        on = ["--on", str(self._dataset(wish.data) / "rows.jsonl")] if wish.data else []
        if wish.kind == COMPARE:
            return [["compare", "current", bundle, *on]]
        return [["promote", bundle, *on, *(["--force", wish.reason] if wish.reason else []), "--by", job.by]]

    def _check(self, wish: TrainingWish) -> None:
        if wish.kind not in (RETRAIN, COMPARE, PROMOTE, ROLLBACK):
            raise BadInput(f"There is no training job {wish.kind!r}; there are retrain, compare, promote, rollback.")
        if wish.encoder not in ENCODERS:
            raise BadInput(f"encoder is one of {', '.join(ENCODERS)}.")
        if wish.data or wish.kind in (RETRAIN, COMPARE):
            self._dataset(wish.data)
        if wish.kind in (COMPARE, PROMOTE) and self.made(self.job(wish.job), BUNDLE) is None:
            raise BadInput("That job made no bundle.")
        if wish.after and self.made(self.job(wish.after), SUSPECTS) is None:
            raise BadInput("That job listed no suspects.")

    def _dataset(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or name not in self.datasets():
            where = self.home / "datasets"
            raise BadInput(f"There is no dataset of that name in {where}; `tactful data import` makes one.")
        return self.home / "datasets" / name

    def _run(self, job: TrainingJob, arguments: Sequence[str]) -> int:
        here = self.folder / job.id
        env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **self.environment, _JOB_OF: job.id}
        with (here / _LOG).open("ab") as log:
            log.write(f"$ tactful {' '.join(arguments)}\n".encode())
            log.flush()
            with subprocess.Popen(
                [*self.command, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env
            ) as process:
                self._keep(replace(job, pid=process.pid))
                while process.poll() is None:
                    if (here / _CANCEL).exists() or self.is_stopped():
                        _end(process)
                    time.sleep(LOOK_EVERY_S)
                return process.returncode

    def _keep(self, job: TrainingJob) -> TrainingJob:
        write_whole(self.folder / job.id / _JOB, json.dumps(asdict(job), ensure_ascii=False))
        return job


def step_back() -> None:
    """Let whatever serves go first: this process and those that it starts take one core, and only when it is idle."""
    os.nice(15)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _end_orphan(job: TrainingJob) -> None:
    """End the command that a dead worker left behind, if it is still that command."""
    if not job.pid:
        return
    try:
        told = Path(f"/proc/{job.pid}/environ").read_bytes().split(b"\0")
        if f"{_JOB_OF}={job.id}".encode() in told:
            os.kill(job.pid, signal.SIGKILL)
    except OSError:
        return


def _said(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
