"""What can be measured of this machine, for /metrics: heartbeats, restarts, disk, drift, the age of the last backup."""

import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wiring.drift import last_look
from wiring.lock import service_of
from wiring.processes import restarts, silent_s

BACKED_UP = ".backed-up"
"""Touched in the home at the end of every backup."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. label: its value of the only label that its name has, "" where it has none."""

    name: str
    value: float
    label: str = ""


def measures(home: Path) -> list[Measure]:
    """Everything that is known of the service in this home now."""
    disk = Measure("disk_free_bytes", shutil.disk_usage(home).free)
    return [*_processes(home), disk, _backup(home), *_drift(home)]


def backup_age_s(home: Path) -> float:
    """Seconds since the last backup from this home; infinite where there never was one."""
    try:
        return max(0.0, time.time() - (home / BACKED_UP).stat().st_mtime)
    except OSError:
        return math.inf


def _backup(home: Path) -> Measure:
    return Measure("backup_age_seconds", backup_age_s(home))


def _drift(home: Path) -> Iterator[Measure]:
    look = last_look(home)
    for task, is_drifted in sorted(look.tasks.items()) if look is not None else ():
        yield Measure("drift", is_drifted, task)


def _processes(home: Path) -> Iterator[Measure]:
    if service_of(home) is None:
        return
    again = restarts(home)
    for path in sorted((home / "run").glob("*.beat")):
        yield Measure("heartbeat_age_seconds", silent_s(home, path.stem) or 0.0, path.stem)
        yield Measure("process_restarts", again.get(path.stem, 0), path.stem)
