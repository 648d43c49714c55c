"""The sweep: rings again what the queue lost, takes back what dead workers held, lets climb what nobody answered, and
clears away files whose time is over.

It never sends anything itself.
"""

import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from care.clocks import break_promises, climb, lapse_handovers, review, tell_promoted
from care.errors import BadPlaybook, Unreachable
from care.files import clear
from care.ports import DELIVER, NOTIFY, PREPARE, WEBHOOK, Channel, Playbook, utc_now
from care.results import keep_days
from care.settling import settle_again
from care.unit_of_work import Store
from wiring.assemble import Assembly
from wiring.logs import set_up_logs
from wiring.queue import RqQueue
from wiring.serving import serving_ids
from wiring.settings import Settings

log = structlog.get_logger("tactful.sweep")

ENOUGH_QUEUED = 50
"""With this many jobs waiting, bells are not lost but in a queue, and ringing again would only make it longer."""

RING_AT_MOST = 1000

CLIMB_EVERY_S = 15.0
"""Steps are minutes apart: looking more often would only load the database."""

REVIEW_EVERY_S = 300.0
"""A play is flagged after five or ten decisions of people, who take minutes over them."""

CLEAR_EVERY_S = 300.0
"""Files are kept for days."""
KEEP_DAYS_EVERY_S = 600.0
"""A year of days is added up in five hours of sweeping, by and by."""


def run_sweep(settings: Settings, *, stop: threading.Event | None = None) -> None:
    """Sweep every few seconds until SIGTERM or `stop`. Two at once do no harm."""
    set_up_logs(settings)
    stop = stop or _stopped_by_signal()
    parts, every_s = Assembly(settings), settings.workers.sweep_s
    store, queue, channels = parts.store, parts.queue, parts.channels
    # The playbook is opened in the first round that needs it: what waits is rung again even while it cannot be used.
    rounds = [
        Round(every_s, lambda: sweep(store, queue, channels, unrung_s=settings.workers.unrung_s)),
        Round(max(CLIMB_EVERY_S, every_s), lambda: tick(store, lambda: parts.playbook, now=utc_now())),
        Round(max(REVIEW_EVERY_S, every_s), lambda: review(store, parts.playbook)),
        Round(
            max(CLEAR_EVERY_S, every_s),
            lambda: clear(store, parts.files, days=settings.attachments.days, now=utc_now()),
        ),
        Round(max(KEEP_DAYS_EVERY_S, every_s), lambda: keep_days(store, parts.playbook, now=utc_now())),
        Round(
            max(CLEAR_EVERY_S, every_s),
            lambda: forget_answers(store, days=settings.webhooks.days, now=utc_now()),
        ),
        Round(max(CLIMB_EVERY_S, every_s), lambda: tell_promoted(store, serving_ids(settings))),
    ]
    log.info("sweep started", every_s=every_s)
    while not stop.is_set():
        for one in rounds:
            one.run()
        stop.wait(every_s)
    log.info("sweep stopped")


class Round:
    """Something the sweep does now and then. What fails for one of them does not hold up the others."""

    def __init__(self, every_s: float, work: Callable[[], dict[str, int]]) -> None:
        self._every_s = every_s
        self._work = work
        self._next = 0.0

    def run(self) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        try:
            done = self._work()
        except Unreachable as error:
            log.warning("sweep postponed", exc_info=error)
            return
        except BadPlaybook as error:
            log.error("nothing climbs: the playbook cannot be used", n_problems=len(error.problems))
            done = {}
        # A little early: a wait that ends a moment too soon must not cost a whole one.
        self._next = now + self._every_s * 0.9
        if done:
            log.info("swept", **done)


def sweep(store: Store, queue: RqQueue, channels: Mapping[str, Channel], *, unrung_s: float) -> dict[str, int]:
    """One round. Returns what was done, counted."""
    takes_twice = frozenset(name for name, channel in channels.items() if channel.is_idempotent)
    waiting = queue.lengths()
    with store() as work:
        done = work.recovery.expired(idempotent_channels=takes_twice)
        for case_id in work.recovery.cases:
            settle_again(work, case_id, by="tactful")
        lanes = {
            PREPARE: work.recovery.unrung_tasks,
            DELIVER: work.recovery.unrung_replies,
            NOTIFY: work.recovery.unrung_notices,
            WEBHOOK: work.recovery.unrung_deliveries,
        }
        silent = {
            job: unrung(unrung_s=unrung_s, limit=RING_AT_MOST)
            for job, unrung in lanes.items()
            if waiting.get(job, 0) < ENOUGH_QUEUED
        }
    for job, ids in silent.items():
        n_rung = sum(queue.ring(job, id) for id in ids)
        if n_rung:
            done[f"{job}_rung"] = n_rung
    return done


def tick(store: Store, playbook: Callable[[], Playbook], *, now: datetime) -> dict[str, int]:
    """What the clock does to cases. Returns events, counted."""
    passed = {**break_promises(store, now=now), **lapse_handovers(store, now=now)}
    return {**passed, **climb(store, playbook().policy, now=now)}


def forget_answers(store: Store, *, days: int, now: datetime) -> dict[str, int]:
    """Drop what was sent to endpoints and answered to repeated requests long ago. Returns what was done, counted."""
    with store() as work:
        done = {
            "deliveries_forgotten": work.endpoints.forget(before=now - timedelta(days=days)),
            "answers_forgotten": work.answers.forget(before=now),
        }
    return {name: n for name, n in done.items() if n}


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
