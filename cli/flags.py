"""Flags of the commands that train and measure: what is read, how it is cleaned, where it goes."""

from dataclasses import dataclass
from typing import Annotated

import typer

from cli.options import Sheet
from training.options import CleanOptions, ReadOptions


@dataclass(frozen=True)
class ColumnFlags:
    """Which columns of a file are read."""

    label: Annotated[list[str] | None, typer.Option(help="task=column; give it once for each task.")] = None
    text: Annotated[str, typer.Option(help="Column of the message.")] = "text"
    sheet: Sheet = None

    def options(self) -> ReadOptions:
        """Raises BadParameter for a label that is none."""
        return ReadOptions(labels_of(self.label or []), self.text, sheet=self.sheet)


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
