"""What `tactful drift` found, as JSON."""

from collections.abc import Sequence

from care.drift import DriftStanding
from wiring.shapes.base import Moment, Out


class ShiftOut(Out):
    """A share beside its reference. name: a label, `under the threshold` or `low scores`. p: adjusted (Holm)."""

    name: str
    share: float
    before: float
    p: float
    is_drifted: bool


class PeopleSaidOut(Out):
    """Of answers that people corrected or let stand, which are no sample; intervals are of 95 %."""

    n: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    calibration_error: float
    too_sure: float
    too_sure_interval: tuple[float, float]


class TaskDriftOut(Out):
    """One task. shifts: empty where there is nothing to compare or too little to tell."""

    task: str
    bundle: str
    standing: DriftStanding
    n: int
    n_reference: int
    shifts: Sequence[ShiftOut]
    people: PeopleSaidOut | None
    accuracy_before: float | None


class DriftOut(Out):
    """The whole look. is_capped: more messages came than were looked at. drifted: names of tasks."""

    since: Moment
    n_messages: int
    is_capped: bool
    drifted: Sequence[str]
    tasks: Sequence[TaskDriftOut]
