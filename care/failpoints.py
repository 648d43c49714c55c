"""Points at which a test ends this process, lets it fail, or stops it: `TACTFUL_FAILPOINT=deliver.inflight=kill`.

Without that variable a point does nothing and costs a tenth of a microsecond. `docs/failpoints.md` has the table;
`tests/journeys/test_failpoints.py` kills a process at each, and fails for one that it does not name.
"""

import os
import signal
from dataclasses import dataclass
from enum import StrEnum

FLAG = "TACTFUL_FAILPOINT"
"""NAME=ACTION, or NAME@2=ACTION for the second time it is reached. Actions: kill, raise, stop."""


class Point(StrEnum):
    """Where a process may end, by the order of a message's life."""

    INBOX_VERIFIED = "inbox.verified"
    RECEIVE_UNCOMMITTED = "receive.uncommitted"
    RECEIVE_COMMITTED = "receive.committed"
    INBOX_TAKEN = "inbox.taken"
    JOB_POPPED = "job.popped"
    PREPARE_CLAIMED = "prepare.claimed"
    PREPARE_READ = "prepare.read"
    PREPARE_DRAFTED = "prepare.drafted"
    PREPARE_UNCOMMITTED = "prepare.uncommitted"
    PREPARE_SAVED = "prepare.saved"
    APPROVE_DECIDED = "approve.decided"
    APPROVE_COMMITTED = "approve.committed"
    DELIVER_CLAIMED = "deliver.claimed"
    DELIVER_TAKING_OFF = "deliver.taking_off"
    DELIVER_INFLIGHT = "deliver.inflight"
    CHANNEL_HALF_WRITTEN = "channel.half_written"
    CHANNEL_ANSWERED = "channel.answered"
    DELIVER_ANSWERED = "deliver.answered"
    DELIVER_LANDING = "deliver.landing"
    DELIVER_LANDED = "deliver.landed"
    TRAIL_UNWRITTEN = "trail.unwritten"
    SWEEP_BETWEEN = "sweep.between"
    FORGET_BETWEEN = "forget.between"
    QUARANTINE_TAKEN = "quarantine.taken"
    MIGRATE_UNCOMMITTED = "migrate.uncommitted"


class FailpointError(RuntimeError):
    """What a point raises that was told to fail."""


@dataclass(slots=True)
class _Armed:
    point: Point
    action: str
    left: int


def read(said: str) -> _Armed | None:
    """What the flag says. Raises ValueError for a point or an action that there is not."""
    if not said:
        return None
    named, _, action = said.partition("=")
    name, _, nth = named.partition("@")
    if action not in ("kill", "raise", "stop"):
        raise ValueError(f"{FLAG}: the action is kill, raise or stop, not {action!r}")
    return _Armed(Point(name), action, int(nth or 1))


def arm(said: str) -> None:
    """Arm a point in this process from now on; "" for none."""
    global _armed
    _armed = read(said)


def is_armed(point: Point) -> bool:
    return _armed is not None and _armed.point is point


def reach(point: Point) -> None:
    """This process is here now."""
    if _armed is not None and _armed.point is point:
        _act(_armed)


def _act(armed: _Armed) -> None:
    armed.left -= 1
    if armed.left:
        return
    if armed.action == "raise":
        raise FailpointError(armed.point)
    os.kill(os.getpid(), signal.SIGKILL if armed.action == "kill" else signal.SIGSTOP)


_armed = read(os.environ.get("TACTFUL_FAILPOINT", ""))
