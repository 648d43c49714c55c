"""Who else is here: who holds the case, who asks for it, who writes and who looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from care.hold import ASK_S, SEEN_S, Doing, Hold, Presence
from care.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Colleagues:
    """What everybody does right now, by case."""

    holds: Mapping[str, Hold] = field(default_factory=dict)
    present: Mapping[str, Sequence[Presence]] = field(default_factory=dict)


def colleagues_of(work: Work) -> Colleagues:
    present: dict[str, list[Presence]] = {}
    for person in work.holds.present(seen_s=SEEN_S):
        present.setdefault(person.case_id, []).append(person)
    return Colleagues({hold.case_id: hold for hold in work.holds.held()}, present)


@dataclass(frozen=True, slots=True)
class PresenceView:
    """Who holds one case and who has it open. holder: empty where nobody does. others: name and what they do."""

    holder: str = ""
    is_mine: bool = False
    fence: int | None = None
    until: datetime | None = None
    asked_by: str = ""
    i_asked: bool = False
    yields_at: datetime | None = None
    """When whoever asked gets it, unless its holder says no before."""
    others: Sequence[tuple[str, str]] = ()

    @property
    def is_theirs(self) -> bool:
        """Whether somebody else writes here, so that one only reads."""
        return bool(self.holder) and not self.is_mine

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.holder.split()[:2]).upper()


def presence_view(case_id: str, colleagues: Colleagues, *, me: str, names: Mapping[str, str]) -> PresenceView:
    others = [
        (names.get(person.person_id, "somebody"), "writing" if person.doing is Doing.WRITING else "looking")
        for person in colleagues.present.get(case_id, ())
        if person.person_id != me
    ]
    hold = colleagues.holds.get(case_id)
    if hold is None:
        return PresenceView(others=others)
    return PresenceView(
        holder=names.get(hold.person_id, "somebody"),
        is_mine=hold.person_id == me,
        fence=hold.fence,
        until=hold.until,
        asked_by=names.get(hold.asked_by, "somebody") if hold.asked_by else "",
        i_asked=hold.asked_by == me,
        yields_at=hold.asked_at + timedelta(seconds=ASK_S) if hold.asked_at else None,
        others=others,
    )
