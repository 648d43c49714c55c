"""The sweep: rings again what the queue lost, takes back what dead workers held, lets climb what nobody answered, seals
the audit trail, and clears away files and cases whose time is over.

It never sends anything itself.
"""

import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from care.clocks import break_promises, climb, lapse_handovers, review, tell_promoted, wake_snoozed
from care.crisis_watch import CrisisWatch
from care.errors import BadPlaybook, Unreachable
from care.failpoints import Point, reach
from care.files import clear
from care.outcome import Spool, take_back
from care.ports import DELIVER, NOTIFY, PREPARE, WEBHOOK, Channel, Playbook, utc_now
from care.preparing import DraftingTools
from care.quality_desk import draw
from care.results import keep_days
from care.routing_watch import RoutingWatch
from care.settling import settle_again
from care.surge_watch import SurgeWatch
from care.unit_of_work import Store, Work
from wiring.assemble import Assembly
from wiring.beside import anchor
from wiring.drift import weekly_look
from wiring.logs import set_up_logs
from wiring.opening import forgetting, look_again
from wiring.queue import RqQueue
from wiring.serving import serving_ids
from wiring.settings import Settings

log = structlog.get_logger("tactful.sweep")

ENOUGH_QUEUED = 50
"""With this many jobs waiting, bells are not lost but in a queue, and ringing again would only make it longer."""

RING_AT_MOST = 1000

CLIMB_EVERY_S = 15.0
"""Steps are minutes apart: looking more often would only load the database."""

SURGE_EVERY_S = 30.0
"""A surge is known when its minute is over."""

REVIEW_EVERY_S = 300.0
"""A play is flagged after five or ten decisions of people, who take minutes over them."""

SEAL_EVERY_S = 60.0
SEAL_AGE_S = 60.0
"""How old an event is before it is sealed: by then nobody writes one with a smaller number."""

ERASE_LOOK_S = 600.0
NIGHT = (1, 5)
"""Hours of this machine's clock in which what is over is deleted; later where nothing ran at night."""

CLEAR_EVERY_S = 300.0
"""Files are kept for days."""
DRIFT_EVERY_S = 900.0
"""Only asks whether a week is over, or another bundle serves."""
KEEP_DAYS_EVERY_S = 600.0
"""A year of days is added up in five hours of sweeping, by and by."""


def run_sweep(settings: Settings, *, stop: threading.Event | None = None) -> None:
    """Sweep every few seconds until SIGTERM or `stop`. Two at once do no harm."""
    set_up_logs(settings)
    stop = stop or _stopped_by_signal()
    parts, every_s = Assembly(settings), settings.workers.sweep_s
    store, queue, channels = parts.store, parts.queue, parts.channels
    surges = SurgeWatch(store, lambda: parts.playbook)
    routing = RoutingWatch(store, lambda: parts.playbook)
    # Tone and judge are loaded when a crisis first begins.
    crises = CrisisWatch(store, lambda: DraftingTools(parts.playbook.edition(), parts.tone, utc_now, parts.judge))
    # The playbook is opened in the first round that needs it: what waits is rung again even while it cannot be used.
    rounds = [
        Round(every_s, lambda: sweep(store, queue, channels, unrung_s=settings.workers.unrung_s, spool=parts.spool)),
        Round(max(CLIMB_EVERY_S, every_s), lambda: tick(store, lambda: parts.playbook, now=utc_now())),
        Round(max(REVIEW_EVERY_S, every_s), lambda: review(store, parts.playbook)),
        Round(
            max(CLEAR_EVERY_S, every_s),
            lambda: clear(store, parts.files, days=settings.attachments.days, now=utc_now()),
        ),
        Round(max(KEEP_DAYS_EVERY_S, every_s), lambda: draw(store, parts.playbook, now=utc_now())),
        Round(max(KEEP_DAYS_EVERY_S, every_s), lambda: keep_days(store, parts.playbook, now=utc_now())),
        Round(
            max(CLEAR_EVERY_S, every_s),
            lambda: forget_answers(store, days=settings.webhooks.days, now=utc_now()),
        ),
        Round(
            max(CLEAR_EVERY_S, every_s),
            lambda: forget_unread(store, days=settings.retention.quarantine_days, now=utc_now()),
        ),
        Round(max(SURGE_EVERY_S, every_s), lambda: surges.look(now=utc_now())),
        Round(max(CLIMB_EVERY_S, every_s), lambda: routing.look(now=utc_now())),
        Round(every_s, crises.look),
        Round(max(CLIMB_EVERY_S, every_s), lambda: tell_promoted(store, serving_ids(settings))),
        Round(max(DRIFT_EVERY_S, every_s), lambda: weekly_look(store, settings, now=utc_now())),
        Round(every_s, lambda: look_again(parts)),
        Round(SEAL_EVERY_S, lambda: seal(store, settings)),
        Round(ERASE_LOOK_S, lambda: nightly(parts, now=datetime.now().astimezone())),
        Round(ERASE_LOOK_S, lambda: forgetting(parts).again()),
    ]
    log.info("sweep started", every_s=every_s)
    while not stop.is_set():
        for errand in rounds:
            errand.run()
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
        except Exception as error:
            # Whatever it is, the other rounds go on.
            log.error("a part of the sweep failed", exc_info=error)
            done = {}
        # A little early: a wait that ends a moment too soon must not cost a whole one.
        self._next = now + self._every_s * 0.9
        if done:
            log.info("swept", **done)


def sweep(
    store: Store, queue: RqQueue, channels: Mapping[str, Channel], *, unrung_s: float, spool: Spool | None = None
) -> dict[str, int]:
    """One round, each part of it a transaction of its own. Returns what was done, counted.

    spool: what channels have answered; it is brought in before anything is called unknown.
    """
    n_back = take_back(store, spool, now=utc_now()) if spool is not None else 0
    takes_twice = frozenset(name for name, channel in channels.items() if channel.is_idempotent)
    done = {"outcomes_taken_back": n_back} if n_back else {}
    expired: tuple[Callable[[Work], dict[str, int]], ...] = (
        lambda work: work.recovery.expired_replies(idempotent_channels=takes_twice),
        lambda work: work.recovery.expired_tasks(),
        lambda work: work.recovery.expired_telling(),
    )
    for part in expired:
        with store() as work:
            done |= part(work)
            for case_id in work.recovery.cases:
                settle_again(work, case_id, by="tactful")
        reach(Point.SWEEP_BETWEEN)
    waiting = queue.lengths()
    for job in (PREPARE, DELIVER, NOTIFY, WEBHOOK):
        if waiting.get(job, 0) < ENOUGH_QUEUED and (n_rung := _ring_again(store, queue, job, unrung_s=unrung_s)):
            done[f"{job}_rung"] = n_rung
    return done


def _ring_again(store: Store, queue: RqQueue, job: str, *, unrung_s: float) -> int:
    with store() as work:
        silent = {
            PREPARE: work.recovery.unrung_tasks,
            DELIVER: work.recovery.unrung_replies,
            NOTIFY: work.recovery.unrung_notices,
            WEBHOOK: work.recovery.unrung_deliveries,
        }
        ids = silent[job](unrung_s=unrung_s, limit=RING_AT_MOST)
    return sum(queue.ring(job, id) for id in ids)


def seal(store: Store, settings: Settings) -> dict[str, int]:
    """Close what is old enough of the audit trail, and keep each end of it outside of the store."""
    n = 0
    while True:
        with store() as work:
            closed = work.seals.seal(least_age_s=SEAL_AGE_S)
        if closed is None:
            return {"events_sealed": n} if n else {}
        anchor(settings.home, closed)
        n += closed.n_events


def nightly(parts: Assembly, *, now: datetime) -> dict[str, int]:
    """Once a night: delete what retention says."""
    done = parts.settings.home / ".night"
    since_h = (now.timestamp() - done.stat().st_mtime) / 3600 if done.exists() else 1e9
    is_night = NIGHT[0] <= now.hour < NIGHT[1]
    if since_h < (20 if is_night else 26):
        return {}
    settings = parts.settings
    gone = forgetting(parts).retire(settings.retention.days, settings.channels, is_dry=False)
    done.touch(mode=0o600)
    return {f"retired.{name}": n for name, n in gone.items()}


def tick(store: Store, playbook: Callable[[], Playbook], *, now: datetime) -> dict[str, int]:
    """What the clock does to cases. Returns events, counted."""
    passed = {**break_promises(store, now=now), **lapse_handovers(store, now=now), **wake_snoozed(store)}
    return {**passed, **climb(store, playbook().policy, now=now)}


def forget_answers(store: Store, *, days: int, now: datetime) -> dict[str, int]:
    """Drop what was sent to endpoints and answered to repeated requests long ago. Returns what was done, counted."""
    with store() as work:
        done = {
            "deliveries_forgotten": work.endpoints.forget(before=now - timedelta(days=days)),
            "answers_forgotten": work.answers.forget(before=now),
        }
    return {name: n for name, n in done.items() if n}


def forget_unread(store: Store, *, days: int, now: datetime) -> dict[str, int]:
    """Drop what nobody could read and nobody looked at for so long. Returns how many, by what was done."""
    with store() as work:
        n = work.quarantine.forget(before=now - timedelta(days=days))
    return {"quarantined_forgotten": n} if n else {}


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
