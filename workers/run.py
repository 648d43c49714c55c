"""One worker process: settings, logs, what its jobs need, then work on one queue until told to stop."""

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from care.delivery import Delivery
from care.errors import BadSettings, Unreachable
from care.ports import DELIVER, PREPARE, TRAIN, WEBHOOK
from wiring.assemble import Assembly
from wiring.embedded import url_of
from wiring.logs import set_up_logs
from wiring.queue import JOBS, ListedJob, open_server
from wiring.settings import Settings
from wiring.traces import traces_of
from wiring.training_jobs import TrainingJobs, step_back
from workers import jobs
from workers.sending import EXIT_HUNG, PATIENCE_S, Sender

log = structlog.get_logger("tactful.worker")

QUEUE_REST_S = 2.0
"""How long the sender waits for the queue server before it asks for it again."""

# Rather often, so that what a dead worker held comes back soon; RQ's own defaults take a quarter of an hour.
MAINTENANCE_S = 30
WORKER_TTL_S = 45
MONITORING_S = 10


def run_worker(queue_name: str, settings: Settings, *, is_burst: bool = False) -> None:
    """Work one queue until SIGTERM, until it is time for a fresh process, or, in a burst, until it is empty.

    Returns when the worker should be started again: whoever runs it always does.
    Raises BadSettings for a queue we do not have, Unreachable when the queue's server is away.
    """
    if queue_name not in JOBS:
        raise BadSettings(f"There is no queue {queue_name}; there are {', '.join(JOBS)}.")
    set_up_logs(settings)
    structlog.contextvars.bind_contextvars(worker=queue_name, pid=os.getpid())
    # Models are loaded in this process: a session made before a fork can hang the child for ever.
    assembly = Assembly(settings)
    steps = _steps(queue_name, assembly)
    jobs.trace(traces_of(settings, queue_name))
    log.info("worker started")
    is_stopped = threading.Event()
    if isinstance(steps, TrainingJobs):
        step_back()
        steps = replace(steps, is_stopped=is_stopped.is_set)
        # The queue's own handlers come with the first job that it hands out.
        _stop_on_signals(is_stopped)
        for job_id in steps.waiting():
            steps.run(job_id)
        if is_stopped.is_set():
            return
    work = partial(
        work_on,
        queue_name,
        url=url_of(settings),
        is_stopped=is_stopped,
        max_jobs=settings.workers.recycle_after_jobs,
    )
    if isinstance(steps, Delivery) and queue_name == DELIVER and not is_burst:
        send(steps, work, is_stopped, timeout_s=settings.workers.deliver_timeout_s)
    else:
        work(steps, is_burst=is_burst)
    log.info("worker stopped")


def send(
    delivery: Delivery, listen: Callable[[Sender], None], is_stopped: threading.Event, *, timeout_s: float
) -> None:
    """Send until told to stop. listen: works the queue of bells; while that is away sending goes on without them."""
    with Sender(delivery, timeout_s=timeout_s) as sender:
        while not is_stopped.is_set():
            _stop_on_signals(is_stopped)
            try:
                listen(sender)
                return
            except Unreachable as error:
                log.warning("no bells", exc_info=error)
                is_stopped.wait(QUEUE_REST_S)


def _stop_on_signals(is_stopped: threading.Event) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_stopped.set())


def _steps(queue_name: str, assembly: Assembly) -> jobs.Steps:
    """What the jobs of a queue take, and no more than that: a worker that only tells loads no model."""
    if queue_name == TRAIN:
        return TrainingJobs(assembly.settings.home)
    if queue_name == WEBHOOK:
        return assembly.telling
    return assembly.journey if queue_name == PREPARE else assembly.delivery


def work_on(
    queue_name: str,
    steps: jobs.Steps,
    *,
    url: str,
    is_stopped: threading.Event | None = None,
    max_jobs: int | None = None,
    is_burst: bool = False,
) -> None:
    """Work one queue; its jobs take these steps. Raises Unreachable when the queue's server is away.

    is_stopped: is set when a signal tells it to stop, also where the queue's server goes away in the same moment.
    """
    jobs.plug(steps)
    try:
        worker = worker_on(queue_name, open_server(url))
        worker.is_stopped = is_stopped or worker.is_stopped
        worker.work(burst=is_burst, logging_level="WARNING", max_jobs=max_jobs)
    except RedisError as error:
        raise Unreachable(f"The queue server is away ({type(error).__name__}).") from error


def worker_on(queue_name: str, connection: "Redis", *, job_class: type[ListedJob] = ListedJob) -> "HonestWorker":
    """A worker for one queue that runs only jobs which its class lists."""
    return HonestWorker(
        [queue_name],
        connection=connection,
        serializer=JSONSerializer,
        job_class=job_class,
        default_result_ttl=0,
        maintenance_interval=MAINTENANCE_S,
        worker_ttl=WORKER_TTL_S,
        job_monitoring_interval=MONITORING_S,
        log_job_description=False,
    )


class HonestWorker(SimpleWorker):
    """A worker without a child process, that ends itself when a job hangs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_stopped = threading.Event()
        self._watchdog = Watchdog()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Say that it was told to stop, then have RQ do so: its own word of it is lost with the queue's server."""
        self.is_stopped.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def execute_job(self, job: Job, queue: Queue) -> None:
        self._watchdog.watch(limit_s=float(job.timeout or WORKER_TTL_S) + PATIENCE_S)
        try:
            super().execute_job(job, queue)
        finally:
            self._watchdog.rest()


class Watchdog:
    """Ends the process when a job is not done in time. The lease runs out then, and another worker takes over.

    Two watch: a thread that leaves with a code of its own, and faulthandler's, which also bites when native code
    never lets go of the interpreter.
    """

    def __init__(self) -> None:
        self._deadline: float | None = None
        self._thread: threading.Thread | None = None

    def watch(self, *, limit_s: float) -> None:
        """Start the clock for one job."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
            self._thread.start()
        self._deadline = time.monotonic() + limit_s
        if sys.__stderr__ is not None:
            faulthandler.dump_traceback_later(limit_s + PATIENCE_S, exit=True, file=sys.__stderr__)

    def rest(self) -> None:
        """The job is done."""
        self._deadline = None
        faulthandler.cancel_dump_traceback_later()

    def _run(self) -> None:
        while True:
            time.sleep(0.2)
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                log.error("job hangs: this worker ends itself")
                sys.stderr.flush()
                os._exit(EXIT_HUNG)
