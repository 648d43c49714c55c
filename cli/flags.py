"""Flags in groups: a command takes one value for what belongs together, and Typer sees every flag by itself."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Annotated, Any, get_type_hints

import typer

from training.options import CleanOptions, ReadOptions


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command as Typer wants it. A parameter whose type is a dataclass becomes one flag a field."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type[Any]] = {
        name: kind for name, kind in hints.items() if isinstance(kind, type) and is_dataclass(kind)
    }
    flat = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            flat += _flags_of(groups[name])
        else:
            kind = inspect.Parameter.KEYWORD_ONLY
            flat.append(parameter.replace(kind=kind, annotation=hints[name]))

    def called(**given: Any) -> None:
        made = {
            name: kind(**{flag.name: given.pop(flag.name) for flag in fields(kind)}) for name, kind in groups.items()
        }
        command(**made, **given)

    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in flat}
    return called


def _flags_of(group: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(
            flag.name,
            kind,
            default=inspect.Parameter.empty if flag.default is MISSING else flag.default,
            annotation=hints[flag.name],
        )
        for flag in fields(group)
    ]


def set_flags(*groups: Any) -> list[str]:
    """The names of the flags that somebody set to something else than their defaults."""
    return [
        f"--{flag.name.replace('_', '-')}"
        for group in groups
        for flag in fields(group)
        if (getattr(group, flag.name) or None) != (flag.default or None)
    ]


@dataclass(frozen=True)
class ColumnFlags:
    """Which columns of a file are read."""

    label: Annotated[list[str] | None, typer.Option(help="task=column; give it once for each task.")] = None
    text: Annotated[str, typer.Option(help="Column of the message.")] = "text"
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, where it has several.")] = None

    def options(self, *, group: str | None = None, clean: CleanOptions | None = None) -> ReadOptions:
        """Raises BadParameter for a label that is none."""
        return ReadOptions(labels_of(self.label or []), self.text, group, self.sheet, clean or CleanOptions())


@dataclass(frozen=True)
class CleanFlags:
    """How labels are cleaned before they are learnt."""

    allow_conflicts: Annotated[bool, typer.Option(help="Keep texts that stand there with different labels.")] = False
    strict: Annotated[bool, typer.Option(help="Refuse what would be settled and told: twins, conflicts, blanks.")] = (
        False
    )
    keep_label: Annotated[
        list[str] | None, typer.Option(help="A word like none or NA that is a label here; may be repeated.")
    ] = None
    first_label: Annotated[bool, typer.Option(help="Of a list of labels, take the first.")] = False

    def options(self) -> CleanOptions:
        return CleanOptions(self.strict, self.allow_conflicts, self.first_label, tuple(self.keep_label or ()))


@dataclass(frozen=True)
class OutputFlags:
    """How a command speaks."""

    as_json: Annotated[bool, typer.Option("--json", help="The result as one JSON object.")] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")] = False


_TAKEN = ("sensitive", "language", "model", "entities", "object", "id")


def labels_of(label: list[str]) -> dict[str, str]:
    """task=column options as a mapping; a bare column names its task too."""
    labels = {}
    for option in label:
        task, _, column = option.partition("=")
        if not task or task in labels or task in _TAKEN:
            raise typer.BadParameter(f"--label {option}: say task=column, each task once.")
        labels[task] = column or task
    return labels
