"""What can be done to several cases at once, as the head of the list offers it."""

from collections.abc import Mapping, Sequence

from api.console import wording
from api.console.standing_view import SNOOZES
from api.console.viewer import Viewer
from api.depends import Parts
from care.bulk import BulkAct
from care.handing_over import reachable_names
from care.snooze import presets

Options = Sequence[tuple[str, str]]


def bulk_choices(parts: Parts, viewer: Viewer) -> Mapping[str, Options]:
    """By group, the value of each choice and how it is said."""
    policy = parts.playbook.policy
    to = [("me", "Me"), ("nobody", "Nobody"), *viewer.others]
    teams = sorted({*parts.playbook.teams, *reachable_names(policy)})
    intents = parts.journey.classifier.labels.get("intent", ())
    times = [(str(preset), SNOOZES[preset]) for preset, _ in presets(viewer.now, zone=policy.zone)]
    return {
        "Assign to": _of(BulkAct.ASSIGN, to),
        "Team": _of(BulkAct.TEAM, [(team, wording.capital(wording.words(team))) for team in teams]),
        "About": _of(BulkAct.LABEL, [(label, wording.capital(wording.words(label))) for label in intents]),
        "Snooze": _of(BulkAct.SNOOZE, times),
    }


def _of(act: BulkAct, options: Options) -> Options:
    return [(f"{act}:{value}", said) for value, said in options]
