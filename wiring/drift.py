"""Holds the messages of the last weeks beside what the bundles that serve learnt: when asked, and once a week."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from care.drift import DriftReference, DriftStanding, find_drift
from care.errors import BundleError
from care.events import DRIFTED
from care.unit_of_work import Store
from wiring.beside import write_whole
from wiring.settings import Settings

DAYS = 28
_MOST = 5000
"""Messages of a weekly look, the newest: a few seconds in which the sweep does nothing else."""
_LOOK = ".drift.json"
"""In the home: when the last weekly look was, at which bundles, and what of each task."""
_EVERY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DriftLook:
    """The last weekly look. bundles: ids that served. tasks: whether each has drifted; those that it can be told of."""

    at: datetime
    bundles: str
    tasks: Mapping[str, bool]


def references_of(settings: Settings) -> dict[str, DriftReference]:
    """By task what the bundle that serves it keeps of its held-out rows. Raises BundleError."""
    from model.bundle import read_manifest

    found = _references(read_manifest(settings.bundle.resolve()))
    for task, folder in settings.model.bundles.items():
        own = _references(read_manifest(folder.resolve()))
        if task in own:
            found[task] = own[task]
    return found


def _references(manifest: Mapping[str, Any]) -> dict[str, DriftReference]:
    kept, metrics, bundle = manifest.get("reference", {}), manifest.get("metrics", {}), str(manifest["id"])
    found = {}
    for entry in manifest["tasks"]:
        task = str(entry["task"])
        accuracy = metrics.get(task, {}).get("accuracy")
        found[task] = DriftReference(bundle, **kept.get(task, {}), accuracy=accuracy)
    return found


def weekly_look(store: Store, settings: Settings, *, now: datetime) -> dict[str, int]:
    """Look once a week, and when another bundle serves; tell what drifted. Returns events, counted.

    Told at most once a week, whoever looks: by an event in the trail, which endpoints hear of.
    """
    try:
        references = references_of(settings)
    except BundleError:
        # Doctor and readiness tell of it.
        return {}
    bundles = ", ".join(sorted({reference.bundle for reference in references.values()}))
    last = last_look(settings.home)
    if last is not None and last.bundles == bundles and timedelta() <= now - last.at < _EVERY:
        return {}
    report = find_drift(store, references, now=now, days=DAYS, most=_MOST)
    told = (DriftStanding.DRIFTED, DriftStanding.STEADY)
    tasks = {task.task: task.standing is DriftStanding.DRIFTED for task in report.tasks if task.standing in told}
    _keep(settings.home, DriftLook(now, bundles, tasks))
    if not report.drifted:
        return {}
    with store() as work:
        was = work.trail.latest(DRIFTED)
        if was is not None and was.subject_id == bundles and now - was.at < _EVERY:
            return {}
        facts = {"tasks": ", ".join(report.drifted), "n": report.n_messages, "days": DAYS}
        work.note(DRIFTED, bundles, by="tactful", facts=facts)
    return {DRIFTED: 1}


def last_look(home: Path) -> DriftLook | None:
    """The last weekly look from this home; None where there was none that can be read."""
    try:
        kept = json.loads((home / _LOOK).read_text("utf-8"))
        return DriftLook(datetime.fromisoformat(kept["at"]), kept["bundles"], kept["tasks"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(home: Path, look: DriftLook) -> None:
    kept = {"at": look.at.isoformat(), "bundles": look.bundles, "tasks": dict(look.tasks)}
    write_whole(home / _LOOK, json.dumps(kept))
