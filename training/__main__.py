"""`python -m training`: retrain, promote and roll back from the command line of an operator."""

import argparse
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from care.errors import BadSettings, NotFound, Problem, TactfulError
from training.gate import compare, killed_by, promote, rollback
from training.recipe import TrainRecipe
from training.run import check_free, train
from wiring.settings import load_settings


def main(arguments: list[str] | None = None) -> int:
    """Run one word. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    words = parser.add_subparsers(dest="word", required=True)
    run = words.add_parser("run", help="train a bundle as a config file says")
    run.add_argument("config", type=Path)
    for name, what in (
        ("promote", "let BUNDLES/current name a bundle; the service reads what model.bundle names"),
        ("rollback", "let BUNDLES/current name the one before"),
    ):
        word = words.add_parser(name, help=what)
        word.add_argument("--bundles", type=Path, required=True, help="folder that holds the bundles")
        if name == "promote":
            word.add_argument("bundle", type=Path)
            word.add_argument("--playbook", type=Path, help="folder of the playbook; without it the one in use")
            word.add_argument(
                "--force",
                metavar="REASON",
                help="also when it is worse or kills a rule or a play; kept in history.jsonl",
            )
    asked = parser.parse_args(arguments)
    try:
        if asked.word == "run":
            _run(asked.config)
        elif asked.word == "promote":
            return _promote(asked.bundle, asked.bundles, playbook=asked.playbook, reason=asked.force)
        else:
            _say(f"{asked.bundles / 'current'} is now {rollback(asked.bundles)}")
    except TactfulError as error:
        _say(f"training: {error}")
        return 1
    except OSError as error:
        _say(f"training: {error.filename or ''}: {error.strerror}")
        return 1
    return 0


def _promote(bundle: Path, bundles: Path, *, playbook: Path | None, reason: str | None) -> int:
    """Returns the exit code: 3 where something speaks against it and nobody gave a reason."""
    if reason is not None and not reason.strip():
        _say("not promoted: --force needs the reason, which is kept")
        return 2
    verdict = compare(bundle, bundles / "current")
    settings = load_settings(**({"playbook": playbook} if playbook else {}))
    killed = killed_by(bundle, bundles=bundles, settings=settings)
    named = [f"{problem.where}: {problem.what}" for problem in killed]
    _say("\n".join([*verdict.lines, *named]))
    worse = [] if verdict.is_better else ["it is worse than the current one"]
    if (named or worse) and reason is None:
        _say(f"not promoted: {' and '.join([*worse, *_lost(killed)])}")
        _say('--force "why" does it anyway, and keeps the reason')
        return 3
    despite = [*worse, *named]
    promote(bundle, bundles, reason=(reason or "").strip() if despite else "", despite=despite)
    _say(f"{bundles / 'current'} is now {bundle.resolve()}")
    return 0


def _lost(killed: Sequence[Problem]) -> list[str]:
    """How many would be lost, and what to do about all of them."""
    if not killed:
        return []
    what = "1 rule or play" if len(killed) == 1 else f"{len(killed)} rules and plays"
    return [f"{what} would never hold again ({killed[0].fix})"]


def _run(config: Path) -> None:
    wanted = _wanted(config)
    if not wanted.pop("replace", False):
        check_free(wanted["out"])
    report = train(**wanted, progress=_say)
    for line in report.told:
        _say(f"note: {line}")
    _say(f"{report.bundle_id} in {report.folder}")


_OF_DATA = {
    "files": list,
    "labels": dict,
    "text": str,
    "sheet": str,
    "group": str,
    "allow_conflicts": bool,
    "strict": bool,
    "first_label": bool,
    "keep_labels": list,
}
_OF_RUN = {"encoder": str, "out": str, "home": str, "replace": bool, "data": dict, "recipe": dict}


def _wanted(config: Path) -> dict[str, Any]:
    """What a config file asks for. Raises BadSettings with what is wrong in it and where."""
    try:
        settings = tomllib.loads(config.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound("file", str(config)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is not UTF-8"
        raise BadSettings(f"{config.name} is not TOML: {where}") from None
    _check(config, "", settings, _OF_RUN, needs=("out", "home", "data"))
    data, recipe = settings["data"], settings.get("recipe", {})
    _check(config, "data.", data, _OF_DATA, needs=("files", "labels"))
    kinds = {one.name: type(one.default) for one in fields(TrainRecipe)}
    _check(config, "recipe.", recipe, {name: list if kind is tuple else kind for name, kind in kinds.items()})
    place = config.parent
    settled: dict[str, Any] = {name: tuple(of) if isinstance(of, list) else of for name, of in recipe.items()}
    return {
        "path": [place / str(name) for name in data.pop("files")],
        "text": "text",
        **data,
        "labels": {str(task): str(column) for task, column in data["labels"].items()},
        "out": place / settings["out"],
        "home": Path(settings["home"]).expanduser(),
        "encoder": settings.get("encoder", "minilm"),
        "replace": settings.get("replace", False),
        "recipe": TrainRecipe(**settled),
    }


def _check(config: Path, at: str, found: dict[str, Any], kinds: dict[str, type], *, needs: Sequence[str] = ()) -> None:
    for name in needs:
        if name not in found:
            raise BadSettings(f"{config.name}: {at}{name} is missing.")
    for name, value in found.items():
        if name not in kinds:
            raise BadSettings(f"{config.name}: {at}{name} is not known; known are {', '.join(kinds)}.")
        wanted = kinds[name]
        is_right = isinstance(value, wanted) and not (isinstance(value, bool) and wanted is not bool)
        if not is_right and not (wanted is float and type(value) is int):
            raise BadSettings(f"{config.name}: {at}{name} is a {type(value).__name__}; write a {wanted.__name__}.")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
