"""The sweep: rings again what the queue lost, takes back what dead workers held. It never sends anything itself."""

import signal
import threading
from collections.abc import Mapping

import structlog

from care.errors import Unreachable
from care.journey import DELIVER, PREPARE
from care.ports import Channel, Store
from wiring import assemble
from wiring.logs import set_up_logs
from wiring.queue import RqQueue
from wiring.settings import Settings

log = structlog.get_logger("tactful.sweep")

ENOUGH_QUEUED = 50
"""With this many jobs waiting, bells are not lost but in a queue, and ringing again would only make it longer."""

RING_AT_MOST = 1000


def run_sweep(settings: Settings, *, stop: threading.Event | None = None) -> None:
    """Sweep every few seconds until SIGTERM or `stop`. Two at once do no harm."""
    set_up_logs(settings)
    stop = stop or _stopped_by_signal()
    store, queue, channels = assemble.store(settings), assemble.queue(settings), assemble.channels(settings)
    log.info("sweep started", every_s=settings.workers.sweep_s)
    while not stop.is_set():
        try:
            done = sweep(store, queue, channels, silent_s=settings.workers.silent_s)
        except Unreachable as error:
            log.warning("sweep postponed", exc_info=error)
        else:
            if done:
                log.info("swept", **done)
        stop.wait(settings.workers.sweep_s)
    log.info("sweep stopped")


def sweep(store: Store, queue: RqQueue, channels: Mapping[str, Channel], *, silent_s: float) -> dict[str, int]:
    """One round. Returns what was done, counted."""
    takes_twice = frozenset(name for name, channel in channels.items() if channel.is_idempotent)
    waiting = queue.lengths()
    with store() as work:
        done = work.due.expired(idempotent_channels=takes_twice)
        silent: dict[str, list[str]] = {}
        if waiting.get(PREPARE, 0) < ENOUGH_QUEUED:
            silent[PREPARE] = work.due.silent_tasks(silent_s=silent_s, limit=RING_AT_MOST)
        if waiting.get(DELIVER, 0) < ENOUGH_QUEUED:
            silent[DELIVER] = work.due.silent_replies(silent_s=silent_s, limit=RING_AT_MOST)
    for job, ids in silent.items():
        n_rung = sum(queue.ring(job, id) for id in ids)
        if n_rung:
            done[f"{job}_rung"] = n_rung
    return done


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
