"""How the plays do, and which goals are reached."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field

from care.learning import PlayFlag
from care.parts import flat
from care.results import Results
from wiring.shapes.base import ListOut, Out, in_parts, rounded


class PlayCountOut(Out):
    """What became of one play's drafts. `edits`: how often each kind of edit was made. `kept`: 0 to 1, of the words."""

    play: Annotated[str, Field(validation_alias="play_id")]
    shown: Annotated[int, Field(validation_alias="n_shown")]
    accepted: Annotated[int, Field(validation_alias="n_accepted")]
    edited: Annotated[int, Field(validation_alias="n_edited")]
    rejected: Annotated[int, Field(validation_alias="n_rejected")]
    edits: Annotated[dict[str, int], BeforeValidator(dict)]
    kept: Annotated[float, AfterValidator(rounded(3)), Field(validation_alias="share_kept")]


class ChangeOut(Out):
    before: str
    after: str


class PlayFlagOut(Out):
    """Something the owner of a play should look at. `change`: what people keep writing in its place."""

    play: str
    kind: Literal["rejected", "rewritten"]
    what: str
    owner: str
    change: ChangeOut | None

    @classmethod
    def of(cls, value: PlayFlag) -> Self:
        change = None if value.change is None else ChangeOut(before=value.change[0], after=value.change[1])
        return cls.model_validate({**flat(value), "kind": value.kind, "change": change})


class GoalOut(Out):
    """One goal of the playbook. `measured` and `reached` are null while there is nothing to measure."""

    goal: Annotated[str, Field(validation_alias="name")]
    target: float
    of_: Annotated[float, Field(validation_alias="of", serialization_alias="of")]
    reached: Annotated[bool | None, Field(validation_alias="is_reached")]
    cases: Annotated[int, Field(validation_alias="n_cases")]
    measured: Annotated[float | None, AfterValidator(lambda value: value if value is None else round(value, 2))]


class PlayStatsOut(Out):
    object: Literal["play_stats"] = "play_stats"
    data: tuple[PlayCountOut, ...]
    flags: tuple[PlayFlagOut, ...]
    goals: tuple[GoalOut, ...]

    @classmethod
    def of(cls, value: Results) -> Self:
        flags = [PlayFlagOut.of(flag) for flag in value.flags]
        return cls.model_validate({"data": value.counts, "flags": flags, "goals": value.goals})


class WordingOut(Out):
    """One wording of a play, with its slots. `situation`: when it is for, such as `public known`."""

    situation: str
    text: str


class SignOffOut(Out):
    """Who approved the words of a play, for `legal` or `medical` matter, on which day."""

    for_: Annotated[str, Field(validation_alias="matter", serialization_alias="for")]
    by: str
    on: date


class PlayOut(Out):
    """A play as the playbook has it. `reference`: as drafts name it. `intents`: none means anything.
    `matters`: legal or medical, what its words speak of. `withheld`: why it is not offered, empty where it is."""

    model_config = in_parts("source", "sign_offs")

    object: Literal["play"] = "play"
    id: str
    reference: str
    title: str
    file: str
    approach: str
    tone: str
    owner: str
    version: int
    intents: tuple[str, ...]
    actions: tuple[str, ...]
    needs: tuple[str, ...]
    offline: Annotated[bool, Field(validation_alias="is_offline")]
    wordings: tuple[WordingOut, ...]
    examples: tuple[str, ...]
    matters: tuple[str, ...]
    signed: tuple[SignOffOut, ...]
    withheld: str


class PlayListOut(ListOut[PlayOut]):
    """The plays of the playbook."""
