"""What all shapes have in common: how they are made of our values, and how their times and gaps are written."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    computed_field,
)

from care.times import rfc_3339


class Out(BaseModel):
    """A shape that leaves. Clients ignore keys and values that they do not know: both are added to."""

    model_config = ConfigDict(
        from_attributes=True,
        validate_by_name=True,
        serialize_by_alias=True,
        frozen=True,
        json_schema_serialization_defaults_required=True,
    )

    @classmethod
    def of(cls, value: Any) -> Self:
        """The shape of one of our values, by the names of its attributes."""
        return cls.model_validate(value)

    @classmethod
    def adding(cls, known: "Out", **more: Any) -> Self:
        """A shape that has the fields of a shorter one, and more."""
        return cls.model_validate({**dict(known), **more})

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self.model_dump(mode="json")

    def as_line(self) -> str:
        """One line of JSON Lines in ASCII, so that half a surrogate pair in a text cannot stop the output."""
        return json.dumps(self.as_json(), ensure_ascii=True) + "\n"


def in_parts(*parts: str) -> ConfigDict:
    """For a shape of a value in parts: a field that the value has not itself is looked for in these parts."""

    def places(name: str) -> AliasChoices:
        return AliasChoices(name, *(AliasPath(part, name) for part in parts))

    return ConfigDict(alias_generator=AliasGenerator(validation_alias=places))


Moment = Annotated[
    datetime,
    PlainSerializer(rfc_3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-02T09:30:00.000Z"]}),
]
"""A time in UTC with `Z` and milliseconds."""

Text = TypeVar("Text", bound=str)


def _none_if_empty(value: object) -> object:
    return value or None


def _is_there(value: object) -> bool:
    return value is not None


OrNull = Annotated[Text | None, BeforeValidator(_none_if_empty)]
"""A text; null where we keep an empty one."""

IsThere = Annotated[bool, BeforeValidator(_is_there)]
"""Whether the attribute is set at all."""


def rounded(digits: int) -> Callable[[float], float]:
    return lambda value: round(value, digits)


Score = Annotated[float, AfterValidator(rounded(6)), Field(ge=0, le=1)]
Share = Annotated[float, AfterValidator(rounded(4)), Field(ge=0, le=1)]


def left_out(**settings: Any) -> Any:
    """A field that is left out where it is None."""
    return Field(default=None, exclude_if=lambda value: value is None, **settings)


Item = TypeVar("Item")


class ListOut(Out, Generic[Item]):
    """One page of a list. `next_cursor`, given back as `cursor`, opens the next one; null on the last."""

    object: Literal["list"] = "list"
    data: tuple[Item, ...]
    next_cursor: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def has_more(self) -> bool:
        return self.next_cursor is not None

    @classmethod
    def of_all(cls, items: Iterable[Item], *, next_cursor: str | None = None) -> Self:
        """A page of shapes."""
        return cls(data=tuple(items), next_cursor=next_cursor)
