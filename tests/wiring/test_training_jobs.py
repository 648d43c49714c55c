"""Jobs of training: one at a time, in a process of its own, with a log, ended safely; and the list that is settled."""

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from care.errors import BadInput, Conflict, NotFound
from wiring.suspects_list import read_list, settle
from wiring.training_jobs import (
    BUNDLE,
    CANCELLED,
    DONE,
    FAILED,
    RUNNING,
    WAITING,
    TrainingJobs,
    TrainingWish,
    step_back,
)

pytestmark = pytest.mark.issue(17)
SLOW = "import sys, time; print('began', sys.argv[1:], flush=True); time.sleep(60)"
QUICK = "import sys; print('said', sys.argv[1], flush=True); sys.exit(3 if 'promote' in sys.argv else 0)"


def jobs_of(home: Path, script: str) -> TrainingJobs:
    (home / "datasets" / "history").mkdir(parents=True, exist_ok=True)
    (home / "datasets" / "history" / "dataset.json").write_text("{}")
    return TrainingJobs(home, command=(sys.executable, "-c", script))


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_ended(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def test_a_job_runs_its_commands_one_after_the_other_and_keeps_what_they_say(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, QUICK)
    job = jobs.ask(TrainingWish("retrain", "history"), by="Ada")

    done = jobs.run(job.id)

    assert (job.state, done.state, done.exit_code) == (WAITING, DONE, 0)
    log = jobs.log(job.id)
    assert log.index("said corrections") < log.index("said train")
    assert jobs.run(job.id) == done, "twice is once"
    assert jobs.jobs() == [done]


def test_what_a_gate_refuses_failed_and_says_so(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, QUICK)
    retrained = jobs.run(jobs.ask(TrainingWish("retrain", "history"), by="Ada").id)
    (jobs.folder / retrained.id / BUNDLE).mkdir()

    refused = jobs.run(jobs.ask(TrainingWish("promote", job=retrained.id), by="Ada").id)

    assert (refused.state, refused.exit_code) == (FAILED, 3)


def test_one_at_a_time_and_only_what_there_is(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, QUICK)
    for wish in (
        TrainingWish("format"),
        TrainingWish("retrain"),
        TrainingWish("retrain", "../history"),
        TrainingWish("retrain", "history", encoder=str(tmp_path)),
    ):
        with pytest.raises(BadInput):
            jobs.ask(wish, by="Ada")
    for name in ("trn_x", "../../etc", ""):
        with pytest.raises(NotFound):
            jobs.job(name)
    jobs.ask(TrainingWish("rollback"), by="Ada")
    with pytest.raises(Conflict, match="under way"):
        jobs.ask(TrainingWish("rollback"), by="Bo")


def test_a_running_job_is_cancelled_within_seconds(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, SLOW)
    job = jobs.ask(TrainingWish("retrain", "history"), by="Ada")
    thread = threading.Thread(target=jobs.run, args=(job.id,))
    thread.start()
    until(lambda: "began" in jobs.log(job.id))
    assert jobs.job(job.id).state == RUNNING
    pid = jobs.job(job.id).pid
    assert pid is not None

    jobs.cancel(job.id)

    thread.join(10)
    assert jobs.job(job.id).state == CANCELLED
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert jobs.cancel(job.id).state == CANCELLED


def test_a_worker_that_is_told_to_stop_leaves_the_job_for_the_next_one(tmp_path: Path) -> None:
    stop = threading.Event()
    jobs = replace(jobs_of(tmp_path, SLOW), is_stopped=stop.is_set)
    job = jobs.ask(TrainingWish("retrain", "history"), by="Ada")
    thread = threading.Thread(target=jobs.run, args=(job.id,))
    thread.start()
    until(lambda: "began" in jobs.log(job.id))

    stop.set()

    thread.join(10)
    assert jobs.waiting() == [job.id]


def test_what_a_dead_worker_left_has_failed(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, QUICK)
    job = jobs.ask(TrainingWish("rollback"), by="Ada")
    jobs._keep(replace(job, state=RUNNING, pid=2**22 - 1))

    assert jobs.waiting() == []
    assert jobs.job(job.id).state == FAILED


@pytest.mark.parametrize("wish", [TrainingWish("rollback"), TrainingWish("retrain", "history")])
def test_the_command_that_a_dead_worker_left_ends_and_no_other(tmp_path: Path, wish: TrainingWish) -> None:
    jobs = jobs_of(tmp_path, SLOW)
    job = jobs.ask(wish, by="Ada")
    worker = os.fork()
    if worker == 0:
        jobs.run(job.id)
        os._exit(0)
    until(lambda: jobs.job(job.id).pid is not None)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    left = jobs.job(job.id).pid
    assert left is not None
    with subprocess.Popen([sys.executable, "-c", SLOW]) as other:
        jobs._keep(replace(jobs.job(job.id), pid=other.pid))
        jobs.waiting()
        assert other.poll() is None
        other.kill()

    jobs._keep(replace(jobs.job(job.id), state=RUNNING, pid=left))
    assert jobs.waiting() == []

    until(lambda: has_ended(left))


def test_a_job_that_waits_is_cancelled_at_once(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, QUICK)
    job = jobs.ask(TrainingWish("rollback"), by="Ada")

    assert jobs.cancel(job.id).state == CANCELLED
    assert jobs.run(job.id).state == CANCELLED


def test_training_takes_one_core_and_lets_others_go_first() -> None:
    child = os.fork()
    if child == 0:
        step_back()
        os._exit(0 if os.nice(0) >= 15 and len(os.sched_getaffinity(0)) == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_list_of_suspects_is_settled_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "suspects.csv"
    columns = ["line", "task", "label", "likely", "chance", "likely_chance", "text", "right", "by"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(
            [
                columns,
                [7, "reason", "a", "b", 0.1, 0.8, "one, two", "", ""],
                [9, "reason", "b", "a", 0.2, 0.7, "x", "", ""],
            ]
        )

    settle(path, 0, "b", by="per_1")
    settle(path, 1, "", by="per_1")

    first, second = read_list(path)
    assert (first.right, first.by, first.text, first.is_open) == ("b", "per_1", "one, two", False)
    assert (second.right, second.is_open) == ("", False)
    with pytest.raises(BadInput, match="no such row"):
        settle(path, 5, "a", by="per_1")
    with pytest.raises(BadInput, match="No row of the list"):
        settle(path, 0, "=cmd()", by="per_1")
