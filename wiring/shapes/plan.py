"""The written plan of a team's care, as other systems and `tactful plan check --json` have it."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from care.plan import FindingKind, Plan
from wiring.shapes.base import Out


class PlanLineOut(Out):
    """Something that stands, and the file with its line and key, the setting or the table that it comes from."""

    says: str
    where: str


class PlanFindingOut(Out):
    """Something to mend, and what to do."""

    kind: FindingKind
    what: str
    where: str
    fix: str


class PlanRowOut(Out):
    """One question of the worksheet."""

    key: str
    asks: str
    lines: tuple[PlanLineOut, ...]
    findings: tuple[PlanFindingOut, ...]


class PlanOut(Out):
    """A plan as of a moment; figures are those of `from` to `to`, both included."""

    object: Literal["plan"] = "plan"
    made_at: datetime
    playbook_version: str
    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date, Field(serialization_alias="to")]
    n_findings: int
    rows: tuple[PlanRowOut, ...]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(
            made_at=plan.made_at,
            playbook_version=plan.version,
            first=plan.first,
            last=plan.last,
            n_findings=len(plan.findings),
            rows=tuple(map(PlanRowOut.of, plan.rows)),
        )
