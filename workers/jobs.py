"""The jobs: each takes an id and is safe to run twice. Whether one is tried again is the store's business, not RQ's."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import structlog

from care.delivery import Delivery
from care.errors import ChannelBusy
from care.failpoints import Point, reach
from care.journey import Journey
from care.ports import DELIVER, NOTIFY, PREPARE, TRAIN, WEBHOOK
from care.telling import Telling
from wiring.traces import Traces
from wiring.training_jobs import TrainingJobs
from workers.sending import Sender

log = structlog.get_logger("tactful.worker")

Steps = Journey | Delivery | Telling | Sender | TrainingJobs

_plugged: list[Steps] = []
_traces: list[Traces] = []


class JobFailedError(Exception):
    """A job failed; the log says why.

    RQ keeps the words of an error in its server for a day, and those of a foreign one could quote a customer.
    """


def plug(steps: Steps) -> None:
    """Give this process the steps its jobs take; called once, before the first job. A Delivery cannot prepare."""
    _plugged[:] = [steps]


def trace(traces: Traces | None) -> None:
    """Say where spans of jobs go; None: nowhere."""
    _traces[:] = [] if traces is None else [traces]


def prepare(message_id: str) -> None:
    """Classify one message and draft its reply."""
    with _told(PREPARE, message_id):
        journey = _plugged[0]
        assert isinstance(journey, Journey)
        journey.prepare(message_id)


def deliver(reply_id: str) -> None:
    """Send one approved reply."""
    with _told(DELIVER, reply_id):
        steps = _plugged[0]
        assert not isinstance(steps, Telling | TrainingJobs)
        steps.deliver(reply_id)


def notify(notice_id: str) -> None:
    """Tell one contact or colleague what they have to look at."""
    with _told(NOTIFY, notice_id):
        steps = _plugged[0]
        assert isinstance(steps, Journey | Delivery)
        (steps.delivery if isinstance(steps, Journey) else steps).notify(notice_id)


def webhook(delivery_id: str) -> None:
    """Tell one endpoint of one event."""
    with _told(WEBHOOK, delivery_id):
        steps = _plugged[0]
        assert isinstance(steps, Telling)
        steps.tell(delivery_id)


def train(job_id: str) -> None:
    """Run one job of training: its commands, each in a process of its own."""
    with _told(TRAIN, job_id):
        steps = _plugged[0]
        assert isinstance(steps, TrainingJobs)
        steps.run(job_id)


@contextmanager
def _told(job: str, id: str) -> Iterator[None]:
    """Log how a job ended."""
    reach(Point.JOB_POPPED)
    try:
        with _traces[0].job(job, id) if _traces else nullcontext():
            yield
    except ChannelBusy as error:
        # The store knows when it is due again, and the sweep rings then.
        log.info("channel busy", id=id, channel=error.channel, retry_after_s=error.retry_after_s)
    except Exception as error:
        log.error("job failed", job=job, id=id, exc_info=error)
        raise JobFailedError(type(error).__name__) from None
    else:
        log.info("job done", job=job, id=id)
