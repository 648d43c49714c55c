"""A crisis as other systems and the command line see it."""

from typing import Literal, Self

from care.crisis import Crisis, CrisisCounts, CrisisStep
from care.reply import ToneReport
from care.unit_of_work import Work
from wiring.shapes.base import Moment, Out, in_parts


class StatementOut(Out):
    """What is said, and who approved it."""

    public_text: str
    private_text: str
    approved_by: str


class CrisisLineOut(Out):
    """One decision. `statement`: the words that held from then on, null where it ended."""

    step: CrisisStep
    by: str
    at: Moment
    statement: StatementOut | None


class CrisisOut(Out):
    """A crisis or a drill of one. `n_matched`: cases it was about; `n_answered`: those its statement was sent to."""

    model_config = in_parts("matter")

    object: Literal["crisis"] = "crisis"
    id: str
    name: str
    reason: str
    is_on: bool
    is_drill: bool
    intents: tuple[str, ...]
    phrases: tuple[str, ...]
    channels: tuple[str, ...]
    statement: StatementOut
    began_by: str
    began_at: Moment
    ended_by: str | None
    ended_at: Moment | None
    log: tuple[CrisisLineOut, ...]
    n_matched: int = 0
    n_answered: int = 0

    @classmethod
    def counted(cls, work: Work, crisis: Crisis) -> Self:
        """With its cases counted now."""
        counts: CrisisCounts = work.crises.counts(crisis.id)
        shape = cls.of(crisis)
        return shape.model_copy(update={"n_matched": counts.n_matched, "n_answered": counts.n_answered})


class CrisisStandingOut(Out):
    """The crisis that is on, null for none, and those that were, the latest first."""

    object: Literal["crisis_standing"] = "crisis_standing"
    on: CrisisOut | None
    past: tuple[CrisisOut, ...]

    @classmethod
    def of_work(cls, work: Work, *, limit: int = 20) -> Self:
        """As it stands now."""
        known = [CrisisOut.counted(work, crisis) for crisis in work.crises.latest(limit=limit)]
        on = next((crisis for crisis in known if crisis.is_on), None)
        return cls(on=on, past=tuple(crisis for crisis in known if not crisis.is_on))


def say_tone(report: ToneReport) -> str:
    """The verdict on a statement in words."""
    found = "; ".join(finding.message for finding in report.findings)
    return f"{report.verdict}: {found}" if found else str(report.verdict)
