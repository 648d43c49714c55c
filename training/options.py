"""What a person may say about a training run: how rows are read, and what is made of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from care.ports import Redactor
from training.recipe import TrainRecipe

Say = Callable[[str], None]


def _nothing(line: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class CleanOptions:
    """How labels are cleaned.

    strict: refuse what would be settled and told. allow_conflicts: keep texts that stand there with different labels.
    first_label: of a list of labels, take the first. keep_labels: words like "none" that are labels here after all.
    """

    strict: bool = False
    allow_conflicts: bool = False
    first_label: bool = False
    keep_labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadOptions:
    """Which columns of a file are read.

    labels: task -> column. text: column of the message. group: column of what a row belongs to; calibration, thresholds
    and figures then rest on groups a model never saw. sheet: of a workbook that has several. added: files of
    `tactful corrections export`, whose labels count before those of the rows.
    """

    labels: Mapping[str, str]
    text: str = "text"
    group: str | None = None
    sheet: str | None = None
    clean: CleanOptions = CleanOptions()
    added: tuple[Path, ...] = ()


@dataclass(frozen=True)
class TrainOptions:
    """Where a bundle is made, and how.

    out: folder of the new bundle. home: where the exported encoder lies. encoder: "minilm", "none" or a local folder.
    facts: what else the manifest should say. redactor: masks the messages; without it ours does.
    """

    out: Path
    home: Path
    encoder: str = "minilm"
    name: str = ""
    recipe: TrainRecipe = field(default_factory=TrainRecipe)
    threads: int = 2
    redactor: Redactor | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    say: Say = _nothing
