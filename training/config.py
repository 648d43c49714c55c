"""A training run as a TOML file says it: data, labels, and every number that has a default."""

import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from care.errors import BadSettings, NotFound
from training.lesson import Tuning
from training.options import CleanOptions, ReadOptions, Say, TrainOptions
from training.recipe import TrainRecipe


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Data(_Part):
    files: tuple[str, ...] = Field(min_length=1)
    labels: dict[str, str] = Field(min_length=1)
    text: str = "text"
    sheet: str | None = None
    group: str | None = None
    add: tuple[str, ...] = ()
    clean: CleanOptions = CleanOptions()


class TrainConfig(_Part):
    """replace: let the new bundle take the place of the one at `out`. finetune: adapt the encoder, as `tuning` says.

    suspects: a file for labels that are likely wrong.
    """

    out: str
    data: _Data
    encoder: str = "minilm"
    replace: bool = False
    finetune: bool = False
    suspects: str | None = None
    recipe: TrainRecipe = TrainRecipe()
    tuning: Tuning = Tuning()

    def files(self, beside: Path) -> list[Path]:
        return [beside / name for name in self.data.files]

    def read(self, beside: Path) -> ReadOptions:
        data = self.data
        added = tuple(beside / name for name in data.add)
        return ReadOptions(data.labels, data.text, data.group, data.sheet, data.clean, added)

    def options(self, beside: Path, home: Path, say: Say) -> TrainOptions:
        return TrainOptions(beside / self.out, home, self.encoder, recipe=self.recipe, say=say)


def read_config(path: Path) -> TrainConfig:
    """What a file asks for. Raises NotFound; BadSettings with everything that is wrong in it, and where."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound("file", str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path.name} is not TOML: {error}") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{path.name} is not TOML: it is not UTF-8") from None
    try:
        # As JSON, in which lists may stand for the tuples of a recipe.
        return TrainConfig.model_validate_json(json.dumps(said, default=str))
    except ValidationError as error:
        problems = [f"{path.name}: {_said(problem)}" for problem in error.errors()]
        raise BadSettings("; ".join(problems)) from None


def _said(problem: Any) -> str:
    where = ".".join(map(str, problem["loc"]))
    what = {"missing": "is missing", "extra_forbidden": "is not known", "unexpected_keyword_argument": "is not known"}
    return f"{where} {what.get(problem['type'], problem['msg'].lower())}"
