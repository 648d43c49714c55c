"""`python -m training`: retrain, promote and roll back from the command line of an operator."""

import argparse
import sys
import tomllib
from pathlib import Path

from care.errors import TactfulError
from training.gate import compare, promote, rollback
from training.recipe import Recipe
from training.run import train


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
            word.add_argument("--force", action="store_true", help="also when it is worse")
    asked = parser.parse_args(arguments)
    try:
        if asked.word == "run":
            _run(asked.config)
        elif asked.word == "promote":
            verdict = compare(asked.bundle, asked.bundles / "current")
            _say("\n".join(verdict.lines))
            if not verdict.is_better and not asked.force:
                _say("not promoted; --force does it anyway")
                return 3
            promote(asked.bundle, asked.bundles)
            _say(f"{asked.bundles / 'current'} is now {asked.bundle.resolve()}")
        else:
            _say(f"{asked.bundles / 'current'} is now {rollback(asked.bundles)}")
    except TactfulError as error:
        _say(f"training: {error}")
        return 1
    return 0


def _run(config: Path) -> None:
    settings = tomllib.loads(config.read_text("utf-8"))
    place = config.parent
    report = train(
        [place / name for name in settings["data"]["files"]],
        text=settings["data"].get("text", "text"),
        labels=settings["data"]["labels"],
        out=place / settings["out"],
        home=Path(settings["home"]).expanduser(),
        encoder=settings.get("encoder", "minilm"),
        recipe=Recipe(**settings.get("recipe", {})),
        progress=_say,
    )
    _say(f"{report.bundle_id} in {report.folder}")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
