"""The doorbell: RQ behind care's JobQueue. The store remembers what is to do, so a lost bell only costs time."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from care.errors import BadSettings, NotAllowed
from care.ports import DELIVER, NOTIFY, PREPARE, TRAIN, WEBHOOK

log = structlog.get_logger("tactful.queue")

JOBS = {job: f"workers.jobs.{job}" for job in (PREPARE, DELIVER, NOTIFY, WEBHOOK, TRAIN)}
"""Job name -> the function that does it. The name is the queue's too: one queue for a process, else RQ loses jobs."""

FAILURE_TTL_S = 86_400
TIMEOUT_S = 0.5
"""For connecting and for an answer: a queue that is away must not keep a customer's message waiting."""

SENTINEL_PORT = 26379
REST_S = 2.0
"""After a failure the bell is not tried again for this long."""


def connect(url: str) -> "Redis":
    """A client that gives up at once: whoever rings has better things to do than to wait."""
    return open_server(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def open_server(url: str, **options: Any) -> "Redis":
    """A client of the queue's server; connects when it is first used. options: redis-py's, of each connection.

    With `redis+sentinel://HOST:26379,HOST:26379/NAME` each connection asks those sentinels where the server of that
    name is now; `rediss+sentinel` talks to the server by TLS. User and password are the server's. Raises BadSettings.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in ("redis+sentinel", "rediss+sentinel"):
        return Redis.from_url(url, **options)
    access, _, place = rest.rpartition("@")
    hosts, _, name = place.partition("/")
    addresses = [urlsplit(f"//{host}") for host in hosts.split(",")]
    try:
        sentinels = [(address.hostname, address.port or SENTINEL_PORT) for address in addresses if address.hostname]
    except ValueError:
        sentinels = []
    if not sentinels or not name:
        raise BadSettings(
            "redis.url names no sentinels: write redis+sentinel://HOST:26379,HOST:26379/NAME, where NAME is what they "
            "call the server."
        )
    user, _, password = access.partition(":")
    options |= {"username": unquote(user) or None, "password": unquote(password) or None}
    if scheme == "rediss+sentinel":
        options["ssl"] = True
    asked = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S}
    watched = Sentinel(sentinels, sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
    server: Redis = watched.master_for(name, **options)  # type: ignore[no-untyped-call]
    return server


class ListedJob(Job):
    """A job that runs only what stands in JOBS, with one id, and calls nobody back.

    Whoever can write to the queue's server could otherwise have a worker call any function there is.
    """

    listed: ClassVar[frozenset[str]] = frozenset(JOBS.values())

    @property
    def func(self) -> Any:
        is_listed = self.func_name in self.listed and self.instance is None
        is_an_id = len(self.args) == 1 and isinstance(self.args[0], str) and not self.kwargs
        if not (is_listed and is_an_id):
            raise NotAllowed("A job in the queue is not one of ours; it was not run.")
        return super().func

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None

    def send_webhooks(self, *_: Any, **__: Any) -> None:
        """Calls nobody."""


@dataclass(slots=True)
class RqQueue:
    """ports.JobQueue over RQ. Safe from several threads.

    timeouts_s: job name -> how long it may run.
    """

    connection: "Redis"
    timeouts_s: dict[str, int]
    _rests_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ring(self, job: str, id: str) -> bool:
        """Enqueue one job with one id. False when the queue is away; raises KeyError for a job we do not have."""
        function = JOBS[job]
        if time.monotonic() < self._rests_until:
            return False
        try:
            self._queue(job).enqueue_call(
                function,
                args=(id,),
                timeout=self.timeouts_s[job],
                result_ttl=0,
                failure_ttl=FAILURE_TTL_S,
                description=job,
                # Never used twice: RQ remembers ids for a day and may fail a job for it.
                job_id=f"{job}-{id}-{secrets.token_hex(6)}",
            )
        except (RedisError, OSError) as error:
            with self._lock:
                self._rests_until = time.monotonic() + REST_S
            log.warning("bell not rung", job=job, id=id, error=type(error).__name__)
            return False
        return True

    def is_reachable(self) -> bool:
        """Whether the server answers now."""
        try:
            return bool(self.connection.ping())
        except (RedisError, OSError):
            return False

    def lengths(self) -> dict[str, int]:
        """Waiting jobs by queue; empty when the server is away."""
        try:
            return {job: self._queue(job).count for job in JOBS}
        except (RedisError, OSError):
            return {}

    def _queue(self, job: str) -> Queue:
        return Queue(job, connection=self.connection, serializer=JSONSerializer, job_class=ListedJob)
