"""What cannot wait, in words of a hand that the risk heads never read.

    python -m benchmarks.risk [--home .tactful] [--file FILE] [--missed]

FILE: a CSV with `text` and `risk` (kinds joined by +, empty for ordinary messages); ours is `fixtures/risk_unseen.csv`,
written by somebody who read nothing of the project and used for no training and no choice. --missed prints what was not
told of, to the terminal only.
"""

import argparse
import csv
from pathlib import Path

from benchmarks.machine import RESULTS, heading, row
from care.classification import RISKS
from wiring.assemble import Assembly
from wiring.settings import load_settings

UNSEEN = Path(__file__).resolve().parents[1] / "fixtures" / "risk_unseen.csv"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--home", type=Path, default=Path(".tactful"))
    arguments.add_argument("--file", type=Path, default=UNSEEN)
    arguments.add_argument("--missed", action="store_true")
    given = arguments.parse_args()
    with given.file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    classifier = Assembly(load_settings(home=given.home), threads=2).classifier
    told = [
        frozenset(risk.kind for risk in one.risk) for one in classifier.classify_many([row["text"] for row in rows])
    ]
    wanted = [frozenset(one["risk"].split("+")) - {""} for one in rows]
    lines = [
        heading("What cannot wait, in an unseen hand"),
        "| kind | messages | told, as this kind | told at all |",
        "|---|---|---|---|",
    ]
    for kind in RISKS:
        found = [one for one, kinds in zip(told, wanted, strict=True) if kind in kinds]
        if found:
            lines.append(
                row(kind, len(found), share([kind in one for one in found]), share([bool(one) for one in found]))
            )
    ordinary = [bool(one) for one, kinds in zip(told, wanted, strict=True) if not kinds]
    any_kind = [bool(one) for one, kinds in zip(told, wanted, strict=True) if kinds]
    lines += ["", f"Of {len(any_kind)} messages with some risk {share(any_kind)} are told of; "
              f"of {len(ordinary)} ordinary ones {share(ordinary)} are."]  # fmt: skip
    print("\n".join(lines))
    if given.file == UNSEEN:
        (RESULTS / "risk.md").write_text("\n".join(lines) + "\n", "utf-8")
    if given.missed:
        for one, kinds, text in zip(told, wanted, (row["text"] for row in rows), strict=True):
            if bool(one) != bool(kinds):
                print(sorted(kinds), sorted(one), text)


def share(found: list[bool]) -> str:
    """Of true ones, to three places."""
    return f"{sum(found) / len(found):.3f}"


if __name__ == "__main__":
    main()
